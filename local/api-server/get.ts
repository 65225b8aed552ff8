// GET of one object.

import type { Answer, Call, ServerParts } from './server-parts.ts';
import { answerStored, storageKey } from './server-parts.ts';
import { internal, notFound } from './status-error.ts';
import type { StoredObject } from './storage.ts';

export function getObject(parts: ServerParts, call: Call): Answer {
  const version = call.query.get('resourceVersion') ?? '';
  if (!/^\d*$/.test(version)) {
    const text = JSON.stringify(version);
    throw internal(
      `resourceVersion: Invalid value: ${text}: strconv.ParseUint: parsing ${text}: invalid syntax`,
    );
  }
  return answerStored(call, readNamed(parts, call));
}

/** The object a path names. Throws StatusError 404. */
export function readNamed(parts: ServerParts, call: Call): StoredObject {
  const key = storageKey(call.info);
  const { namespace = '', name = '' } = call.path;
  const stored = parts.storage.get(key, namespace, name);
  if (stored === undefined) throw notFound(key, name);
  return stored;
}
