// Fifty Functions created at once: how long until all are Ready; then what the platform costs while they sleep.

import type { RouseFunction } from '../../../api/function.ts';
import { functions } from '../../../api/resources.ts';
import { Informer } from '../../../platform/kube/informer.ts';
import { condition } from '../../support/target.ts';
import { percentile, type Measurement } from '../report.ts';
import { readRequestCounts, subtractCounts } from './api-requests.ts';
import type { BenchCluster } from './bench-cluster.ts';
import { plainImage } from './enter-node.ts';
import { measureRest } from './measure-rest.ts';

const count = 50;
const lastMsMax = 15_000;
const deadlineMs = 180_000;
const kinds = {
  'node runtime': (number: number) => ({
    runtime: 'node',
    source: { inline: `export const handler = async () => ({ body: 'I am ${number}' });` },
  }),
  'plain image': () => ({ image: plainImage }),
} as const;

export async function measureCreation(
  bench: BenchCluster,
  progress: (line: string) => void,
): Promise<Measurement[]> {
  const results: Measurement[] = [];
  for (const [kind, build] of Object.entries(kinds)) {
    progress(`creation: ${count} Functions, ${kind}`);
    await bench.settle();
    const before = await readRequestCounts(bench.transport);
    const times = await createAll(bench, build);
    const counts = subtractCounts(await readRequestCounts(bench.transport), before);
    const requests = [...counts.values()].reduce((total, one) => total + one, 0);
    const what = `${count} Functions at once, ${kind}`;
    results.push(
      {
        what: `${what}: all Ready`,
        value: percentile(times, 1) / 1000,
        unit: 's',
        target: { below: lastMsMax / 1000 },
      },
      { what: `${what}: Ready, median`, value: percentile(times, 0.5) / 1000, unit: 's' },
      { what: `${what}: API requests each`, value: requests / count, unit: '' },
    );
    await bench.pods.empty();
    if (kind === 'node runtime') results.push(...(await measureRest(bench, count, progress)));
    await deleteAll(bench);
  }
  const note = 'for comparison, not measured here';
  return [
    ...results,
    { what: `Knative on such a cluster, ${count} at once, last`, value: 33, unit: 's', note },
  ];
}

/** Milliseconds from the first request to each one's condition Ready. */
async function createAll(
  { target }: BenchCluster,
  build: (number: number) => Record<string, unknown>,
): Promise<number[]> {
  const stopper = new AbortController();
  const readyAtMs = new Map<string, number>();
  const { kube: client, namespace } = target;
  const informer = new Informer<RouseFunction>({ client, namespace, resource: functions });
  const late = AbortSignal.timeout(deadlineMs);
  const allReady = new Promise<void>((resolve, reject) => {
    late.addEventListener('abort', () => {
      reject(new Error(`${readyAtMs.size} of ${count} Functions were Ready in ${deadlineMs} ms`));
    });
    informer.onChange(({ object }) => {
      const { name } = object.metadata;
      if (!name.startsWith('many-') || readyAtMs.has(name)) return;
      if (condition(object, 'Ready')?.status !== 'True') return;
      readyAtMs.set(name, performance.now());
      if (readyAtMs.size === count) resolve();
    });
  });
  informer.start(stopper.signal);
  await informer.synced;
  const startedMs = performance.now();
  const creating = Array.from({ length: count }, (_, number) =>
    target.apply(`many-${number}`, build(number)),
  );
  try {
    await Promise.all([allReady, ...creating]);
  } finally {
    stopper.abort();
  }
  return [...readyAtMs.values()].map((atMs) => atMs - startedMs);
}

async function deleteAll({ target, pods }: BenchCluster): Promise<void> {
  const { kube, namespace } = target;
  const { items } = await kube.list(functions, { namespace });
  await Promise.all(items.map(({ metadata }) => kube.delete(functions, metadata)));
  await pods.empty();
}
