// PUT of an object or of its status, and what every change of an existing object has in common.

import { admitObject } from './admit-object.ts';
import type { AnyObject } from './any-object.ts';
import { cloneJson, equalJson, isMap } from './any-object.ts';
import { equalButTimes } from './apply/field-manager.ts';
import { withoutOwners } from './apply/kind-of-object.ts';
import { commitRemove, commitUpdate } from './commit-object.ts';
import { decodeObject } from './decode-object.ts';
import { readNamed } from './get.ts';
import type { ResourceInfo } from './resource-info.ts';
import type { Answer, Call, ServerParts } from './server-parts.ts';
import { answerStored, storageKey } from './server-parts.ts';
import { badRequest, conflict, internal, invalid, uidConflict } from './status-error.ts';
import type { StoredObject } from './storage.ts';
import { checkManagerOptions, readDryRun } from './write-options.ts';

export function updateObject(parts: ServerParts, call: Call): Answer {
  checkManagerOptions(call, 'UpdateOptions', false);
  const sent: unknown = isMap(call.body) ? call.body['metadata'] : undefined;
  const object = decodeObject(call);
  if (!isMap(sent) || (sent['name'] ?? '') === '') {
    throw badRequest(
      `the name of the object (${call.path.name} based on URL) was undeterminable: name must be provided`,
    );
  }
  const current = readNamed(parts, call);
  const version = object.metadata.resourceVersion ?? '';
  if (version === '' && call.info.isCustom) {
    const message = 'Invalid value: 0: must be specified for an update';
    const field = 'metadata.resourceVersion';
    throw invalid(call.info, current.name, [{ reason: 'FieldValueInvalid', field, message }]);
  }
  return replaceObject(parts, call, current, object);
}

/**
 * Puts `wanted` in the place of `current`: only what the addressed subresource may change is taken over. `wanted` is
 * changed. A change that changes nothing isn't written; the last finalizer's removal removes the object.
 */
export function replaceObject(
  parts: ServerParts,
  call: Call,
  current: StoredObject,
  wanted: AnyObject,
): Answer {
  const { info } = call;
  checkVersion(current, wanted);
  const old = current.object;
  const next = takeOver(call, old, wanted);
  const warnings = admitObject(parts, call, next, old);
  keepGeneration(parts, call, old, next);
  const isGone = isReadyToGo(next);
  if (!isGone && equalButTimes(old, next)) return answerStored(call, current, { warnings });
  if (readDryRun(call)) return { kind: 'object', status: 200, object: next, info, warnings };
  const stored = isGone ? commitRemove(parts, current, next) : commitUpdate(parts, current, next);
  if (isGone) {
    // What has gone is shown as it was kept last: the version of its end is only told to watches.
    const metadata = { ...stored.object.metadata };
    if (old.metadata.resourceVersion !== undefined) {
      metadata.resourceVersion = old.metadata.resourceVersion;
    }
    return { kind: 'object', status: 200, object: { ...stored.object, metadata }, info, warnings };
  }
  return answerStored(call, stored, { warnings });
}

/** Throws 422 when a patch or an apply names another object's uid; a PUT that does conflicts. */
export function checkUid(call: Call, current: StoredObject, wanted: AnyObject): void {
  const { uid } = wanted.metadata;
  if (uid === undefined || uid === '' || uid === current.object.metadata.uid) return;
  const message = `Invalid value: ${JSON.stringify(uid)}: field is immutable`;
  const cause = { reason: 'FieldValueInvalid', field: 'metadata.uid', message };
  // Kubernetes says it twice.
  throw invalid(call.info, current.name, [cause, cause]);
}

/** Throws 409 when `wanted` says it is of another version, or another object of that name. */
export function checkVersion(current: StoredObject, wanted: AnyObject): void {
  const { resource, name } = current;
  const { resourceVersion = '', uid = '' } = wanted.metadata;
  const currentUid = current.object.metadata.uid ?? '';
  if (uid !== '' && uid !== currentUid) {
    throw uidConflict(current, uid);
  }
  if (resourceVersion !== '' && !/^\d+$/.test(resourceVersion)) {
    throw internal(`strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`);
  }
  if (resourceVersion !== '' && Number(resourceVersion) !== current.resourceVersion) {
    throw conflict(resource, name);
  }
}

