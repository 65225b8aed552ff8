// How many requests the API server gets for one cold start, from everybody, beside those of a bare Deployment's start.

import { setTimeout as pause } from 'node:timers/promises';
import { labels } from '../../../api/names.ts';
import { median, type Measurement } from '../report.ts';
import { readRequestCounts, subtractCounts, type RequestCounts } from './api-requests.ts';
import { bareLabel } from './bare-deployments.ts';
import type { BenchCluster } from './bench-cluster.ts';
import { plainImage } from './enter-node.ts';

const rounds = 7;
/** For the last status writes after the pod is Ready; the Function stays awake for longer. */
const afterMs = 700;
const idleSeconds = 6;
const bareName = 'count-bare';
const inline = "export const handler = async () => ({ statusCode: 200, body: 'hello' });";
const specs = {
  'plain image': { name: 'count-image', spec: { image: plainImage } },
  'node runtime': {
    name: 'count-node',
    spec: { runtime: 'node', pool: false, source: { inline } },
  },
} as const;

export async function measureApiRequests(
  bench: BenchCluster,
  progress: (line: string) => void,
): Promise<Measurement[]> {
  progress(`API requests: ${rounds} rounds`);
  const { bare, target } = bench;
  await bare.create(bareName);
  const results: Measurement[] = [];
  const counts = await countRounds(bench, async () => {
    await bare.wake(bareName);
    await bench.pods.isReady(bareLabel, bareName);
    await pause(afterMs);
    return () => bare.sleep(bareName);
  });
  results.push(describe('bare Deployment', counts));
  for (const [kind, { name, spec }] of Object.entries(specs)) {
    await target.deploy(name, { ...spec, scaling: { idleSeconds } });
    const host = await bench.hostOf(name);
    const found = await countRounds(bench, async () => {
      await bench.wake(host);
      await bench.pods.isReady(labels.function, name);
      await pause(afterMs);
      return () => Promise.resolve();
    });
    results.push(describe(kind, found));
  }
  await bench.settle();
  return results;
}

/** The median of each kind of request over the rounds: what others do in one of them is no cold start's. */
async function countRounds(
  bench: BenchCluster,
  start: () => Promise<() => Promise<void>>,
): Promise<RequestCounts> {
  const seen: RequestCounts[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await bench.settle();
    const before = await readRequestCounts(bench.transport);
    const end = await start();
    seen.push(subtractCounts(await readRequestCounts(bench.transport), before));
    await end();
  }
  const keys = new Set(seen.flatMap((one) => [...one.keys()]));
  const middle = [...keys].map(
    (key) => [key, median(seen.map((one) => one.get(key) ?? 0))] as const,
  );
  return new Map(middle.filter(([, count]) => count > 0));
}

function describe(kind: string, counts: RequestCounts): Measurement {
  const list = [...counts]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([key, count]) => `${count} ${key}`);
  return {
    what: `API requests per cold start, ${kind}`,
    value: [...counts.values()].reduce((total, count) => total + count, 0),
    unit: '',
    note: list.join(', '),
  };
}
