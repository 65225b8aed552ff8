// Field ownership and apply through the scale subresource, which writes one field of its object.

import type { AnyObject } from '../any-object.ts';
import { cloneJson } from '../any-object.ts';
import { apiVersionOf } from '../resource-info.ts';
import type { ResourceInfo } from '../resource-info.ts';
import type { Call, ServerParts } from '../server-parts.ts';
import type { StoredObject } from '../storage.ts';
import { isForced, readConfig, refuseAsStatus } from './apply-object.ts';
import type { Write } from './field-manager.ts';
import { applyConfig, trackUpdate, writeOf } from './field-manager.ts';
import { fieldElement } from './path-element.ts';
import type { ReplicasPath } from './scale-owners.ts';
import { parentEntries, scaleEntries } from './scale-owners.ts';

const scaleInfo: ResourceInfo = {
  group: 'autoscaling',
  version: 'v1',
  plural: 'scales',
  singular: 'scale',
  kind: 'Scale',
  listKind: 'ScaleList',
  shortNames: [],
  categories: [],
  namespaced: true,
  subresources: [],
  verbs: ['get', 'patch', 'update'],
  hasGeneration: false,
  isCustom: false,
};

/** A Scale with the owners that the object's replicas have. */
export function withScaleOwners(
  parts: ServerParts,
  call: Call,
  scale: object,
  of: AnyObject,
): AnyObject {
  const next = cloneJson(scale) as AnyObject;
  const entries = scaleEntries(of.metadata.managedFields, replicasPathIn(parts, call.info));
  if (entries !== undefined) next.metadata.managedFields = entries;
  return next;
}

/** The Scale after an apply, with its owners. */
export function applyToScale(parts: ServerParts, call: Call, live: AnyObject): AnyObject {
  const config = readConfig(call, 'autoscaling/v1', 'Scale');
  return refuseAsStatus(() => applyConfig(writeOfScale(parts, call), live, config, isForced(call)));
}

/** The Scale after any other write, with its owners. */
export function trackScale(
  parts: ServerParts,
  call: Call,
  live: AnyObject,
  next: AnyObject,
): AnyObject {
  const tracked = cloneJson(next);
  trackUpdate(writeOfScale(parts, call), live, tracked);
  return tracked;
}

/** Gives `wanted` the owners that it has after a write of its Scale. */
export function takeScaleOwners(
  parts: ServerParts,
  call: Call,
  scale: AnyObject,
  { current, wanted }: { current: StoredObject; wanted: AnyObject },
): void {
  const entries = parentEntries({
    parent: current.object.metadata.managedFields,
    scale: scale.metadata.managedFields,
    apiVersion: apiVersionOf(call.info),
    pathIn: replicasPathIn(parts, call.info),
  });
  if (entries === undefined) delete wanted.metadata.managedFields;
  else wanted.metadata.managedFields = entries;
}

function writeOfScale(parts: ServerParts, call: Call): Write {
  return { ...writeOf(parts, call), info: scaleInfo };
}

function replicasPathIn(parts: ServerParts, info: ResourceInfo): ReplicasPath {
  return (apiVersion) => {
    if (!info.isCustom) {
      return apiVersion === apiVersionOf(info) ? ['f:spec', 'f:replicas'] : undefined;
    }
    const slash = apiVersion.lastIndexOf('/');
    const [group, version] = [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)];
    const found = parts.registry.find(group, version, info.plural);
    if (found === undefined) return undefined;
    return (found.scale?.specReplicasPath ?? '') === ''
      ? null
      : pathElements(found.scale?.specReplicasPath ?? '');
  };
}

/** `.spec.replicas` as path elements. */
function pathElements(path: string): string[] {
  return path
    .split('.')
    .filter((one) => one !== '')
    .map(fieldElement);
}
