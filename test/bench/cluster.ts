// The numbers that must hold on a real Kubernetes: cold start and burst beside Kubernetes' own floor, creation, rest.

import { BenchCluster } from './cluster/bench-cluster.ts';
import { measureApiRequests } from './cluster/measure-api-requests.ts';
import { measureBurst } from './cluster/measure-burst.ts';
import { measureColdStart } from './cluster/measure-cold-start.ts';
import { measureCreation } from './cluster/measure-creation.ts';
import type { Measurement } from './report.ts';

type Progress = (line: string) => void;
type Step = (bench: BenchCluster, progress: Progress) => Promise<Measurement[]>;

export const clusterSteps = {
  'cluster-cold-start': measureColdStart,
  'cluster-api-requests': measureApiRequests,
  'cluster-burst': measureBurst,
  'cluster-creation': measureCreation,
} as const satisfies Readonly<Record<string, Step>>;

/** On the cluster of `npm run cluster`, with the platform installed; leaves nothing behind. */
export async function measureCluster(
  steps: readonly Step[],
  progress: Progress,
): Promise<Measurement[]> {
  const bench = await BenchCluster.connect(progress);
  const stop = () => {
    void bench.dispose().then(() => process.exit(130));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const measurements: Measurement[] = [];
  try {
    for (const step of steps) measurements.push(...(await step(bench, progress)));
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    await bench.dispose();
  }
  return measurements;
}
