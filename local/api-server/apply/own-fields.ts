// Who owns what after a write: an update takes over what it changed, an apply owns what it names and may conflict.

import { equalJson } from '../any-object.ts';
import { compareAsGoSees, compareTyped } from './compare-typed.ts';
import type { Comparison } from './compare-typed.ts';
import type { FieldSet } from './field-set.ts';
import {
  emptySet,
  intersectSets,
  isEmptySet,
  listPaths,
  onlySelf,
  subtractSets,
  unionSets,
} from './field-set.ts';
import { listFields } from './list-fields.ts';
import { mergeTyped } from './merge-typed.ts';
import type { MergeType } from './merge-type.ts';
import { deducedAny, shapeOf, typeBelow } from './merge-type.ts';
import type { Owner, OwnerName, Owners } from './owners.ts';
import { ownerId, ownsAnyOf, setOwnedBy, withSet } from './owners.ts';
import { removeFields } from './remove-fields.ts';

/** What the rules need to know about a kind. */
export interface KindOfObject {
  readonly apiVersion: string;
  /** Whether a definition may change the type: then what was owned follows it. */
  readonly isCustom: boolean;
  /** The type in a version of the kind; undefined when there is no such version (any more). */
  typeIn(apiVersion: string): MergeType | undefined;
  /** What of a set this request may write at all: a status update owns nothing of the spec. */
  keepWritable(set: FieldSet): FieldSet;
}

export interface Conflict {
  readonly owner: Owner;
  readonly path: readonly string[];
}

/** Fields that an apply would change but that others own. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError';
  readonly conflicts: readonly Conflict[];

  constructor(conflicts: readonly Conflict[]) {
    super(`${conflicts.length} fields are owned by others`);
    this.conflicts = conflicts;
  }
}

interface Change {
  /** How the two states are compared; those of an apply are in their form already. */
  readonly compare: typeof compareTyped;
  readonly kind: KindOfObject;
  readonly live: unknown;
  readonly next: unknown;
}

/** After an update by somebody who has no entry yet: what changed is `writer`'s, and nobody else's. */
export function ownByUpdate(
  update: Omit<Change, 'compare'>,
  owners: Owners,
  writer: OwnerName,
): void {
  followSchema(update.kind, owners);
  const change = { ...update, compare: compareAsGoSees };
  const { modified, added } = takeAway(change, owners, undefined, true);
  setOwnedBy(owners, ownerId(writer), {
    ...writer,
    time: undefined,
    set: unionSets(modified, added),
  });
}

export interface ApplyChange {
  readonly kind: KindOfObject;
  readonly live: unknown;
  readonly config: unknown;
  readonly isForced: boolean;
}

export interface Applied {
  /** False when the object stays as it is. */
  readonly isChange: boolean;
  /** What the applier named before and nobody names any more. */
  readonly gone: FieldSet;
}

/** Throws ConflictError, unless forced, when the configuration would change what others own. */
export function ownByApply(change: ApplyChange, owners: Owners, applier: OwnerName): Applied {
  const { kind, live, config, isForced } = change;
  const type = typeOf(kind);
  const id = ownerId(applier);
  followSchema(kind, owners);
  const merged = mergeTyped(type, live, config);
  const last = owners.get(id);
  const set = kind.keepWritable(listFields(type, config));
  owners.set(id, { ...applier, time: last?.time, set });
  const gone = findGone(kind, owners, last, merged);
  const next = isEmptySet(gone) ? merged : removeFields(type, merged, gone);
  takeAway({ compare: compareTyped, kind, live, next }, owners, id, isForced);
  if (isEmptySet(set)) owners.delete(id);
  return { isChange: !equalJson(live, next), gone };
}

/** The object after an apply that `ownByApply` allowed, made of the object as it is kept. */
export function mergeApplied(
  type: MergeType,
  live: unknown,
  config: unknown,
  gone: FieldSet,
): unknown {
  const merged = mergeTyped(type, live, config);
  return isEmptySet(gone) ? merged : removeFields(type, merged, gone);
}

function typeOf(kind: KindOfObject): MergeType {
  return kind.typeIn(kind.apiVersion) ?? deducedAny;
}

