// Compares a warm pool with what there should be, its PodTemplate first and then its parked pods: the pool's only plan.

import type { Pod, PodTemplateObject } from '../../api/kubernetes.ts';
import { digestIn, hashIn, hashOf, sizeIn } from './build-pool-objects.ts';
import { isAlive, isReady } from './derive-pod-state.ts';

export type PoolAction =
  | { readonly kind: 'create' }
  /** Another size, another runtime image or key. */
  | { readonly kind: 'update'; readonly found: PodTemplateObject }
  /** Kubernetes collects its pods. */
  | { readonly kind: 'delete'; readonly uid: string }
  | { readonly kind: 'make'; readonly count: number; readonly ownerUid: string }
  | { readonly kind: 'take'; readonly pods: readonly Pod[] };

export interface PoolSnapshot {
  /** As it should be, with its digest and the size that was decided. */
  readonly wanted: PodTemplateObject;
  readonly found: PodTemplateObject | undefined;
  /** All that count as the pool's, claimed and not yet adopted ones too. */
  readonly pods: readonly Pod[];
  /** Parked pods that hold a function already and are not adopted yet. */
  readonly claimsOpen: number;
  /** Whether this leader has asked all parked pods whose they are. */
  readonly isSwept: boolean;
}

/** Share of the size that there may be more while pods are renewed: a pool that is renewed must not be empty. */
const surge = 0.5;

export function planPool(snapshot: PoolSnapshot): PoolAction[] {
  const { wanted, found, claimsOpen, isSwept } = snapshot;
  const size = sizeIn(wanted);
  if (found === undefined) return size === 0 ? [] : [{ kind: 'create' }];
  const { uid = '', deletionTimestamp } = found.metadata;
  if (deletionTimestamp !== undefined) return [];
  // Whatever takes pods away may take one that somebody is being served by: first they are adopted.
  const mayTake = claimsOpen === 0 && isSwept;
  if (size === 0) return mayTake ? [{ kind: 'delete', uid }] : [];
  const isOther = digestIn(wanted) !== digestIn(found) || size !== sizeIn(found);
  // Pods of an earlier PodTemplate of this name go with it.
  const own = snapshot.pods.filter((pod) => isOwnedBy(pod, uid));
  return [
    ...(isOther ? [{ kind: 'update', found } as const] : []),
    ...planPods(own, { size, mayTake, hash: hashIn(wanted), ownerUid: uid }),
  ];
}

interface PodsWanted {
  readonly size: number;
  readonly mayTake: boolean;
  readonly hash: string;
  readonly ownerUid: string;
}

function planPods(pods: readonly Pod[], wanted: PodsWanted): PoolAction[] {
  const { size, mayTake, hash, ownerUid } = wanted;
  const alive = pods.filter(isAlive);
  const fresh = alive.filter((pod) => hashOf(pod) === hash);
  const stale = alive.filter((pod) => hashOf(pod) !== hash);
  const room = stale.length === 0 ? Infinity : size + Math.ceil(size * surge) - alive.length;
  const count = Math.min(size - fresh.length, room);
  // What has ended holds no function any more.
  const taken = pods.filter((pod) => !isAlive(pod) && pod.metadata.deletionTimestamp === undefined);
  if (mayTake) {
    const staleKept = Math.max(0, size - fresh.filter(isReady).length);
    taken.push(...leastUseful(stale, stale.length - staleKept));
    taken.push(...leastUseful(fresh, fresh.length - size));
  }
  return [
    ...(count > 0 ? [{ kind: 'make', count, ownerUid } as const] : []),
    ...(taken.length > 0 ? [{ kind: 'take', pods: taken } as const] : []),
  ];
}

/** Those that can't be claimed yet come first, and of these the youngest. */
function leastUseful(pods: readonly Pod[], count: number): Pod[] {
  const key = (pod: Pod): string =>
    `${isReady(pod) ? 0 : 1}/${pod.metadata.creationTimestamp ?? ''}/${pod.metadata.name}`;
  return pods.toSorted((a, b) => (key(a) > key(b) ? -1 : 1)).slice(0, Math.max(0, count));
}

function isOwnedBy({ metadata }: Pod, uid: string): boolean {
  return metadata.ownerReferences?.some((owner) => owner.uid === uid) === true;
}
