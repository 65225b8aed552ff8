// PATCH of an object or a subresource: JSON patch, merge patch, strategic merge patch and server-side apply.

import { applyPatch } from 'rfc6902';
import type { Operation as PatchOperation } from 'rfc6902';
import { cloneJson, isMap, setKey } from './any-object.ts';
import type { JsonMap } from './any-object.ts';
import { applyObject, applyPatchType, isApply } from './apply/apply-object.ts';
import { withoutOwners } from './apply/kind-of-object.ts';
import { decodeObject } from './decode-object.ts';
import { readNamed } from './get.ts';
import type { ResourceInfo } from './resource-info.ts';
import type { Answer, Call, ServerParts } from './server-parts.ts';
import { MergeFailedError } from './builtin/build-strategic-merge.ts';
import { buildGoText } from './build-go-text.ts';
import { notAList, notAMap, patchFailed, patchTypeUnknown } from './patch-errors.ts';
import { badRequest, buildStatusError, internal, unsupportedMediaType } from './status-error.ts';
import { checkUid, replaceObject } from './update.ts';
import { checkManagerOptions } from './write-options.ts';

const jsonPatch = 'application/json-patch+json';
const mergePatch = 'application/merge-patch+json';
const strategicPatch = 'application/strategic-merge-patch+json';
/** Operations in one JSON patch, as on a real server. */
const operationsMax = 10_000;

export function patchObject(parts: ServerParts, call: Call): Answer {
  checkManagerOptions(call, 'PatchOptions', isApply(call));
  if (isApply(call)) return applyObject(parts, call);
  const current = readNamed(parts, call);
  // Entries of owners that the patch doesn't touch need not be copied: the server works them out anyway.
  const touchesOwners = JSON.stringify(call.body ?? null).includes('managedFields');
  const target = touchesOwners ? current.object : withoutOwners(current.object);
  const patched = applyAnyPatch(parts, call, target);
  const wanted = decodeObject({ ...call, body: patched });
  checkUid(call, current, wanted);
  // Reading, patching and writing is one synchronous step: only a version in the patch itself can conflict.
  return replaceObject(parts, { ...call, patched: showPatched(call, patched) }, current, wanted);
}

/** What a refusal quotes: the object that came out or, of a strategic merge, the patch. */
function showPatched(call: Call, patched: JsonMap): NonNullable<Call['patched']> {
  if (typeOfPatch(call) !== strategicPatch)
    return { isStrategic: false, show: () => JSON.stringify(patched) };
  return { isStrategic: true, show: () => buildGoText(call.body) };
}

function typeOfPatch(call: Call): string {
  return (call.contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

/** The object after the patch; `object` isn't changed. Throws 400, 415 or 422. */
export function applyAnyPatch(parts: ServerParts, call: Call, object: object): JsonMap {
  const result = applyOfType(parts, call, typeOfPatch(call), object);
  if (!isMap(result)) throw badRequest('the patch does not leave an object');
  return result;
}

function applyOfType(parts: ServerParts, call: Call, type: string, object: object): unknown {
  if (type === jsonPatch) return applyJsonPatch(call, object);
  if (type === mergePatch) return applyMergePatch(object, readPatchMap(call, false));
  if (type === strategicPatch) {
    if (call.info.isCustom) throw unsupportedMediaType(supportedText(call.info));
    return applyStrategicPatch(parts, call, object);
  }
  throw call.info.isCustom ? unsupportedMediaType(supportedText(call.info)) : patchTypeUnknown();
}

function applyStrategicPatch(parts: ServerParts, call: Call, object: object): unknown {
  const patch = readPatchMap(call, true);
  try {
    return parts.rules.strategicMerge(call.info, object, patch);
  } catch (error) {
    const { message } = error as Error;
    throw error instanceof MergeFailedError ? internal(message) : badRequest(message);
  }
}

function supportedText(info: ResourceInfo): string {
  const types = [jsonPatch, mergePatch, ...(info.isCustom ? [] : [strategicPatch]), applyPatchType];
  return `the body of the request was in an unknown format - accepted media types include: ${types.join(', ')}`;
}

function readPatchMap(call: Call, isStrategic: boolean): JsonMap {
  if (isMap(call.body)) return call.body;
  throw notAMap(call.body, isStrategic);
}

function applyJsonPatch(call: Call, object: object): unknown {
  if (!Array.isArray(call.body)) throw notAList(call.body);
  if (call.body.length > operationsMax) {
    throw buildStatusError({
      code: 413,
      reason: 'RequestEntityTooLarge',
      message: `The allowed maximum operations in a JSON patch is ${operationsMax}, got ${call.body.length}`,
    });
  }
  const copy = cloneJson(object) as unknown;
  for (const one of cloneJson(call.body as unknown[])) {
    const [failed] = applyPatch(copy, [readOperation(one, copy)]);
    if (failed !== null) throw patchFailed();
  }
  return copy;
}

/** With the leniency of a real server: it adds what can't be replaced, and takes a path without its first slash. */
function readOperation(operation: unknown, target: unknown): PatchOperation {
  const { op, path, from = '' } = isMap(operation) ? operation : {};
  if (typeof path !== 'string' || typeof from !== 'string') throw patchFailed();
  const found = path === '' || path.startsWith('/') ? path : path.slice(path.indexOf('/'));
  if (found !== '' && !found.startsWith('/')) throw patchFailed();
  const fixed = { ...(operation as object), path: found };
  const isAddition = op === 'replace' && found !== '' && isAbsentField(target, found);
  return (isAddition ? { ...fixed, op: 'add' } : fixed) as PatchOperation;
}

function isAbsentField(target: unknown, path: string): boolean {
  const steps = path.slice(1).split('/');
  const names = steps.map((one) => one.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = names.pop() ?? '';
  let value = target;
  for (const name of names) {
    if (Array.isArray(value)) value = (value as unknown[])[Number(name)];
    else value = isMap(value) ? ownValue(value, name) : undefined;
  }
  return isMap(value) && !Object.hasOwn(value, last);
}

/** RFC 7386. */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return cloneJson(patch);
  const result: JsonMap = isMap(target) ? { ...cloneJson(target) } : {};
  for (const key of Object.keys(patch)) {
    const value = patch[key];
    if (value === undefined) continue;
    if (value === null) delete result[key];
    else setKey(result, key, applyMergePatch(ownValue(result, key), value));
  }
  return result;
}

function ownValue(map: JsonMap, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}
