// An object without the fields of a set, for what an applier no longer names.

import { isMap, setKey } from '../any-object.ts';
import type { JsonMap } from '../any-object.ts';
import type { FieldSet } from './field-set.ts';
import { kidOf } from './field-set.ts';
import { itemElement } from './list-items.ts';
import type { ListType, MapType, MergeType } from './merge-type.ts';
import { shapeOf } from './merge-type.ts';
import { fieldElement } from './path-element.ts';

/** A map or list of which nothing is left becomes null, as in Kubernetes. */
export function removeFields(type: MergeType, value: unknown, gone: FieldSet): unknown {
  const shape = shapeOf(type, value);
  if (shape === 'map' && type.map !== undefined) return removeFromMap(type.map, value, gone);
  if (shape === 'list' && type.list !== undefined) return removeFromList(type.list, value, gone);
  return value;
}

function removeFromMap(map: MapType, value: unknown, gone: FieldSet): unknown {
  if (!isMap(value) || map.isAtomic) return null;
  const kept: JsonMap = {};
  for (const [name, one] of Object.entries(value)) {
    const below = kidOf(gone, fieldElement(name));
    if (below.own) continue;
    const type = map.fields.get(name)?.type ?? map.rest;
    const rest = below.kids === undefined || !type ? one : removeFields(type, one, below);
    setKey(kept, name, rest);
  }
  return Object.keys(kept).length > 0 ? kept : null;
}

function removeFromList(list: ListType, value: unknown, gone: FieldSet): unknown {
  if (!Array.isArray(value) || list.isAtomic) return null;
  const kept: unknown[] = [];
  for (const item of value as unknown[]) {
    const below = kidOf(gone, itemElement(list, item));
    if (below.own) continue;
    kept.push(below.kids === undefined ? item : removeFields(list.item, item, below));
  }
  return kept.length > 0 ? kept : null;
}
