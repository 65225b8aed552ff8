// Digests of code and of templates: what tells one Revision from the next.

import { createHash } from 'node:crypto';
import type { FunctionSpec } from '../../api/function.ts';

/** sha256 in hex over the sorted files; the empty text for no files (an image). */
export function digestFiles(files: Readonly<Record<string, string>>): string {
  return Object.keys(files).length === 0 ? '' : digestOf(files);
}

/** sha256 in hex over what makes two Revisions different. Scaling and traffic are not part of it. */
export function digestTemplate(spec: FunctionSpec, codeDigest: string): string {
  const { runtime, image, handler, signature, env, resources } = spec;
  const { timeoutSeconds, concurrency, podTemplate } = spec;
  // Only where it says no: a default that came with an upgrade must not make a new Revision of every Function.
  const pool = spec.pool === false ? false : undefined;
  return digestOf({
    ...{ runtime, image, handler, signature, env, resources },
    ...{ timeoutSeconds, concurrency, podTemplate, pool, codeDigest },
  });
}

/** sha256 in hex over a JSON value; the order of keys makes no difference. */
export function digestOf(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(value)))
    .digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => [key, sorted(one)]);
}
