// Who owns which fields of an object: the entries of metadata.managedFields, read and written.

import { isMap } from '../any-object.ts';
import type { JsonMap } from '../any-object.ts';
import {
  decodeSet,
  emptySet,
  encodeSet,
  intersectSets,
  isEmptySet,
  unionSets,
} from './field-set.ts';
import type { FieldSet } from './field-set.ts';

export interface Owner {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
  /** RFC 3339, in whole seconds; undefined where the entry has none. */
  readonly time: string | undefined;
  readonly set: FieldSet;
  /** The entry as it is kept, for as long as nothing of it changes. */
  readonly entry?: JsonMap;
}

/** By ownerId. */
export type Owners = Map<string, Owner>;

export type OwnerName = Pick<Owner, 'manager' | 'operation' | 'apiVersion' | 'subresource'>;

/** What makes entries one: an applier stays the same whichever version it applies. */
export function ownerId(owner: OwnerName): string {
  const { manager, operation, apiVersion, subresource } = owner;
  const version = operation === 'Apply' ? '' : apiVersion;
  return JSON.stringify([manager, operation, version, subresource]);
}

/** Undefined for entries that aren't well formed; Kubernetes takes none of them then. */
export function decodeOwners(entries: unknown): Owners | undefined {
  return decode(entries, (fields) => decodeSet(fields));
}

/** Of entries that this server wrote: their fields are only read when somebody asks, which few writes do. */
export function readOwners(entries: unknown): Owners {
  return decode(entries, () => 'later') ?? new Map();
}

type DecodeFields = (fields: unknown) => FieldSet | 'later' | undefined;

function decode(entries: unknown, decodeFields: DecodeFields): Owners | undefined {
  if (entries === undefined || entries === null) return new Map();
  if (!Array.isArray(entries)) return undefined;
  const owners: Owners = new Map();
  for (const entry of entries as unknown[]) {
    const owner = decodeOwner(entry, decodeFields);
    if (owner === undefined) return undefined;
    owners.set(ownerId(owner), owner);
  }
  return owners;
}

function decodeOwner(entry: unknown, decodeFields: DecodeFields): Owner | undefined {
  if (!isMap(entry)) return undefined;
  const { operation, apiVersion, fieldsType, fieldsV1 = {}, time } = entry;
  if (operation !== 'Apply' && operation !== 'Update') return undefined;
  if (typeof apiVersion !== 'string' || apiVersion === '' || fieldsType !== 'FieldsV1') {
    return undefined;
  }
  const set = decodeFields(fieldsV1 ?? {});
  if (set === undefined) return undefined;
  const owner = {
    manager: readText(entry['manager']),
    operation,
    apiVersion,
    subresource: readText(entry['subresource']),
    time: typeof time === 'string' ? time : undefined,
  } as const;
  return set === 'later' ? new LazyOwner(owner, entry) : { ...owner, set };
}

class LazyOwner implements Owner {
  readonly manager: string;
  readonly operation: Owner['operation'];
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string | undefined;
  readonly entry: JsonMap;
  #set: FieldSet | undefined;

  constructor(owner: Omit<Owner, 'set'>, entry: JsonMap) {
    this.manager = owner.manager;
    this.operation = owner.operation;
    this.apiVersion = owner.apiVersion;
    this.subresource = owner.subresource;
    this.time = owner.time;
    this.entry = entry;
  }

  get set(): FieldSet {
    this.#set ??= decodeSet(this.entry['fieldsV1']) ?? emptySet;
    return this.#set;
  }
}

/** The same owner of other fields. */
export function withSet(owner: Owner, set: FieldSet): Owner {
  const { manager, operation, apiVersion, subresource, time } = owner;
  return { manager, operation, apiVersion, subresource, time, set };
}

/** Whether the owner has any field of `set`; for a kept entry without reading all of its fields. */
export function ownsAnyOf(owner: Owner, set: FieldSet): boolean {
  if (owner.entry === undefined) return !isEmptySet(intersectSets(owner.set, set));
  return hasAnyOf(owner.entry['fieldsV1'], set);
}

function hasAnyOf(fields: unknown, set: FieldSet): boolean {
  if (!isMap(fields)) return false;
  for (const [element, kid] of set.kids ?? []) {
    const below = Object.hasOwn(fields, element) ? fields[element] : undefined;
    if (!isMap(below)) continue;
    const isOwn = Object.hasOwn(below, '.') || Object.keys(below).length === 0;
    if ((kid.own && isOwn) || hasAnyOf(below, kid)) return true;
  }
  return false;
}

function readText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Undefined when nobody owns anything. */
export function encodeOwners(owners: Owners): JsonMap[] | undefined {
  if (owners.size === 0) return undefined;
  return [...owners.values()].sort(compareOwners).map(encodeOwner);
}

function encodeOwner(owner: Owner): JsonMap {
  if (owner.entry !== undefined) return owner.entry;
  return {
    ...(owner.manager !== '' && { manager: owner.manager }),
    operation: owner.operation,
    apiVersion: owner.apiVersion,
    ...(owner.time !== undefined && { time: owner.time }),
    fieldsType: 'FieldsV1',
    fieldsV1: encodeSet(owner.set),
    ...(owner.subresource !== '' && { subresource: owner.subresource }),
  };
}

function compareOwners(left: Owner, right: Owner): number {
  return (
    compare(left.operation, right.operation) ||
    secondsOf(left) - secondsOf(right) ||
    compare(left.manager, right.manager) ||
    compare(left.apiVersion, right.apiVersion) ||
    compare(left.subresource, right.subresource)
  );
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function secondsOf({ time }: Owner): number {
  return time === undefined ? 0 : Math.floor(Date.parse(time) / 1000);
}

/** A client asks for a fresh start with no entry at all, or with one that is empty. */
export function isReset(entries: unknown): boolean {
  if (!Array.isArray(entries)) return false;
  if (entries.length === 0) return true;
  const [only] = entries as unknown[];
  return entries.length === 1 && isMap(only) && Object.keys(only).length === 0;
}

export function setOwnedBy(owners: Owners, id: string, owner: Owner): void {
  if (isEmptySet(owner.set)) owners.delete(id);
  else owners.set(id, owner);
}

/** Entries of updates that an object keeps; beyond that the oldest go together, as in Kubernetes. */
const updatersMax = 10;
const oldUpdater = 'ancient-changes';

/** The first of each version only lends its fields when a second one follows. */
export function capUpdaters(owners: Owners): void {
  const updaters = [...owners.entries()].filter(([, one]) => one.operation === 'Update');
  let count = updaters.length;
  if (count <= updatersMax) return;
  updaters.sort(
    ([id, one], [otherId, other]) => secondsOf(one) - secondsOf(other) || compare(id, otherId),
  );
  const firsts = new Map<string, string>();
  for (const [id, updater] of updaters) {
    if (count <= updatersMax) return;
    const { apiVersion, time } = updater;
    const first = firsts.get(apiVersion);
    if (first === undefined) {
      firsts.set(apiVersion, id);
      continue;
    }
    const name = { manager: oldUpdater, operation: 'Update', apiVersion, subresource: '' } as const;
    const bucketId = ownerId(name);
    const bucket = owners.get(bucketId) ?? owners.get(first) ?? updater;
    if (!owners.has(bucketId)) owners.delete(first);
    owners.delete(id);
    owners.set(bucketId, { ...name, time, set: unionSets(updater.set, bucket.set) });
    count -= 1;
  }
}
