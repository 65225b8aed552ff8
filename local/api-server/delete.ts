// DELETE of one object: graceful for pods, held by finalizers, with the three ways to treat dependents.

import type { AnyObject } from './any-object.ts';
import { cloneJson, equalJson } from './any-object.ts';
import {
  commitRemove,
  commitUpdate,
  definitionFinalizer,
  finishDefinition,
} from './commit-object.ts';
import { readNamed } from './get.ts';
import { definitionsKey } from './resource-registry.ts';
import type { ResourceInfo } from './resource-info.ts';
import type { Answer, Call, ServerParts } from './server-parts.ts';
import { answerStored, storageKey } from './server-parts.ts';
import { conflict, forbidden } from './status-error.ts';
import type { StoredObject } from './storage.ts';
import { timestamp } from './timestamp.ts';
import { isReadyToGo } from './update.ts';
import { readDeleteOptions } from './write-options.ts';
import type { DeleteOptions, Propagation } from './write-options.ts';

const podGraceDefaultSeconds = 30;
const namespacesThatStay = ['default', 'kube-system', 'kube-public'];

export function deleteObject(parts: ServerParts, call: Call): Answer {
  const current = readNamed(parts, call);
  const { uid } = current.object.metadata;
  const stored = deleteStored(parts, call, current, readDeleteOptions(call));
  if (stored !== undefined) return answerStored(call, stored);
  return { kind: 'object', status: 200, object: successStatus(call, uid) };
}

function successStatus(call: Call, uid: string | undefined): object {
  const { group, plural } = call.info;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name: call.path.name, ...(group === '' ? {} : { group }), kind: plural, uid },
  };
}

/** The object if something still holds it (or if it is a pod, which clients want to see); undefined once it is gone. */
export function deleteStored(
  parts: ServerParts,
  call: Call,
  current: StoredObject,
  options: DeleteOptions,
): StoredObject | undefined {
  checkPreconditions(call.info, current, options);
  const { info } = call;
  if (current.resource === '/namespaces' && namespacesThatStay.includes(current.name)) {
    throw forbidden(current.resource, current.name, 'this namespace may not be deleted');
  }
  const next = cloneJson(current.object);
  markDeleted(parts, info, next, options);
  const isPod = info.group === '' && info.plural === 'pods';
  if (isReadyToGo(next)) {
    if (options.isDryRun) return isPod ? current : undefined;
    // Gone at once means never marked: watches see it as it was.
    const gone = commitRemove(parts, current, isPod ? next : cloneJson(current.object));
    return isPod ? gone : undefined;
  }
  if (options.isDryRun) return current;
  const isSame = equalJson(next, current.object);
  const stored = isSame ? current : commitUpdate(parts, current, next);
  if (current.resource === definitionsKey) return deleteCustomObjects(parts, stored);
  return stored;
}

function checkPreconditions(
  info: ResourceInfo,
  current: StoredObject,
  options: DeleteOptions,
): void {
  const { uid, resourceVersion } = current.object.metadata;
  const { name } = current;
  // A delete names the kind where every other verb names the collection.
  const resource = `${info.group}/${info.kind}`;
  if (options.uid !== undefined && options.uid !== uid) {
    const why = `the UID in the precondition (${options.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`;
    throw conflict(resource, name, why);
  }
  if (options.resourceVersion !== undefined && options.resourceVersion !== resourceVersion) {
    const why = `the ResourceVersion in the precondition (${options.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`;
    throw conflict(resource, name, why);
  }
}

function markDeleted(
  parts: ServerParts,
  info: ResourceInfo,
  object: AnyObject,
  options: DeleteOptions,
): void {
  const { metadata } = object;
  setFinalizers(object, options.propagation);
  if (storageKey(info) === definitionsKey && metadata.deletionTimestamp === undefined) {
    metadata.finalizers = [...new Set([...(metadata.finalizers ?? []), definitionFinalizer])];
  }
  const graceSeconds = decideGrace(info, object, options.gracePeriodSeconds);
  const before = metadata.deletionGracePeriodSeconds;
  const isFirst = metadata.deletionTimestamp === undefined;
  // A second delete may shorten the time a pod has left, never lengthen it.
  if (!isFirst && graceSeconds >= (before ?? 0)) return;
  metadata.deletionTimestamp = timestamp(parts.clock.now() + graceSeconds * 1000);
  metadata.deletionGracePeriodSeconds = graceSeconds;
  if (isFirst && metadata.generation !== undefined) metadata.generation += 1;
  if (storageKey(info) === '/namespaces') {
    object.status = { ...object.status, phase: 'Terminating' };
  }
}

// Only pods end gracefully, and only those a kubelet knows of and still runs.
function decideGrace(info: ResourceInfo, object: AnyObject, asked: number | undefined): number {
  if (info.group !== '' || info.plural !== 'pods') return 0;
  const spec = object.spec ?? {};
  const phase = object.status?.['phase'];
  if ((spec['nodeName'] ?? '') === '' || phase === 'Succeeded' || phase === 'Failed') return 0;
  const own = spec['terminationGracePeriodSeconds'];
  const wanted = asked ?? object.metadata.deletionGracePeriodSeconds;
  return wanted ?? (typeof own === 'number' ? Math.max(0, own) : podGraceDefaultSeconds);
}

function setFinalizers(object: AnyObject, propagation: Propagation | undefined): void {
  if (propagation === undefined) return;
  const own = ['orphan', 'foregroundDeletion'];
  const kept = (object.metadata.finalizers ?? []).filter((one) => !own.includes(one));
  if (propagation === 'Orphan') kept.push('orphan');
  if (propagation === 'Foreground') kept.push('foregroundDeletion');
  if (kept.length > 0) object.metadata.finalizers = kept;
  else delete object.metadata.finalizers;
}

/** Deletes what a definition made; the definition itself goes when the last of them has gone. */
function deleteCustomObjects(
  parts: ServerParts,
  definition: StoredObject,
): StoredObject | undefined {
  const spec = definition.object.spec as { group: string; names: { plural: string } };
  const key = `${spec.group}/${spec.names.plural}`;
  for (const current of parts.storage.list(key)) {
    const next = cloneJson(current.object);
    next.metadata.deletionTimestamp ??= timestamp(parts.clock.now());
    next.metadata.deletionGracePeriodSeconds ??= 0;
    if (isReadyToGo(next)) parts.storage.remove(current, next);
    else if (!equalJson(next, current.object)) parts.storage.update(current, next);
  }
  finishDefinition(parts, key);
  return parts.storage.get(definition.resource, '', definition.name);
}
