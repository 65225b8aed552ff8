// What the garbage collector does with one object: by its owners, its finalizers, and what depends on it.

import type { KubeObject, OwnerReference } from '../../api/kubernetes.ts';

export const foregroundFinalizer = 'foregroundDeletion';
export const orphanFinalizer = 'orphan';

/** `absent` owners don't exist (any more); `waiting` ones are being deleted in the foreground. */
export type OwnerState = 'solid' | 'absent' | 'waiting';

export type Collection =
  | { readonly kind: 'keep' }
  | { readonly kind: 'delete'; readonly propagationPolicy: 'Background' | 'Foreground' }
  /** The owners that are left. */
  | { readonly kind: 'drop-owners'; readonly ownerReferences: OwnerReference[] };

/** For an object with owners that isn't being deleted. */
export function decideCollection(
  object: KubeObject,
  owners: readonly { readonly reference: OwnerReference; readonly state: OwnerState }[],
  hasDependents: boolean,
): Collection {
  if (owners.length === 0 || object.metadata.deletionTimestamp !== undefined) {
    return { kind: 'keep' };
  }
  const solid = owners.filter((one) => one.state === 'solid');
  if (solid.length === owners.length) return { kind: 'keep' };
  if (solid.length > 0) {
    return { kind: 'drop-owners', ownerReferences: solid.map((one) => one.reference) };
  }
  const isWaitedFor = owners.some((one) => one.state === 'waiting');
  // What an owner waits for must itself wait for its own dependents.
  if (isWaitedFor && hasDependents) return { kind: 'delete', propagationPolicy: 'Foreground' };
  return { kind: 'delete', propagationPolicy: 'Background' };
}

export type Finalization = 'none' | 'wait' | 'remove-foreground' | 'orphan-dependents';

/** For an object that is being deleted. `blocking`: dependents that hold it up. */
export function decideFinalization(
  object: KubeObject,
  blocking: readonly KubeObject[],
): Finalization {
  const finalizers = object.metadata.finalizers ?? [];
  if (object.metadata.deletionTimestamp === undefined) return 'none';
  if (finalizers.includes(orphanFinalizer)) return 'orphan-dependents';
  if (!finalizers.includes(foregroundFinalizer)) return 'none';
  return blocking.length === 0 ? 'remove-foreground' : 'wait';
}

export function isWaitingForDependents(object: KubeObject): boolean {
  return (
    object.metadata.deletionTimestamp !== undefined &&
    (object.metadata.finalizers ?? []).includes(foregroundFinalizer)
  );
}

/** Whether `dependent` holds up the foreground deletion of the owner with this uid. */
export function isBlocking(dependent: KubeObject, ownerUid: string): boolean {
  return (dependent.metadata.ownerReferences ?? []).some(
    (one) => one.uid === ownerUid && one.blockOwnerDeletion === true,
  );
}
