// How a patch is refused: in a real server's words, which differ from those of a whole object.

import { badRequest, buildStatusError } from './status-error.ts';
import type { StatusError } from './status-error.ts';

const target = 'map[string]interface {}';

/** A body that is JSON, but no patch of its type. `isStrategic` has no head, as on a real server. */
export function notAMap(body: unknown, isStrategic: boolean): StatusError {
  if (body === null && !isStrategic) return badRequest('Invalid JSON Patch');
  const head = isStrategic ? '' : 'error decoding patch: ';
  if (body === undefined) return badRequest(`${head}unexpected end of JSON input`);
  return badRequest(
    `${head}json: cannot unmarshal ${typeOf(body)} into Go value of type ${target}`,
  );
}

export function notAList(body: unknown): StatusError {
  return badRequest(
    `error decoding patch: json: cannot unmarshal ${typeOf(body)} into Go value of type []handlers.jsonPatchOp`,
  );
}

function typeOf(body: unknown): string {
  if (Array.isArray(body)) return 'array';
  return typeof body === 'boolean' ? 'bool' : typeof body;
}

/** A JSON patch that can not be applied: a real server doesn't say why. */
export function patchFailed(): StatusError {
  return buildStatusError({
    code: 422,
    reason: 'Invalid',
    message: 'the server rejected our request due to an error in our request',
    details: {},
  });
}

export function patchTypeUnknown(): StatusError {
  return buildStatusError({
    code: 415,
    reason: 'UnsupportedMediaType',
    message: '415: Unsupported Media Type',
    details: {},
  });
}

/** The patch could be applied, but what came out is no object of the kind. `shown` is that, or the patch. */
export function badPatchResult(shown: string, why: string): StatusError {
  const message = `Invalid value: ${JSON.stringify(shown)}: ${why}`;
  return buildStatusError({
    code: 422,
    reason: 'Invalid',
    message: ` "" is invalid: patch: ${message}`,
    details: { causes: [{ reason: 'FieldValueInvalid', message, field: 'patch' }] },
  });
}

/** The words of a strategic merge patch, which is never JSON inside of a real server. */
export function asStrategicError(why: string): string {
  const found = /cannot unmarshal (\w+) into Go struct field \S+ of type (\S+)$/.exec(why);
  if (found === null) return why;
  const [, value = '', type = ''] = found;
  if (type.startsWith('[]') && value === 'object') return 'cannot restore slice from map';
  return /^int\d+$/.test(type) && value === 'string' ? `unrecognized type: ${type}` : why;
}