/** Takes from everyone but `exceptId` what changed; returns what did, in the version of the request. */
function takeAway(
  change: Change,
  owners: Owners,
  exceptId: string | undefined,
  isForced: boolean,
): Comparison {
  const { kind, live, next } = change;
  const compared = new Map<string, Comparison>();
  const compareIn = (apiVersion: string, type: MergeType): Comparison => {
    let one = compared.get(apiVersion);
    if (one === undefined) {
      one = change.compare(type, live, next);
      if (apiVersion === kind.apiVersion) one = keepWritable(kind, one);
      compared.set(apiVersion, one);
    }
    return one;
  };
  const own = compareIn(kind.apiVersion, typeOf(kind));
  const lost = new Map<string, FieldSet>();
  const conflicts: Conflict[] = [];
  for (const [id, owner] of owners) {
    if (id === exceptId) continue;
    const type = kind.typeIn(owner.apiVersion);
    if (type === undefined) {
      owners.delete(id);
      continue;
    }
    const { added, modified, removed } = compareIn(owner.apiVersion, type);
    const touched = unionSets(modified, added);
    const affected = unionSets(touched, removed);
    if (!ownsAnyOf(owner, affected)) continue;
    const taken = isForced ? emptySet : intersectSets(owner.set, touched);
    for (const path of listPaths(taken)) conflicts.push({ owner, path });
    lost.set(id, affected);
  }
  if (conflicts.length > 0) throw new ConflictError(conflicts);
  for (const [id, set] of lost) {
    const owner = owners.get(id);
    if (owner !== undefined) setOwnedBy(owners, id, withSet(owner, subtractSets(owner.set, set)));
  }
  return own;
}

function keepWritable(kind: KindOfObject, { added, modified, removed }: Comparison): Comparison {
  return {
    added: kind.keepWritable(added),
    modified: kind.keepWritable(modified),
    removed: kind.keepWritable(removed),
  };
}

/** What the applier named before and doesn't name now, unless somebody else owns it. */
function findGone(
  kind: KindOfObject,
  owners: Owners,
  last: Owner | undefined,
  merged: unknown,
): FieldSet {
  const type = last === undefined ? undefined : kind.typeIn(last.apiVersion);
  if (last === undefined || isEmptySet(last.set) || type === undefined) return emptySet;
  const lastSet = withNamedFields(last.set, type);
  let pruned = removeFields(type, merged, lastSet);
  pruned = addBackOwned(kind, owners, { merged, pruned, firstVersion: last.apiVersion });
  // Only what the applier itself named may go: nobody's fields stay.
  const left = withNamedFields(listFields(type, pruned), type);
  const whole = withNamedFields(listFields(type, merged), type);
  return intersectSets(subtractSets(whole, left), lastSet);
}

function addBackOwned(
  kind: KindOfObject,
  owners: Owners,
  state: { readonly merged: unknown; readonly pruned: unknown; readonly firstVersion: string },
): unknown {
  const owned = new Map<string, FieldSet>([[state.firstVersion, emptySet]]);
  for (const { apiVersion, set } of owners.values()) {
    owned.set(apiVersion, unionSets(owned.get(apiVersion) ?? emptySet, set));
  }
  let { pruned } = state;
  for (const [apiVersion, set] of owned) {
    const type = kind.typeIn(apiVersion);
    if (type === undefined || isEmptySet(set)) continue;
    const whole = withNamedFields(listFields(type, state.merged), type);
    const left = withNamedFields(listFields(type, pruned), type);
    const kept = unionSets(left, withNamedFields(set, type));
    pruned = removeFields(type, state.merged, subtractSets(whole, kept));
  }
  return pruned;
}

/** The set with the named fields on the way to its members: they come and go with what is in them. */
function withNamedFields(set: FieldSet, type: MergeType): FieldSet {
  if (set.kids === undefined) return set;
  const kids = new Map<string, FieldSet>();
  for (const [element, kid] of set.kids) {
    const isNamed = element.startsWith('f:') && type.map?.fields.has(element.slice(2)) === true;
    const below = withNamedFields(kid, typeBelow(type, element));
    kids.set(element, isNamed && kid.kids !== undefined ? { ...below, own: true } : below);
  }
  return { own: set.own, kids };
}

/** A definition may have made one piece of what had owners field by field. */
function followSchema(kind: KindOfObject, owners: Owners): void {
  if (!kind.isCustom) return;
  for (const [id, owner] of owners) {
    const type = kind.typeIn(owner.apiVersion);
    if (type === undefined) {
      owners.delete(id);
      continue;
    }
    const set = joinAtomic(owner.set, type);
    if (set !== owner.set) owners.set(id, withSet(owner, set));
  }
}

function joinAtomic(set: FieldSet, type: MergeType): FieldSet {
  if (set.kids === undefined || type === deducedAny) return set;
  const shape = shapeOf(type, undefined);
  const part = shape === 'map' ? type.map : shape === 'list' ? type.list : undefined;
  if (part?.isAtomic === true) return onlySelf;
  let kids: Map<string, FieldSet> | undefined;
  for (const [element, kid] of set.kids) {
    const joined = joinAtomic(kid, typeBelow(type, element));
    if (joined === kid) continue;
    kids ??= new Map(set.kids);
    kids.set(element, joined);
  }
  return kids === undefined ? set : { own: set.own, kids };
}
