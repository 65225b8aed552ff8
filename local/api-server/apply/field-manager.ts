// Keeps metadata.managedFields with every write, and carries out what an apply asks for.

import type { AnyObject } from '../any-object.ts';
import { cloneJson, equalJson } from '../any-object.ts';
import type { ResourceInfo } from '../resource-info.ts';
import { qualifiedKind } from '../resource-info.ts';
import type { ResourceRegistry } from '../resource-registry.ts';
import type { Call, ServerParts } from '../server-parts.ts';
import { timestamp } from '../timestamp.ts';
import { readFieldManager } from '../write-options.ts';
import { allowedByLastApplied, renewLastApplied } from './last-applied.ts';
import { checkTyped } from './check-typed.ts';
import { setOf, subtractSets, unionSets } from './field-set.ts';
import {
  comparable,
  comparableNothing,
  kindOfObject,
  mergeTypeOf,
  withoutOwners,
} from './kind-of-object.ts';
import { TypedError } from './list-items.ts';
import { ConflictError, mergeApplied, ownByApply, ownByUpdate } from './own-fields.ts';
import type { Applied, ApplyChange, KindOfObject } from './own-fields.ts';
import type { OwnerName, Owners } from './owners.ts';
import {
  capUpdaters,
  decodeOwners,
  encodeOwners,
  isReset,
  ownerId,
  readOwners,
  setOwnedBy,
  withSet,
} from './owners.ts';

/** A write: of what, by whom, when. */
export interface Write {
  readonly registry: ResourceRegistry;
  readonly info: ResourceInfo;
  readonly subresource: string | undefined;
  readonly manager: string;
  /** RFC 3339. */
  readonly time: string;
}

export function writeOf(parts: ServerParts, call: Call): Write {
  return {
    registry: parts.registry,
    info: call.info,
    subresource: call.path.subresource,
    manager: readFieldManager(call),
    time: timestamp(parts.clock.now()),
  };
}

/** Nobody owns what only the server sets. */
const unowned = setOf([
  ['f:apiVersion'],
  ['f:kind'],
  ['f:metadata'],
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'clusterName',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((field) => ['f:metadata', `f:${field}`]),
]);

/** For writes that aren't an apply. Sets managedFields of `object`, which still has the ones that its writer sent. */
export function trackUpdate(write: Write, old: AnyObject | undefined, object: AnyObject): void {
  const { metadata } = object;
  const given = metadata.managedFields;
  const kept = old?.metadata.managedFields;
  delete metadata.managedFields;
  // Until an apply, an object that nobody tracked from its creation stays without owners.
  const owners = pickOwners(write, kept, given);
  if (owners.size === 0 && old !== undefined) return;
  try {
    trackOwners(write, owners, { old, object });
  } catch (error) {
    // A list whose items can't be told apart has no owners, and then the object has none.
    if (error instanceof TypedError) return;
    throw error;
  }
  const entries = encodeOwners(owners);
  if (entries !== undefined) metadata.managedFields = entries;
}

function pickOwners(write: Write, kept: unknown, given: unknown): Owners {
  // Most writers send back what they read, or nothing.
  if (given === undefined || write.subresource !== undefined) return readOwners(kept);
  if (isReset(given)) return new Map();
  const owners = equalJson(given, kept) ? undefined : decodeOwners(given);
  return owners === undefined || owners.size === 0 ? readOwners(kept) : owners;
}

interface States {
  readonly old: AnyObject | undefined;
  readonly object: AnyObject;
}

function trackOwners(write: Write, owners: Owners, { old, object }: States): void {
  const { registry, info, subresource, time } = write;
  const kind = kindOfObject(registry, info, subresource);
  const live = old === undefined ? comparableNothing(info) : withoutOwners(old);
  const self = nameOf(write, kind, 'Update', 'current-operation');
  ownByUpdate({ kind, live, next: object }, owners, self);
  const selfId = ownerId(self);
  const mine = owners.get(selfId);
  owners.delete(selfId);
  const set = mine === undefined ? undefined : subtractSets(mine.set, unowned);
  if (set === undefined || (set.kids === undefined && !set.own)) return capUpdaters(owners);
  const writer = nameOf(write, kind, 'Update', write.manager);
  const id = ownerId(writer);
  const before = owners.get(id);
  owners.set(id, {
    ...writer,
    time,
    set: before === undefined ? set : unionSets(before.set, set),
  });
  capUpdaters(owners);
}

function nameOf(
  write: Write,
  kind: KindOfObject,
  operation: OwnerName['operation'],
  manager: string,
): OwnerName {
  return {
    manager: manager === '' ? 'unknown' : manager,
    operation,
    apiVersion: kind.apiVersion,
    subresource: write.subresource ?? '',
  };
}

/**
 * The object after an apply, with its managedFields; `live` undefined: there is none yet. Throws ConflictError, and
 * TypedError for a configuration that doesn't fit the kind.
 */
