// How many pods a ReplicaSet must make or give up, and which pods it takes in or lets go.

import type { Pod, ReplicaSet } from '../../api/kubernetes.ts';
import { deriveController } from './derive-controller.ts';
import { decideSelectorMatch } from './decide-selector-match.ts';
import { isPodActive } from './derive-pod-state.ts';
import { pickPodsToDelete } from './pick-pods-to-delete.ts';

/** More than this in one look would starve everything else; the rest follows in the next look. */
export const burstPodsMax = 500;

export interface ClaimPlan {
  /** Owned already and still selected. */
  readonly kept: Pod[];
  /** Selected, with no controller: get an owner reference. */
  readonly adopt: Pod[];
  /** Owned, but no longer selected: lose the owner reference. */
  readonly release: Pod[];
}

/** Sorts the active pods of a namespace into those kept, adopted and released. */
export function planClaims(owner: ReplicaSet, pods: readonly Pod[]): ClaimPlan {
  const plan: ClaimPlan = { kept: [], adopt: [], release: [] };
  const isGoing = owner.metadata.deletionTimestamp !== undefined;
  for (const pod of pods) {
    const controller = deriveController(pod);
    const isSelected = decideSelectorMatch(owner.spec.selector, pod.metadata.labels);
    if (controller === undefined) {
      if (isSelected && !isGoing && isPodActive(pod)) plan.adopt.push(pod);
    } else if (controller.uid === owner.metadata.uid) {
      if (isSelected) plan.kept.push(pod);
      else if (!isGoing && pod.metadata.deletionTimestamp === undefined) plan.release.push(pod);
    }
  }
  return plan;
}

export type ReplicaPlan =
  | { readonly kind: 'none' }
  | { readonly kind: 'create'; readonly count: number }
  | { readonly kind: 'delete'; readonly pods: readonly Pod[] };

/** Compares the wanted count with the active pods. `related` is for the ranking of pods to delete. */
export function planReplicas(
  owner: ReplicaSet,
  pods: readonly Pod[],
  options: { readonly related: readonly Pod[]; readonly nowMs: number },
): ReplicaPlan {
  if (owner.metadata.deletionTimestamp !== undefined) return { kind: 'none' };
  const active = pods.filter(isPodActive);
  const missing = (owner.spec.replicas ?? 1) - active.length;
  if (missing > 0) return { kind: 'create', count: Math.min(missing, burstPodsMax) };
  if (missing === 0) return { kind: 'none' };
  const count = Math.min(-missing, burstPodsMax);
  const { related, nowMs } = options;
  return { kind: 'delete', pods: pickPodsToDelete(active, related, { count, nowMs }) };
}
