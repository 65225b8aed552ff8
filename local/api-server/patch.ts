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
import { badRequest, buildStatusError, unsupportedMediaType } from './status-error.ts';
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
  return replaceObject(parts, call, current, wanted);
}

/** The object after the patch; `object` isn't changed. Throws 400, 415 or 422. */
export function applyAnyPatch(parts: ServerParts, call: Call, object: object): JsonMap {
  const type = (call.contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const result = applyOfType(parts, call, type, object);
  if (!isMap(result)) throw badRequest('the patch does not leave an object');
  return result;
}

function applyOfType(parts: ServerParts, call: Call, type: string, object: object): unknown {
  if (type === jsonPatch) return applyJsonPatch(call, object);
  if (type === mergePatch) return applyMergePatch(object, readPatchMap(call));
  if (type === strategicPatch) {
    if (call.info.isCustom) throw unsupportedMediaType(supportedText(call.info));
    return applyStrategicPatch(parts, call, object);
  }
  throw unsupportedMediaType(supportedText(call.info));
}

function applyStrategicPatch(parts: ServerParts, call: Call, object: object): unknown {
  const patch = readPatchMap(call);
  try {
    return parts.rules.strategicMerge(call.info, object, patch);
  } catch (error) {
    throw badRequest((error as Error).message);
  }
}

function supportedText(info: ResourceInfo): string {
  const types = [jsonPatch, mergePatch, ...(info.isCustom ? [] : [strategicPatch]), applyPatchType];
  return `the body of the request was in an unknown format - accepted media types include: ${types.join(', ')}`;
}

function readPatchMap(call: Call): JsonMap {
  if (isMap(call.body)) return call.body;
  throw badRequest('the body of the request is not a JSON object');
}

function applyJsonPatch(call: Call, object: object): unknown {
  if (!Array.isArray(call.body)) throw badRequest('the body of a JSON patch must be an array');
  if (call.body.length > operationsMax) {
    throw buildStatusError({
      code: 413,
      reason: 'RequestEntityTooLarge',
      message: `The allowed maximum operations in a JSON patch is ${operationsMax}, got ${call.body.length}`,
    });
  }
  const copy = cloneJson(object) as unknown;
  const operations = cloneJson(call.body as unknown[]) as PatchOperation[];
  for (const operation of operations) {
    const pointers = isMap(operation) ? [operation['path'], operation['from'] ?? ''] : [undefined];
    if (!pointers.every((one) => typeof one === 'string')) {
      throw badRequest('each operation of a JSON patch needs op and path');
    }
  }
  const failed = applyPatch(copy, operations).find((one) => one !== null);
  if (failed === undefined) return copy;
  throw buildStatusError({
    code: 422,
    reason: 'Invalid',
    message: `the server rejected our request due to an error in our request: ${failed.message}`,
    details: {},
  });
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
