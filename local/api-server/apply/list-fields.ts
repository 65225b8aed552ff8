// The set of fields that an object names: what an applier owns.

import { isMap } from '../any-object.ts';
import type { FieldSet } from './field-set.ts';
import { FieldSetBuilder } from './field-set.ts';
import { groupItems } from './list-items.ts';
import type { ListType, MapType, MergeType } from './merge-type.ts';
import { shapeOf } from './merge-type.ts';
import { fieldElement } from './path-element.ts';

export function listFields(type: MergeType, value: unknown): FieldSet {
  const found = new FieldSetBuilder();
  visit(found, type, value, []);
  return found.build();
}

function visit(found: FieldSetBuilder, type: MergeType, value: unknown, path: string[]): void {
  const shape = shapeOf(type, value);
  if (shape === 'map' && type.map !== undefined) visitMap(found, type.map, value, path);
  else if (shape === 'list' && type.list !== undefined) visitList(found, type.list, value, path);
  else if (shape === 'scalar') found.add(path);
}

function visitMap(found: FieldSetBuilder, map: MapType, value: unknown, path: string[]): void {
  if (map.isAtomic) found.add(path);
  if (map.isAtomic || !isMap(value)) return;
  for (const [name, one] of Object.entries(value)) {
    if (one === undefined) continue;
    const field = map.fields.get(name);
    const type = field?.type ?? map.rest;
    const below = [...path, fieldElement(name)];
    if (type !== undefined) visit(found, type, one, below);
    const isEmpty = one === null || (isMap(one) && Object.keys(one).length === 0);
    if (isEmpty || field === undefined) found.add(below);
  }
}

function visitList(found: FieldSetBuilder, list: ListType, value: unknown, path: string[]): void {
  if (list.isAtomic) found.add(path);
  if (list.isAtomic || !Array.isArray(value)) return;
  for (const [element, items] of groupItems(list, value)) {
    const below = [...path, element];
    // Items that repeat are owned together, without what is in them.
    if (items.length === 1) visit(found, list.item, items[0], below);
    found.add(below);
  }
}
