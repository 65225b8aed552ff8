// Five hundred Functions: how long until all are Ready, and what each costs the activator's heap.

import { functions } from '../../api/resources.ts';
import { findPart } from '../support/process-tree.ts';
import { condition, type Target } from '../support/target.ts';
import { waitFor } from '../support/wait-for.ts';
import { heapUsedBytes } from './heap-used.ts';
import { median, type Measurement } from './report.ts';

const count = 500;
const appliedAtOnce = 8;
const deadlineMs = 180_000;
const coldStarts = 10;

export async function measureManyFunctions(
  target: Target,
  progress: (line: string) => void,
): Promise<Measurement[]> {
  const activator = findPart(target.platform?.pid ?? 0, 'activator');
  const heapBefore = await heapUsedBytes(activator.pid);
  progress(`${count} Functions: applying`);
  const startedMs = performance.now();
  await applyAll(target);
  const appliedMs = performance.now() - startedMs;
  progress(`${count} Functions: applied in ${Math.round(appliedMs)} ms, waiting for Ready`);
  await waitFor(async () => (await countReady(target)) === count, {
    what: `${count} Functions to be Ready`,
    deadlineMs,
  });
  const readyMs = performance.now() - startedMs;
  const heapAfter = await heapUsedBytes(activator.pid);
  progress(`${count} Functions: ${coldStarts} of them called from zero`);
  const cold = await callSome(target);
  return [
    { what: `${count} Functions, applied`, value: appliedMs / 1000, unit: 's' },
    {
      what: `${count} Functions, from the first apply to all Ready`,
      value: readyMs / 1000,
      unit: 's',
      target: { below: 60 },
    },
    {
      what: 'heap of the activator per Function',
      value: (heapAfter - heapBefore) / count / 1000,
      unit: 'kB',
      target: { below: 10 },
      raw: [heapBefore, heapAfter],
      note: 'bytes in use after a forced collection, before and after, read by the inspector',
    },
    {
      what: `cold start among ${count} Functions, p50`,
      value: median(cold),
      unit: 'ms',
      raw: cold,
    },
  ];
}

async function applyAll(target: Target): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const number = next++;
      const inline = `export const handler = async () => ({ statusCode: 200, body: 'I am ${number}' });`;
      await target.apply(`many-${number}`, { runtime: 'node', source: { inline } });
    }
  };
  await Promise.all(Array.from({ length: appliedAtOnce }, worker));
}

/** One after the other, each at zero until now. */
async function callSome(target: Target): Promise<number[]> {
  const times: number[] = [];
  for (let number = 0; number < coldStarts; number += 1) {
    const answer = await target.call(`many-${number * Math.floor(count / coldStarts)}`);
    if (answer.status !== 200) throw new Error(`cold start: ${answer.status} ${answer.text}`);
    times.push(answer.firstByteMs);
  }
  return times;
}

async function countReady(target: Target): Promise<number> {
  const { items } = await target.kube.list(functions, { namespace: target.namespace });
  const many = items.filter((one) => one.metadata.name.startsWith('many-'));
  return many.filter((one) => condition(one, 'Ready')?.status === 'True').length;
}
