// What controller and activator cost while every Function sleeps: time and memory of their own processes.

import { setTimeout as pause } from 'node:timers/promises';
import { pods as podKind } from '../../../api/resources.ts';
import { cpuMsOf, memoryOf } from '../../support/process-tree.ts';
import type { Measurement } from '../report.ts';
import { systemNamespace, type BenchCluster } from './bench-cluster.ts';
import { findPodProcesses } from './pod-processes.ts';

const settleMs = 20_000;
const windowMs = 60_000;
const cpuMillisMax = 20;
const memoryMibMax = 250;
const mebibyte = 2 ** 20;

interface Part {
  /** `controller` or `activator`. */
  readonly name: string;
  readonly pids: readonly number[];
}

interface Cost {
  readonly name: string;
  readonly cpuMillis: number;
  readonly rssMib: number;
  readonly pssMib: number;
}

export async function measureRest(
  bench: BenchCluster,
  functionCount: number,
  progress: (line: string) => void,
): Promise<Measurement[]> {
  progress(`rest: ${settleMs / 1000} s to settle, then ${windowMs / 1000} s`);
  await pause(settleMs);
  const parts = await findParts(bench);
  const before = parts.map(cpuMs);
  const startedMs = performance.now();
  await pause(windowMs);
  const tookMs = performance.now() - startedMs;
  const costs = parts.map((part, at): Cost => {
    const memory = part.pids.map(memoryOf);
    return {
      name: part.name,
      cpuMillis: ((cpuMs(part) - (before[at] ?? NaN)) / tookMs) * 1000,
      rssMib: sum(memory.map((one) => one.rssBytes)) / mebibyte,
      pssMib: sum(memory.map((one) => one.pssBytes ?? NaN)) / mebibyte,
    };
  });
  const what = `at rest, ${functionCount} Functions at zero`;
  return [
    {
      what: `${what}: processor`,
      value: sum(costs.map((one) => one.cpuMillis)),
      unit: 'm',
      target: { below: cpuMillisMax },
      note: `thousandths of a core over ${windowMs / 1000} s: ${list(costs, 'cpuMillis')}`,
    },
    {
      what: `${what}: memory, resident`,
      value: sum(costs.map((one) => one.rssMib)),
      unit: 'MiB',
      target: { below: memoryMibMax },
      note: `${list(costs, 'rssMib')}; proportional: ${list(costs, 'pssMib')}`,
    },
    ...describeSecond(what, costs),
    { what: "Knative's four programs at rest, memory", value: 245, unit: 'MiB', note },
  ];
}

const note = 'for comparison, not measured here';

/** Each activator keeps the same caches, so one more costs as much as the one that was measured. */
function describeSecond(what: string, costs: readonly Cost[]): Measurement[] {
  const activators = costs.filter((one) => one.name === 'activator');
  const [activator] = activators;
  if (activators.length !== 1 || activator === undefined) return [];
  const withTwo = [...costs, activator];
  return [
    {
      what: `${what}: processor, two activators`,
      value: sum(withTwo.map((one) => one.cpuMillis)),
      unit: 'm',
      note: 'reckoned: the measured activator twice',
    },
    {
      what: `${what}: memory, two activators`,
      value: sum(withTwo.map((one) => one.rssMib)),
      unit: 'MiB',
      note: 'reckoned: the measured activator twice',
    },
  ];
}

async function findParts({ target }: BenchCluster): Promise<Part[]> {
  const { items } = await target.kube.list(podKind, { namespace: systemNamespace });
  const pids = findPodProcesses(items);
  return items.map((pod, at) => ({
    name: pod.metadata.labels?.['app.kubernetes.io/component'] ?? pod.metadata.name,
    pids: pids[at] ?? [],
  }));
}

function cpuMs({ pids }: Part): number {
  return sum(pids.map(cpuMsOf));
}

function list(costs: readonly Cost[], field: Exclude<keyof Cost, 'name'>): string {
  return costs.map((one) => `${one.name} ${one[field].toFixed(1)}`).join(', ');
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
