// Parses the body of an HTTP request by its content type.

import { parse as parseYaml } from 'yaml';
import { decodeProtobuf, UnknownKindError } from './protobuf/decode-protobuf.ts';
import { patchTypeUnknown } from './patch-errors.ts';
import { badRequest, buildStatusError, unsupportedMediaType } from './status-error.ts';

/** Largest body that is read, in bytes, as on a real server. */
export const bodyBytesMax = 3 * 1024 * 1024;
/** Nesting beyond this would let a small body cost a deep recursion. */
const depthMax = 500;

const jsonTypes = new Set([
  '',
  'application/json',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
]);
const protobufType = 'application/vnd.kubernetes.protobuf';
const yamlTypes = new Set(['application/yaml', 'application/apply-patch+yaml']);

/** Undefined for an empty body. Rejects with 400 for what can't be parsed, 415 for a type that isn't understood. */
export async function decodeBody(
  bytes: Buffer,
  contentType: string | undefined,
  isPatch = false,
): Promise<unknown> {
  if (bytes.length === 0) return undefined;
  const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === protobufType) return readProtobuf(bytes);
  if (!jsonTypes.has(type) && !yamlTypes.has(type)) {
    throw isPatch ? patchTypeUnknown() : unknownFormat();
  }
  const value = yamlTypes.has(type) ? readYaml(bytes) : readJson(bytes);
  checkDepth(value, 0);
  return value;
}

function unknownFormat(): Error {
  return unsupportedMediaType(
    'the body of the request was in an unknown format - accepted media types include: ' +
      'application/json, application/yaml, application/vnd.kubernetes.protobuf',
  );
}

async function readProtobuf(bytes: Buffer): Promise<unknown> {
  try {
    return await decodeProtobuf(bytes);
  } catch (error) {
    if (error instanceof UnknownKindError) throw unknownFormat();
    throw badRequest(`couldn't parse the body as protobuf: ${(error as Error).message}`);
  }
}

function readJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch (error) {
    throw badRequest(`couldn't parse the body as JSON: ${(error as Error).message}`);
  }
}

function readYaml(bytes: Buffer): unknown {
  try {
    return parseYaml(bytes.toString(), { maxAliasCount: 100, schema: 'core' }) as unknown;
  } catch (error) {
    throw badRequest(`couldn't parse the body as YAML: ${(error as Error).message}`);
  }
}

function checkDepth(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > depthMax) throw badRequest(`the body is nested deeper than ${depthMax} levels`);
  for (const one of Object.values(value)) checkDepth(one, depth + 1);
}

export function bodyTooLarge(): Error {
  return buildStatusError({
    code: 413,
    reason: 'RequestEntityTooLarge',
    message: `Request entity too large: limit is ${bodyBytesMax}`,
  });
}
