// An object of a built-in kind as Kubernetes' Go types hold it: what is there without being set, and what is left out.

import { isMap, setKey } from '../any-object.ts';
import type { JsonMap } from '../any-object.ts';
import type { FieldType, MapType, MergeType } from './merge-type.ts';

/**
 * A copy of the maps and lists that differ. Ownership is compared on this form: a struct that is always there never
 * counts as added, and a zero that isn't written down never counts as set.
 */
export function asGoSees(type: MergeType, value: unknown): unknown {
  if (Array.isArray(value)) {
    const item = type.list?.item;
    if (item?.map === undefined) return value;
    return value.map((one: unknown) => asGoSees(item, one));
  }
  if (!isMap(value) || type.map === undefined) return value;
  return type.map.isStruct === true
    ? structAsGoSees(type.map, value)
    : mapAsGoSees(type.map, value);
}

function mapAsGoSees(map: MapType, value: JsonMap): unknown {
  const { rest } = map;
  if (rest?.map === undefined && rest?.list === undefined) return value;
  const seen: JsonMap = {};
  for (const [key, one] of Object.entries(value)) setKey(seen, key, asGoSees(rest, one));
  return seen;
}

function structAsGoSees(map: MapType, value: JsonMap): JsonMap {
  const seen: JsonMap = {};
  for (const [name, field] of map.fields) {
    const one = Object.hasOwn(value, name) ? value[name] : undefined;
    const now = fieldAsGoSees(field, one);
    if (now !== undefined) seen[name] = now;
  }
  return seen;
}

function fieldAsGoSees(field: FieldType, value: unknown): unknown {
  const seen = shallowAsGoSees(field, value);
  return seen === undefined ? undefined : asGoSees(field.type, seen);
}

const emptyStruct: JsonMap = Object.freeze({});

/** A field of a struct as Go sees it; what is in it is left as it is. Undefined: Go leaves it out. */
export function shallowAsGoSees(field: FieldType, value: unknown): unknown {
  const { presence } = field;
  if (value === undefined || value === null) {
    if (presence !== 'always') return undefined;
    return field.zero === undefined ? emptyStruct : field.zero;
  }
  if (presence === 'always') return value;
  if (presence === 'unless-zero' && value === field.zero) return undefined;
  return isEmptyPart(field.type, value) ? undefined : value;
}

// Lists and maps; an empty object is something else than no object.
function isEmptyPart(type: MergeType, value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (!isMap(value) || type.map === undefined || type.map.isStruct === true) return false;
  return Object.keys(value).length === 0;
}
