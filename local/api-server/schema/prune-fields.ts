// Removes the fields a structural schema does not know, and says which they were.

import type { StructuralSchema } from './structural-schema.ts';
import { childPath, indexPath, isJsonObject, own } from './structural-schema.ts';

const metaFields = new Set(['apiVersion', 'kind', 'metadata']);

/** Prunes `object` in place; the answer is sorted as Kubernetes sorts it. */
export function pruneFields(object: unknown, schema: StructuralSchema): string[] {
  const unknown: string[] = [];
  prune(object, { ...schema, 'x-kubernetes-embedded-resource': true }, { path: '', unknown });
  return unknown.sort();
}

interface Walk {
  readonly path: string;
  readonly unknown: string[];
}

function prune(value: unknown, schema: StructuralSchema | undefined, walk: Walk): void {
  if (Array.isArray(value)) {
    value.forEach((item, index) =>
      prune(item, schema?.items, { ...walk, path: indexPath(walk.path, index) }),
    );
    return;
  }
  if (!isJsonObject(value)) return;
  for (const key of Object.keys(value)) {
    if (schema?.['x-kubernetes-embedded-resource'] === true && metaFields.has(key)) continue;
    const path = childPath(walk.path, key);
    const child = childOf(schema, key);
    if (child === 'unknown') {
      walk.unknown.push(path);
      delete value[key];
    } else if (child !== 'free') {
      prune(value[key], child, { ...walk, path });
    }
  }
}

/** The schema of a field; `free` when anything may stand in it. */
function childOf(
  schema: StructuralSchema | undefined,
  key: string,
): StructuralSchema | 'free' | 'unknown' {
  const known = own(schema?.properties, key);
  if (known !== undefined) return known;
  const others = schema?.additionalProperties;
  if (isJsonObject(others)) return others;
  const isFree = others === true || schema?.['x-kubernetes-preserve-unknown-fields'] === true;
  return isFree ? 'free' : 'unknown';
}
