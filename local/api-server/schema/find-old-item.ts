// Which item of the stored list an item of the new list stands for.

import type { StructuralSchema } from './structural-schema.ts';
import { isJsonObject, own } from './structural-schema.ts';

/** Only lists of type map have items that can be told apart; `undefined` for all others. */
export function findOldItem(schema: StructuralSchema, item: unknown, old: unknown): unknown {
  if (schema['x-kubernetes-list-type'] !== 'map' || !isJsonObject(item)) return undefined;
  if (!Array.isArray(old)) return undefined;
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  return old.find(
    (one) => isJsonObject(one) && keys.every((key) => own(one, key) === own(item, key)),
  );
}
