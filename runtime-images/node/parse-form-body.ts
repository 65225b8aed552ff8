// Reads a request's body by its content type, as Express' own parsers do: JSON, forms, text; all else stays bytes.

import { buildQuery } from './build-query.ts';

/** `malformed`: the sentence for a 400. */
export type ParsedBody = { readonly value: unknown } | { readonly malformed: string };

export function parseFormBody(bytes: Buffer, contentType: string | undefined): ParsedBody {
  const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/json' || /\+json$/.test(type)) return parseJson(bytes);
  if (type === 'application/x-www-form-urlencoded') {
    return { value: buildQuery(bytes.toString('utf8')) };
  }
  if (type.startsWith('text/')) return { value: bytes.toString('utf8') };
  return { value: bytes };
}

function parseJson(bytes: Buffer): ParsedBody {
  if (bytes.length === 0) return { value: {} };
  try {
    return { value: JSON.parse(bytes.toString('utf8')) as unknown };
  } catch (error) {
    return { malformed: `the body is not JSON: ${(error as Error).message}` };
  }
}
