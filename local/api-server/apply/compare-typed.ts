// What changed between two states of an object, as sets of fields: added, modified and removed.

import { equalJson, isMap } from '../any-object.ts';
import type { FieldSet } from './field-set.ts';
import { FieldSetBuilder } from './field-set.ts';
import { groupItems } from './list-items.ts';
import type { ListType, MapType, MergeType, Shape } from './merge-type.ts';
import { shapeOf } from './merge-type.ts';
import { fieldElement } from './path-element.ts';

export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

interface Walk {
  readonly added: FieldSetBuilder;
  readonly modified: FieldSetBuilder;
  readonly removed: FieldSetBuilder;
}

/** One place of both states; undefined where a state doesn't have it. */
interface Place {
  readonly before: unknown;
  readonly after: unknown;
  readonly path: readonly string[];
}

export function compareTyped(type: MergeType, before: unknown, after: unknown): Comparison {
  const walk: Walk = {
    added: new FieldSetBuilder(),
    modified: new FieldSetBuilder(),
    removed: new FieldSetBuilder(),
  };
  compare(walk, type, { before, after, path: [] });
  return {
    added: walk.added.build(),
    modified: walk.modified.build(),
    removed: walk.removed.build(),
  };
}

function compare(walk: Walk, type: MergeType, place: Place): void {
  const { before, after, path } = place;
  // Most of an object stays as it is; a part that is the very same has nothing to tell.
  if (before === after) return;
  const [old, now] = [shapeOf(type, before), shapeOf(type, after)];
  let isLeaf: boolean;
  if (after === undefined) isLeaf = visit(walk, type, old, place);
  else if (before === undefined || old === now) isLeaf = visit(walk, type, now, place);
  else {
    visit(walk, type, old, place);
    isLeaf = visit(walk, type, now, place);
  }
  if (isLeaf) return;
  if (before === undefined) walk.added.add(path);
  else if (after === undefined) walk.removed.add(path);
}

/** True for a place that is compared as one piece. */
function visit(walk: Walk, type: MergeType, shape: Shape, place: Place): boolean {
  if (shape === 'map' && type.map !== undefined) return visitMap(walk, type.map, place);
  if (shape === 'list' && type.list !== undefined) return visitList(walk, type.list, place);
  return visitLeaf(walk, place);
}

function visitLeaf(walk: Walk, { before, after, path }: Place): true {
  if (before === undefined) walk.added.add(path);
  else if (after === undefined) walk.removed.add(path);
  else if (!equalJson(before, after)) walk.modified.add(path);
  return true;
}

function visitMap(walk: Walk, map: MapType, place: Place): boolean {
  const before = isMap(place.before) ? place.before : {};
  const after = isMap(place.after) ? place.after : {};
  const names = Object.keys(before);
  for (const name of Object.keys(after)) if (!Object.hasOwn(before, name)) names.push(name);
  // Without fields it is a leaf: that keeps "empty" apart from "not there".
  if (map.isAtomic || names.length === 0) return visitLeaf(walk, place);
  for (const name of names) {
    const type = map.fields.get(name)?.type ?? map.rest;
    if (type === undefined) continue;
    compare(walk, type, {
      before: Object.hasOwn(before, name) ? before[name] : undefined,
      after: Object.hasOwn(after, name) ? after[name] : undefined,
      path: [...place.path, fieldElement(name)],
    });
  }
  return false;
}

function visitList(walk: Walk, list: ListType, place: Place): boolean {
  const before = Array.isArray(place.before) ? (place.before as unknown[]) : [];
  const after = Array.isArray(place.after) ? (place.after as unknown[]) : [];
  if (list.isAtomic || (before.length === 0 && after.length === 0)) return visitLeaf(walk, place);
  const [old, now] = [groupItems(list, before), groupItems(list, after)];
  for (const element of new Set([...old.keys(), ...now.keys()])) {
    const path = [...place.path, element];
    compareItems(walk, list, { old: old.get(element) ?? [], now: now.get(element) ?? [], path });
  }
  return false;
}

interface Items {
  readonly old: readonly unknown[];
  readonly now: readonly unknown[];
  readonly path: readonly string[];
}

// Items that repeat count as one piece that is owned without what is in it.
function compareItems(walk: Walk, list: ListType, { old, now, path }: Items): void {
  if (old.length > 1 && now.length > 1) {
    if (!equalJson(old, now)) walk.modified.add(path);
  } else if (old.length > 1) {
    if (now.length > 0) compare(walk, list.item, { before: undefined, after: now[0], path });
    walk.removed.add(path);
  } else if (now.length > 1) {
    if (old.length > 0) compare(walk, list.item, { before: old[0], after: undefined, path });
    walk.added.add(path);
  } else {
    compare(walk, list.item, { before: old[0], after: now[0], path });
  }
}
