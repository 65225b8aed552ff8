// What changed between two states of an object, as sets of fields: added, modified and removed.

import { equalJson, isMap } from '../any-object.ts';
import type { JsonMap } from '../any-object.ts';
import { asGoSees, shallowAsGoSees } from './as-go-sees.ts';
import type { FieldSet } from './field-set.ts';
import { emptySet, onlySelf, unionSets } from './field-set.ts';
import { groupItems } from './list-items.ts';
import type { ListType, MapType, MergeType, Shape } from './merge-type.ts';
import { shapeOf } from './merge-type.ts';
import { fieldElement } from './path-element.ts';

export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/** Takes both states as they are. */
export function compareTyped(type: MergeType, before: unknown, after: unknown): Comparison {
  return finish(new Comparer(false).compare(type, before, after));
}

/** Takes objects of built-in kinds as if they were in the form of as-go-sees.ts. */
export function compareAsGoSees(type: MergeType, before: unknown, after: unknown): Comparison {
  return finish(new Comparer(true).compare(type, before, after));
}

function finish(found: Found = {}): Comparison {
  const { added = emptySet, modified = emptySet, removed = emptySet } = found;
  // The whole object has no owner.
  return { added: { ...added, own: false }, modified, removed: { ...removed, own: false } };
}

/** What changed in one place and below it. Most of an object stays as it is, and has none. */
type Found = Partial<Comparison>;

interface Draft {
  own: boolean;
  kids: Map<string, FieldSet>;
}

const kinds = ['added', 'modified', 'removed'] as const;
type Drafts = Partial<Record<(typeof kinds)[number], Draft>>;

class Comparer {
  readonly #isAsGoSees: boolean;

  constructor(isAsGoSees: boolean) {
    this.#isAsGoSees = isAsGoSees;
  }

  compare(type: MergeType, before: unknown, after: unknown): Found | undefined {
    if (before === after) return undefined;
    const [old, now] = [shapeOf(type, before), shapeOf(type, after)];
    if (after === undefined) return this.#compareShape(type, old, before, after);
    if (before === undefined || old === now) return this.#compareShape(type, now, before, after);
    const found = this.#compareShape(type, old, before, after);
    return join(found, this.#compareShape(type, now, before, after));
  }

  #compareShape(type: MergeType, shape: Shape, before: unknown, after: unknown): Found | undefined {
    if (shape === 'map' && type.map !== undefined)
      return this.#compareMaps(type, type.map, before, after);
    if (shape === 'list' && type.list !== undefined) {
      return this.#compareLists(type, type.list, before, after);
    }
    return this.#compareLeaves(type, before, after);
  }

  /** Two values that are one piece each. */
  #compareLeaves(type: MergeType, before: unknown, after: unknown): Found | undefined {
    if (before === undefined) return { added: onlySelf };
    if (after === undefined) return { removed: onlySelf };
    if (equalJson(before, after)) return undefined;
    const isSame = this.#isAsGoSees && equalJson(asGoSees(type, before), asGoSees(type, after));
    return isSame ? undefined : { modified: onlySelf };
  }

  #compareMaps(type: MergeType, map: MapType, before: unknown, after: unknown): Found | undefined {
    if (map.isAtomic) return this.#compareLeaves(type, before, after);
    const mine = isMap(before) ? before : undefined;
    const theirs = isMap(after) ? after : undefined;
    const names = this.#fieldNames(map, mine, theirs);
    // Without fields it is a leaf: that keeps "empty" apart from "not there".
    if (names.length === 0) return this.#compareLeaves(type, before, after);
    let found: Drafts | undefined;
    for (const name of names) {
      const fieldType = map.fields.get(name)?.type ?? map.rest;
      if (fieldType === undefined) continue;
      const one = this.compare(
        fieldType,
        this.#fieldOf(map, mine, name),
        this.#fieldOf(map, theirs, name),
      );
      if (one !== undefined) found = hang((found ??= {}), fieldElement(name), one);
    }
    return markSelf(found, before, after);
  }

  #fieldNames(
    map: MapType,
    mine: JsonMap | undefined,
    theirs: JsonMap | undefined,
  ): readonly string[] {
    const names = mine === undefined ? [] : Object.keys(mine);
    for (const name of theirs === undefined ? [] : Object.keys(theirs)) {
      if (mine === undefined || !Object.hasOwn(mine, name)) names.push(name);
    }
    // What is always there differs only between an object and none.
    const always = (this.#isAsGoSees ? map.always : undefined) ?? [];
    if (always.length === 0 || (mine === undefined) === (theirs === undefined)) return names;
    return [...new Set([...names, ...always])];
  }

  #fieldOf(map: MapType, object: JsonMap | undefined, name: string): unknown {
    if (object === undefined) return undefined;
    const value = Object.hasOwn(object, name) ? object[name] : undefined;
    const field = this.#isAsGoSees && map.isStruct === true ? map.fields.get(name) : undefined;
    return field === undefined ? value : shallowAsGoSees(field, value);
  }

  #compareLists(
    type: MergeType,
    list: ListType,
    before: unknown,
    after: unknown,
  ): Found | undefined {
    const mine = Array.isArray(before) ? (before as unknown[]) : [];
    const theirs = Array.isArray(after) ? (after as unknown[]) : [];
    if (list.isAtomic || (mine.length === 0 && theirs.length === 0)) {
      return this.#compareLeaves(type, before, after);
    }
    const [old, now] = [groupItems(list, mine), groupItems(list, theirs)];
    let found: Drafts | undefined;
    const look = (element: string): void => {
      const one = this.#compareItems(list, old.get(element) ?? [], now.get(element) ?? []);
      if (one !== undefined) found = hang((found ??= {}), element, one);
    };
    for (const element of old.keys()) look(element);
    for (const element of now.keys()) if (!old.has(element)) look(element);
    return markSelf(found, before, after);
  }

  // Items that repeat count as one piece that is owned without what is in it.
  #compareItems(
    list: ListType,
    old: readonly unknown[],
    now: readonly unknown[],
  ): Found | undefined {
    if (old.length > 1 && now.length > 1) {
      return equalJson(old, now) ? undefined : { modified: onlySelf };
    }
    if (old.length > 1)
      return join(this.compare(list.item, undefined, now[0]), { removed: onlySelf });
    if (now.length > 1)
      return join(this.compare(list.item, old[0], undefined), { added: onlySelf });
    return this.compare(list.item, old[0], now[0]);
  }
}

function hang(found: Drafts, element: string, one: Found): Drafts {
  for (const kind of kinds) {
    const part = one[kind];
    if (part === undefined) continue;
    const draft = (found[kind] ??= { own: false, kids: new Map() });
    draft.kids.set(element, part);
  }
  return found;
}

/** A map or list that came or went did so itself, not only what is in it. */
function markSelf(found: Found | undefined, before: unknown, after: unknown): Found | undefined {
  if (before === undefined) return { ...found, added: { ...found?.added, own: true } };
  if (after === undefined) return { ...found, removed: { ...found?.removed, own: true } };
  return found;
}

function join(left: Found | undefined, right: Found | undefined): Found | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return {
    added: unionSets(left.added ?? emptySet, right.added ?? emptySet),
    modified: unionSets(left.modified ?? emptySet, right.modified ?? emptySet),
    removed: unionSets(left.removed ?? emptySet, right.removed ?? emptySet),
  };
}
