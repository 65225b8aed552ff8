// POST to pods/NAME/eviction: a graceful delete by another name.

import { isMap } from './any-object.ts';
import { decodeKind } from './decode-object.ts';
import { deleteStored } from './delete.ts';
import { readNamed } from './get.ts';
import type { Answer, Call, ServerParts } from './server-parts.ts';
import { badRequest } from './status-error.ts';
import { readDeleteOptions, readDryRun } from './write-options.ts';

export function evictPod(parts: ServerParts, call: Call): Answer {
  if (!isMap(call.body)) throw badRequest('the body of the request is not an Eviction');
  // Any of its versions will do, but it has to be of its group.
  const eviction = decodeKind(
    { ...call.body, apiVersion: call.body['apiVersion'] ?? 'policy/v1' },
    'policy/v1',
    'Eviction',
  );
  if ((eviction.metadata.name ?? call.path.name) !== call.path.name) {
    throw badRequest('name in URL does not match name in Eviction object');
  }
  const inner = call.body['deleteOptions'];
  const options = readDeleteOptions({
    ...call,
    body: isMap(inner) ? { ...inner, kind: 'DeleteOptions' } : {},
  });
  const isDryRun = options.isDryRun || readDryRun(call);
  deleteStored(parts, call, readNamed(parts, call), { ...options, isDryRun });
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
  return { kind: 'object', status: 201, object: status };
}
