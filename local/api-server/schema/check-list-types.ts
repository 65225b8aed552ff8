// Lists of type set and map hold no item twice.

import type { Cause } from '../cause.ts';
import type { StructuralSchema } from './structural-schema.ts';
import { childPath, indexPath, isJsonObject, keyPath, own } from './structural-schema.ts';
import { invalid, printValue } from './field-causes.ts';

/** Kubernetes reports the second of several equal items only. */
export function checkListTypes(value: unknown, schema: StructuralSchema, path = ''): Cause[] {
  if (Array.isArray(value)) {
    const own = checkList(value, schema, path);
    const items = schema.items;
    if (items === undefined) return own;
    return own.concat(
      value.flatMap((item, index) => checkListTypes(item, items, indexPath(path, index))),
    );
  }
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const known = own(schema.properties, key);
    if (known !== undefined) return checkListTypes(item, known, childPath(path, key));
    const others = schema.additionalProperties;
    return isJsonObject(others) ? checkListTypes(item, others, keyPath(path, key)) : [];
  });
}

function checkList(list: unknown[], schema: StructuralSchema, path: string): Cause[] {
  const type = schema['x-kubernetes-list-type'];
  if (type === 'set') return repeated(list).map((index) => duplicate(list[index], path, index));
  if (type !== 'map') return [];
  const wrong = list.findIndex((item) => item !== null && !isJsonObject(item));
  if (wrong >= 0) {
    const message = 'must be an object for an array of list-type map';
    return [invalid(indexPath(path, wrong), list[wrong], message)];
  }
  const names = schema['x-kubernetes-list-map-keys'] ?? [];
  const keys = list.map((item) =>
    Object.fromEntries(
      names.flatMap((name) => {
        const value = isJsonObject(item) ? own(item, name) : undefined;
        return value === undefined ? [] : [[name, value]];
      }),
    ),
  );
  return repeated(keys).map((index) => duplicate(keys[index], path, index));
}

function duplicate(value: unknown, path: string, index: number): Cause {
  return {
    reason: 'FieldValueDuplicate',
    field: indexPath(path, index),
    message: `Duplicate value: ${printValue(value)}`,
  };
}

/** Indices at which a value is met for the second time. */
function repeated(values: unknown[]): number[] {
  const seen = new Map<string, number>();
  return values.flatMap((value, index) => {
    const text = JSON.stringify(value);
    const times = (seen.get(text) ?? 0) + 1;
    seen.set(text, times);
    return times === 2 ? [index] : [];
  });
}