// Built-in status updates keep labels and annotations as they are, and so do those of custom resources.
function takeOver(call: Call, old: AnyObject, wanted: AnyObject): AnyObject {
  const { info } = call;
  const { subresource } = call.path;
  if (subresource === 'status') {
    const next = cloneJson(withoutOwners(old));
    if (wanted.status === undefined) delete next.status;
    else next.status = wanted.status;
    // An apply has worked out the owners already; any other write of a status goes on from those that there are.
    if (call.areOwnersGiven === true) takeOwners(wanted, next);
    return next;
  }
  const next = wanted;
  keepSystemMetadata(old, next);
  if (info.subresources.includes('status')) {
    if (old.status === undefined) delete next.status;
    else next.status = cloneJson(old.status);
  }
  if (storageKey(info) === '/namespaces' && subresource !== 'finalize') {
    (next.spec ??= {})['finalizers'] = cloneJson(old.spec?.['finalizers']) ?? [];
  }
  return next;
}

function takeOwners(from: AnyObject, to: AnyObject): void {
  const { managedFields } = from.metadata;
  if (managedFields === undefined) delete to.metadata.managedFields;
  else to.metadata.managedFields = managedFields;
}

function keepSystemMetadata(old: AnyObject, next: AnyObject): void {
  const before = old.metadata;
  const after = next.metadata as unknown as Record<string, unknown>;
  for (const field of [
    'name',
    'namespace',
    'uid',
    'resourceVersion',
    'generation',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'generateName',
  ] as const) {
    if (before[field] === undefined) delete after[field];
    else after[field] = before[field];
  }
  delete after['selfLink'];
}

/** Counts changes of what the user asks for: everything but metadata and, where it is a subresource, status. */
function keepGeneration(parts: ServerParts, call: Call, old: AnyObject, next: AnyObject): void {
  if (!call.info.hasGeneration) return;
  const isSame = call.path.subresource === 'status' || isSameWish(parts, call.info, old, next);
  next.metadata.generation = (old.metadata.generation ?? 0) + (isSame ? 0 : 1);
}

function isSameWish(
  parts: ServerParts,
  info: ResourceInfo,
  old: AnyObject,
  next: AnyObject,
): boolean {
  // A Deployment's annotations go on to its ReplicaSets, so they count as a wish of their own.
  const isDeployment = info.group === 'apps' && info.plural === 'deployments';
  if (isDeployment && !equalJson(ownAnnotations(old), ownAnnotations(next))) return false;
  if (equalJson(desired(info, old), desired(info, next))) return true;
  // What only a newer schema prunes or fills in isn't a wish of the user.
  const today = cloneJson(old);
  parts.rules.prune(info, today);
  parts.rules.applyDefaults(info, today);
  return equalJson(desired(info, today), desired(info, next));
}

// The revision is its controller's note, which on a real cluster comes with the status.
function ownAnnotations({ metadata }: AnyObject): object {
  const { 'deployment.kubernetes.io/revision': _revision, ...own } = metadata.annotations ?? {};
  return own;
}

function desired(info: ResourceInfo, object: AnyObject): Record<string, unknown> {
  const { metadata: _metadata, status, ...rest } = object;
  return info.isCustom && !info.subresources.includes('status') ? { ...rest, status } : rest;
}

/** Whether nothing holds an object that is being deleted: no finalizer, no time left to end gracefully. */
export function isReadyToGo(object: AnyObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = object.metadata;
  if (deletionTimestamp === undefined || finalizers.length > 0) return false;
  if (deletionGracePeriodSeconds > 0) return false;
  if (object.apiVersion !== 'v1' || object.kind !== 'Namespace') return true;
  const inSpec = isMap(object.spec) ? object.spec['finalizers'] : undefined;
  return !Array.isArray(inSpec) || inSpec.length === 0;
}
