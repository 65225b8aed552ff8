// How a Deployment that is scaled in the middle of a rollout spreads the change over its ReplicaSets.

import type { Deployment, ReplicaSet } from '../../api/kubernetes.ts';
import { deploymentAnnotations } from './build-replica-set.ts';
import { deriveRolloutBounds } from './derive-rollout-bounds.ts';
import { byCreation, replicasOf, sumReplicas, type Resize } from './plan-rolling-update.ts';

/**
 * Whether the Deployment's replicas changed since its active ReplicaSets were last resized: then the change is spread
 * before the rollout goes on.
 */
export function isScaling(deployment: Deployment, all: readonly ReplicaSet[]): boolean {
  const wanted = deployment.spec.replicas ?? 1;
  return all
    .filter((one) => replicasOf(one) > 0)
    .some((one) => {
      const desired = one.metadata.annotations?.[deploymentAnnotations.desiredReplicas];
      return desired !== undefined && Number(desired) !== wanted;
    });
}

export function planScale(
  deployment: Deployment,
  fresh: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): Resize[] {
  const wanted = deployment.spec.replicas ?? 1;
  const all = fresh === undefined ? [...old] : [fresh, ...old];
  const active = all.filter((one) => replicasOf(one) > 0);
  if (active.length <= 1) {
    const only = active[0] ?? fresh ?? [...old].sort(byCreation).at(-1);
    return only === undefined ? [] : [{ replicaSet: only, replicas: wanted }];
  }
  if (fresh !== undefined && isSaturated(deployment, fresh)) {
    return active.filter((one) => one !== fresh).map((replicaSet) => ({ replicaSet, replicas: 0 }));
  }
  return spread(deployment, active);
}

function isSaturated(deployment: Deployment, fresh: ReplicaSet): boolean {
  const wanted = deployment.spec.replicas ?? 1;
  const desired = Number(fresh.metadata.annotations?.[deploymentAnnotations.desiredReplicas]);
  return (
    replicasOf(fresh) === wanted &&
    desired === wanted &&
    (fresh.status?.availableReplicas ?? 0) === wanted
  );
}

/** Larger ReplicaSets take a larger share; what rounding leaves goes to the largest. */
function spread(deployment: Deployment, active: readonly ReplicaSet[]): Resize[] {
  const { replicas, maxSurge } = deriveRolloutBounds(deployment);
  const allowed = replicas > 0 ? replicas + maxSurge : 0;
  const toAdd = allowed - sumReplicas(active);
  const ordered = [...active].sort((a, b) => compareForSpread(a, b, toAdd));
  let added = 0;
  const sizes = ordered.map((one) => {
    const share = shareOf(one, allowed, toAdd - added);
    added += share;
    return replicasOf(one) + share;
  });
  if (sizes[0] !== undefined) sizes[0] = Math.max(0, sizes[0] + toAdd - added);
  return ordered.map((replicaSet, index) => ({ replicaSet, replicas: sizes[index] ?? 0 }));
}

/** Growing starts with the newer of equal sizes, shrinking with the older. */
function compareForSpread(a: ReplicaSet, b: ReplicaSet, toAdd: number): number {
  const bySize = replicasOf(b) - replicasOf(a);
  if (bySize !== 0) return bySize;
  return toAdd > 0 ? byCreation(b, a) : byCreation(a, b);
}

function shareOf(one: ReplicaSet, allowed: number, rest: number): number {
  const size = replicasOf(one);
  if (allowed === 0) return -size;
  const before = Number(one.metadata.annotations?.[deploymentAnnotations.maxReplicas] ?? 0);
  const base = before > 0 ? before : allowed;
  const share = Math.round((size * allowed) / base) - size;
  return rest > 0 ? Math.min(Math.max(share, 0), rest) : Math.max(Math.min(share, 0), rest);
}
