// Who owns the number of replicas, as the scale subresource sees it: entries of the object, seen as entries of a Scale.

import type { FieldSet } from './field-set.ts';
import { hasPath, isEmptySet, setOf, subtractSets } from './field-set.ts';
import type { Owner, Owners } from './owners.ts';
import { decodeOwners, encodeOwners, ownerId, withSet } from './owners.ts';

const scaleVersion = 'autoscaling/v1';
const replicasInScale = ['f:spec', 'f:replicas'];

/** Where a version of the kind keeps its replicas; null if it has no scale, undefined if there is no such version. */
export type ReplicasPath = (apiVersion: string) => readonly string[] | null | undefined;

/** The managedFields of a Scale, from those of the object it belongs to. */
export function scaleEntries(entries: unknown, pathIn: ReplicasPath): unknown[] | undefined {
  const owners: Owners = new Map();
  for (const [id, owner] of decodeOwners(entries) ?? []) {
    const path = pathIn(owner.apiVersion) ?? null;
    if (path === null || !hasPath(owner.set, path)) continue;
    const replicas = withSet(owner, setOf([replicasInScale]));
    owners.set(id, { ...replicas, apiVersion: scaleVersion });
  }
  return encodeOwners(owners);
}

export interface ScaleWrite {
  readonly parent: unknown;
  readonly scale: unknown;
  readonly apiVersion: string;
  readonly pathIn: ReplicasPath;
}

/** The managedFields of the object after a write of its Scale. */
export function parentEntries({
  parent,
  scale,
  apiVersion,
  pathIn,
}: ScaleWrite): unknown[] | undefined {
  const owners: Owners = new Map();
  const inScale = decodeOwners(scale) ?? new Map<string, Owner>();
  const times = new Map<string, string | undefined>();
  for (const [id, owner] of decodeOwners(parent) ?? []) {
    times.set(id, owner.time);
    const path = pathIn(owner.apiVersion);
    if (path === undefined) continue;
    const kept = path === null || !hasPath(owner.set, path) || inScale.delete(id);
    const set: FieldSet = kept ? owner.set : subtractSets(owner.set, setOf([path]));
    if (!isEmptySet(set)) owners.set(id, set === owner.set ? owner : withSet(owner, set));
  }
  const own = pathIn(apiVersion) ?? replicasInScale;
  for (const owner of inScale.values()) {
    if (!hasPath(owner.set, replicasInScale)) continue;
    const id = ownerId(owner);
    owners.set(id, { ...withSet(owner, setOf([own])), apiVersion, time: times.get(id) });
  }
  return encodeOwners(owners);
}
