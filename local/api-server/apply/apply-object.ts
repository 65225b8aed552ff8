// PATCH with application/apply-patch+yaml: creates what is missing, or merges what its caller names.

import type { AnyObject } from '../any-object.ts';
import { isMap } from '../any-object.ts';
import { createDecoded } from '../create.ts';
import { decodeObject } from '../decode-object.ts';
import { apiVersionOf } from '../resource-info.ts';
import type { Answer, Call, ServerParts } from '../server-parts.ts';
import { storageKey } from '../server-parts.ts';
import { badRequest, buildStatusError, conflict, notFound, StatusError } from '../status-error.ts';
import { checkUid, replaceObject } from '../update.ts';
import { applyConfig, writeOf } from './field-manager.ts';
import { TypedError } from './list-items.ts';
import type { Conflict } from './own-fields.ts';
import { ConflictError } from './own-fields.ts';
import type { Owner } from './owners.ts';
import { ownerId } from './owners.ts';
import { writePath } from './path-element.ts';

export const applyPatchType = 'application/apply-patch+yaml';

/** Whether a PATCH is a server-side apply. */
export function isApply(call: Call): boolean {
  return call.contentType?.split(';')[0]?.trim().toLowerCase() === applyPatchType;
}

export function applyObject(parts: ServerParts, call: Call): Answer {
  const { info, path } = call;
  const key = storageKey(info);
  const { namespace = '', name = '', subresource } = path;
  const current = parts.storage.get(key, namespace, name);
  if (current === undefined && subresource !== undefined) throw notFound(key, name);
  const config = readConfig(call, apiVersionOf(info), info.kind);
  const write = writeOf(parts, call);
  const applied = refuseAsStatus(() => applyConfig(write, current?.object, config, isForced(call)));
  const object = decodeObject({ ...call, body: applied });
  // An apply that takes the last field out of a map leaves a null there, which Kubernetes refuses as the wrong type.
  const given: Call = { ...call, areOwnersGiven: true, nulls: 'keep' };
  if (current !== undefined) {
    checkUid(call, current, object);
    return replaceObject(parts, given, current, object);
  }
  // A version of an object that doesn't exist is no reason to refuse it.
  delete object.metadata.resourceVersion;
  const { uid = '' } = object.metadata;
  if (uid !== '') {
    throw conflict(
      key,
      name,
      `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
    );
  }
  return createDecoded(parts, given, object);
}

export function isForced(call: Call): boolean {
  return ['', '1', 'true', 'TRUE', 'True', 't'].includes(call.query.get('force') ?? 'false');
}

/** The applied configuration; it must be of the kind that the path names. */
export function readConfig(call: Call, apiVersion: string, kind: string): AnyObject {
  const body = call.body ?? {};
  if (!isMap(body)) throw badRequest('error decoding YAML: the body is not an object');
  if (body['apiVersion'] !== apiVersion || body['kind'] !== kind) {
    throw badRequest(`invalid object type: ${writeKind(body['apiVersion'], body['kind'])}`);
  }
  const metadata = isMap(body['metadata']) ? body['metadata'] : {};
  if ((metadata['managedFields'] ?? null) !== null) {
    throw badRequest('metadata.managedFields must be nil');
  }
  return body as unknown as AnyObject;
}

function writeKind(apiVersion: unknown, kind: unknown): string {
  const version = typeof apiVersion === 'string' ? apiVersion : '';
  const group = version.includes('/') ? version : `/${version}`;
  return `${group}, Kind=${typeof kind === 'string' ? kind : ''}`;
}

/** Runs an apply; a conflict becomes 409, a configuration that doesn't fit 500, as a real server has it. */
export function refuseAsStatus<T>(apply: () => T): T {
  try {
    return apply();
  } catch (error) {
    if (error instanceof ConflictError) throw conflictStatus(error.conflicts);
    if (!(error instanceof TypedError)) throw error;
    const { status } = buildStatusError({ code: 500, reason: '', message: error.message });
    const { reason: _none, ...rest } = status;
    throw new StatusError(rest);
  }
}

function conflictStatus(conflicts: readonly Conflict[]): Error {
  return buildStatusError({
    code: 409,
    reason: 'Conflict',
    message: describeConflicts(conflicts),
    details: {
      causes: conflicts.map(({ owner, path }) => ({
        reason: 'FieldManagerConflict',
        message: `conflict with ${describeOwner(owner)}`,
        field: writePath(path),
      })),
    },
  });
}

function describeConflicts(conflicts: readonly Conflict[]): string {
  const [first] = conflicts;
  if (first !== undefined && conflicts.length === 1) {
    const text = `conflict with ${describeOwner(first.owner)}: ${writePath(first.path)}`;
    return `Apply failed with 1 conflict: ${text}`;
  }
  const byOwner = new Map<string, Conflict[]>();
  for (const one of conflicts) {
    const id = ownerId(one.owner);
    byOwner.set(id, [...(byOwner.get(id) ?? []), one]);
  }
  const lines = [...byOwner.keys()].sort().flatMap((id) => {
    const mine = byOwner.get(id) ?? [];
    const owner = mine[0] === undefined ? '' : describeOwner(mine[0].owner);
    return [`conflicts with ${owner}:`, ...mine.map(({ path }) => `- ${writePath(path)}`)];
  });
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`;
}

function describeOwner({ manager, subresource, operation, apiVersion }: Owner): string {
  const name = JSON.stringify(manager);
  const where = subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`;
  return `${name}${where}${operation === 'Update' ? ` using ${apiVersion}` : ''}`;
}