export function applyConfig(
  write: Write,
  live: AnyObject | undefined,
  config: AnyObject,
  isForced: boolean,
): AnyObject {
  const { registry, info, subresource, manager, time } = write;
  const kind = kindOfObject(registry, info, subresource);
  const type = mergeTypeOf(info);
  checkConfig(info, config);
  const before = live === undefined ? comparableNothing(info) : comparable(info, live);
  const owners = readOwners(live?.metadata.managedFields);
  if (owners.size === 0) ownBeforeFirstApply(write, kind, owners, before);
  const applier = nameOf(write, kind, 'Apply', manager);
  const change: ApplyChange = { kind, live: before, config, isForced };
  const applied = applyOrUpgrade(write, change, owners, { applier, live });
  const id = ownerId(applier);
  const mine = owners.get(id);
  if (mine !== undefined) {
    const set = subtractSets(mine.set, unowned);
    const owner = { ...withSet(mine, set), time: applied.isChange ? time : mine.time };
    setOwnedBy(owners, id, owner);
  }
  const object = nextObject(applied, { type, live, config, info });
  renewLastApplied(manager, object, config);
  const entries = encodeOwners(owners);
  if (entries === undefined) delete object.metadata.managedFields;
  else object.metadata.managedFields = entries;
  return object;
}

function checkConfig(info: ResourceInfo, config: AnyObject): void {
  try {
    checkTyped(mergeTypeOf(info), config);
  } catch (error) {
    // Not checked yet: the caller may have left out metadata altogether.
    const metadata = (config.metadata ?? {}) as Partial<AnyObject['metadata']>;
    const group = info.group === '' ? '/' : '';
    const subject = `${metadata.namespace ?? ''}/${metadata.name ?? ''}; ${group}${config.apiVersion}, Kind=${config.kind}`;
    throw new TypedError(
      `failed to create typed patch object (${subject}): ${(error as Error).message}`,
    );
  }
}

/** Whatever is there before anybody tracked it belongs to one entry that an apply may conflict with. */
function ownBeforeFirstApply(
  write: Write,
  kind: KindOfObject,
  owners: Owners,
  live: unknown,
): void {
  const { info, time } = write;
  const writer = nameOf(write, kind, 'Update', 'before-first-apply');
  ownByUpdate({ kind, live: comparableNothing(info), next: live }, owners, writer);
  const id = ownerId(writer);
  const mine = owners.get(id);
  if (mine === undefined) return;
  setOwnedBy(owners, id, { ...withSet(mine, subtractSets(mine.set, unowned)), time });
}

interface Attempt {
  readonly applier: OwnerName;
  readonly live: AnyObject | undefined;
}

// kubectl may take over without conflict what its own client-side apply wrote.
function applyOrUpgrade(
  write: Write,
  change: ApplyChange,
  owners: Owners,
  { applier, live }: Attempt,
): Applied {
  const before = new Map(owners);
  try {
    return ownByApply(change, owners, applier);
  } catch (error) {
    if (!(error instanceof ConflictError) || write.manager !== 'kubectl') throw error;
    const rest = allowedByLastApplied(write.info, live, change.live, error.conflicts);
    if (rest === undefined) throw error;
    if (rest.length > 0) throw new ConflictError(rest);
    owners.clear();
    for (const [id, owner] of before) owners.set(id, owner);
    return ownByApply({ ...change, isForced: true }, owners, applier);
  }
}

interface NextParts {
  readonly type: ReturnType<typeof mergeTypeOf>;
  readonly info: ResourceInfo;
  readonly live: AnyObject | undefined;
  readonly config: AnyObject;
}

function nextObject(applied: Applied, { type, info, live, config }: NextParts): AnyObject {
  if (live !== undefined && !applied.isChange) return cloneJson(live);
  const kept = live ?? { apiVersion: config.apiVersion, kind: config.kind, metadata: {} };
  const merged = mergeApplied(type, kept, config, applied.gone) as AnyObject | undefined;
  if (merged === undefined) throw new Error(`nothing is left of the ${qualifiedKind(info)}`);
  return cloneJson(merged);
}

/** Whether two states differ in nothing but the times of their entries: then there is nothing to write. */
export function equalButTimes(left: AnyObject, right: AnyObject): boolean {
  if (equalJson(left, right)) return true;
  const [mine, theirs] = [left.metadata.managedFields, right.metadata.managedFields];
  if (!Array.isArray(mine) || !Array.isArray(theirs)) return false;
  return equalJson(withoutTimes(left), withoutTimes(right));
}

function withoutTimes(object: AnyObject): object {
  const entries = object.metadata.managedFields as readonly Record<string, unknown>[];
  const managedFields = entries.map(({ time: _time, ...entry }) => entry);
  return { ...object, metadata: { ...object.metadata, managedFields } };
}
