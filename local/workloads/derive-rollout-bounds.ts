// How many pods a rollout may have above and below the wanted count.

import type { Deployment } from '../../api/kubernetes.ts';

export interface RolloutBounds {
  readonly replicas: number;
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

/** Percentages of surge round up, of unavailability down; both at zero would allow no step, so one may be missing. */
export function deriveRolloutBounds(deployment: Deployment): RolloutBounds {
  const { replicas = 1, strategy } = deployment.spec;
  if (strategy?.type === 'Recreate') return { replicas, maxSurge: 0, maxUnavailable: 0 };
  const { maxSurge = '25%', maxUnavailable = '25%' } = strategy?.rollingUpdate ?? {};
  const surge = countOf(maxSurge, replicas, Math.ceil);
  const missing = countOf(maxUnavailable, replicas, Math.floor);
  const least = surge === 0 && missing === 0 ? 1 : missing;
  return { replicas, maxSurge: surge, maxUnavailable: Math.min(least, replicas) };
}

function countOf(
  value: number | string,
  replicas: number,
  round: (value: number) => number,
): number {
  if (typeof value === 'number') return Math.max(0, value);
  const percent = /^(\d+)%$/.exec(value)?.[1];
  return percent === undefined ? 0 : round((Number(percent) * replicas) / 100);
}
