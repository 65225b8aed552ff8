// The steps of a rolling update: how far the new ReplicaSet may grow and the old ones may shrink now.

import type { ReplicaSet } from '../../api/kubernetes.ts';
import type { RolloutBounds } from './derive-rollout-bounds.ts';

export interface Resize {
  readonly replicaSet: ReplicaSet;
  readonly replicas: number;
}

export function replicasOf(one: ReplicaSet): number {
  return one.spec.replicas ?? 1;
}

export function sumReplicas(all: readonly ReplicaSet[]): number {
  return all.reduce((sum, one) => sum + replicasOf(one), 0);
}

export function byCreation(a: ReplicaSet, b: ReplicaSet): number {
  const aAt = a.metadata.creationTimestamp ?? '';
  const bAt = b.metadata.creationTimestamp ?? '';
  if (aAt !== bAt) return aAt < bAt ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}

/** Replicas the new ReplicaSet may have now; `current` is what it has (0 when it doesn't exist yet). */
export function deriveNewReplicas(
  current: number,
  total: number,
  { replicas, maxSurge }: RolloutBounds,
): number {
  if (current >= replicas) return replicas;
  const room = replicas + maxSurge - total;
  return room <= 0 ? current : current + Math.min(room, replicas - current);
}

/** First the unhealthy pods of old ReplicaSets go, then healthy ones as far as enough stay available. */
export function planOldScaleDown(
  fresh: ReplicaSet,
  old: readonly ReplicaSet[],
  bounds: RolloutBounds,
): Resize[] {
  const minAvailable = bounds.replicas - bounds.maxUnavailable;
  const freshUnavailable = Math.max(0, replicasOf(fresh) - availableOf(fresh));
  const total = sumReplicas(old) + replicasOf(fresh);
  let removable = total - minAvailable - freshUnavailable;
  if (removable <= 0) return [];
  const left = new Map(old.map((one) => [one, replicasOf(one)]));
  const ordered = [...old].sort(byCreation);
  for (const one of ordered) {
    const unhealthy = Math.max(0, replicasOf(one) - availableOf(one));
    const count = Math.min(removable, unhealthy);
    left.set(one, replicasOf(one) - count);
    removable -= count;
  }
  const available = [fresh, ...old].reduce((sum, one) => sum + availableOf(one), 0);
  let healthy = Math.min(removable, available - minAvailable);
  for (const one of ordered) {
    if (healthy <= 0) break;
    const count = Math.min(healthy, left.get(one) ?? 0);
    left.set(one, (left.get(one) ?? 0) - count);
    healthy -= count;
  }
  return ordered
    .filter((one) => left.get(one) !== replicasOf(one))
    .map((one) => ({ replicaSet: one, replicas: left.get(one) ?? 0 }));
}

/** A status may be older than the last resize: pods that are to go don't count as available any more. */
function availableOf(one: ReplicaSet): number {
  return Math.min(one.status?.availableReplicas ?? 0, replicasOf(one));
}
