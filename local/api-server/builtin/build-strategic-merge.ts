// Kubernetes' strategic merge patch: lists merge by key where the kind says so, and $-directives are obeyed.

import { buildGoText } from '../build-go-text.ts';
import type { FieldType, KindTypes, ObjectType } from './parse-kind-types.ts';

type JsonObject = Record<string, unknown>;

/** Which types there are, and the type of the object that is patched. */
export interface MergeTypes {
  readonly types: KindTypes;
  readonly root: ObjectType | undefined;
}

const directives = {
  patch: '$patch',
  retainKeys: '$retainKeys',
  deleteItems: '$deleteFromPrimitiveList/',
  order: '$setElementOrder/',
} as const;

/** A real server takes this for a mistake of its own: 500 for the caller, where others are 400. */
export class MergeFailedError extends Error {
  override readonly name = 'MergeFailedError';
}

/**
 * Returns the patched object and leaves both arguments alone. Throws an Error with one sentence for a patch that makes
 * no sense: a 400 for the caller, or a MergeFailedError.
 */
export function buildStrategicMerge(current: unknown, patch: unknown, kind: MergeTypes): unknown {
  if (!isObject(patch)) throw new Error('a strategic merge patch must be an object');
  return mergeObject(isObject(current) ? current : {}, patch, {
    types: kind.types,
    type: kind.root,
  });
}

interface Context {
  readonly types: KindTypes;
  /** `undefined` where nothing is known: lists are replaced there, as in a JSON merge patch. */
  readonly type: ObjectType | undefined;
  readonly retainsKeys?: boolean;
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const own = (object: JsonObject, key: string): unknown =>
  Object.hasOwn(object, key) ? object[key] : undefined;

function set(object: JsonObject, key: string, value: unknown): void {
  Object.defineProperty(object, key, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

function mergeObject(current: JsonObject, patch: JsonObject, context: Context): JsonObject {
  const directive = own(patch, directives.patch);
  if (directive === 'replace') return cleanCopy(without(patch, directives.patch)) as JsonObject;
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge') {
    throw new MergeFailedError(
      `unknown patch type: ${buildGoText(directive)} in map: ${buildGoText(patch)}`,
    );
  }
  const merged = keepRetained(current, patch);
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$')) continue;
    if (value === null) delete merged[key];
    else {
      const next = mergeField(own(merged, key), value, fieldContext(key, patch, context));
      if (next === undefined) delete merged[key];
      else set(merged, key, next);
    }
  }
  return applyListDirectives(merged, patch, context);
}

/** `$retainKeys` lists the keys that stay; the others of the object go before the patch is applied. */
function keepRetained(current: JsonObject, patch: JsonObject): JsonObject {
  const kept = own(patch, directives.retainKeys);
  if (kept === undefined) return { ...current };
  if (!Array.isArray(kept)) throw new Error('$retainKeys must be a list');
  const missing = Object.keys(patch).find(
    (key) => !key.startsWith('$') && !kept.includes(key) && patch[key] !== null,
  );
  if (missing !== undefined) {
    throw new Error(`$retainKeys must name every key that the patch sets: ${missing} is missing`);
  }
  return Object.fromEntries(Object.entries(current).filter(([key]) => kept.includes(key)));
}

interface FieldContext {
  readonly types: KindTypes;
  readonly field: FieldType | undefined;
  /** Merge keys, or scalars, in the order the patch asks for. */
  readonly order: unknown[] | undefined;
  readonly deleted: unknown[];
}

function fieldContext(key: string, patch: JsonObject, context: Context): FieldContext {
  const order = own(patch, directives.order + key);
  const deleted = own(patch, directives.deleteItems + key);
  return {
    types: context.types,
    field: context.type?.get(key),
    order: Array.isArray(order) ? order : undefined,
    deleted: Array.isArray(deleted) ? deleted : [],
  };
}

function mergeField(current: unknown, value: unknown, context: FieldContext): unknown {
  if (isObject(value)) return mergeChild(current, value, context);
  if (!Array.isArray(value)) return value;
  const { field } = context;
  if (field?.mergeKey === undefined) return cleanList(value);
  const before = Array.isArray(current) ? current : [];
  return field.mergeKey === ''
    ? mergeSet(before, value, context)
    : mergeList(before, value, context);
}

function mergeChild(current: unknown, value: JsonObject, context: FieldContext): unknown {
  // Kubernetes empties a deleted object, but makes none where there was none.
  if (own(value, directives.patch) === 'delete') return current === undefined ? undefined : {};
  const { field, types } = context;
  const isMap = field?.shape === 'map';
  const type = field === undefined ? undefined : types.get(field.type);
  const before = isObject(current) ? current : {};
  if (isMap && type !== undefined) {
    return mergeObject(before, value, { types, type: everyKey(type, field, value, before) });
  }
  return mergeObject(before, value, { types, type: isMap ? undefined : type });
}

/** A map of objects: every key has the same type. */
function everyKey(_type: ObjectType, field: FieldType, ...objects: JsonObject[]): ObjectType {
  const keys = objects.flatMap((object) => Object.keys(object));
  return new Map(keys.map((name) => [name, { ...field, name, shape: 'one' as const }]));
}

/** Directives for lists that the patch doesn't set otherwise: deletions and new orders alone. */
function applyListDirectives(merged: JsonObject, patch: JsonObject, context: Context): JsonObject {
  const names = new Set(
    Object.keys(patch).flatMap((key) => {
      const match = /^\$(?:deleteFromPrimitiveList|setElementOrder)\/(.+)$/.exec(key);
      return match?.[1] === undefined ? [] : [match[1]];
    }),
  );
  for (const name of names) {
    const list = own(merged, name);
    if (Object.hasOwn(patch, name) || !Array.isArray(list)) continue;
    set(merged, name, mergeField(list, [], fieldContext(name, patch, context)));
  }
  return merged;
}

function mergeSet(current: unknown[], patch: unknown[], context: FieldContext): unknown[] {
  const kept = current.filter((item) => !context.deleted.includes(item));
  const added = patch.filter(
    (item, index) => !kept.includes(item) && patch.indexOf(item) === index,
  );
  const merged = [...kept, ...added];
  return sortByOrder(merged, { order: context.order ?? patch, current, keyOf: (item) => item });
}

function mergeList(current: unknown[], patch: unknown[], context: FieldContext): unknown[] {
  const { field, types } = context;
  const mergeKey = field?.mergeKey ?? '';
  const type = types.get(field?.type ?? '');
  if (patch.some((item) => isObject(item) && own(item, directives.patch) === 'replace')) {
    return cleanList(
      patch.filter((item) => !isObject(item) || own(item, directives.patch) === undefined),
    );
  }
  const merged = [...current];
  for (const item of patch) {
    if (!isObject(item)) throw new Error(`a list that merges by ${mergeKey} holds only objects`);
    applyItem(merged, item, { mergeKey, context: { types, type } });
  }
  const keyOf = (item: unknown): unknown => (isObject(item) ? own(item, mergeKey) : undefined);
  const order = (context.order ?? patch).map(keyOf);
  return sortByOrder(merged, { order, current, keyOf });
}

function applyItem(
  merged: unknown[],
  item: JsonObject,
  { mergeKey, context }: { mergeKey: string; context: Context },
): void {
  const key = own(item, mergeKey);
  if (key === undefined) {
    throw new MergeFailedError(
      `map: ${buildGoText(item)} does not contain declared merge key: ${mergeKey}`,
    );
  }
  const isSame = (one: unknown): boolean => isObject(one) && own(one, mergeKey) === key;
  if (own(item, directives.patch) === 'delete') {
    for (let at = merged.findIndex(isSame); at >= 0; at = merged.findIndex(isSame))
      merged.splice(at, 1);
    return;
  }
  const at = merged.findIndex(isSame);
  const before = at < 0 ? {} : (merged[at] as JsonObject);
  const next = mergeObject(before, item, context);
  if (at < 0) merged.push(next);
  else merged[at] = next;
}

/**
 * Items that the order names (the patch itself, if it gives none) come in that order; the others, which only the
 * server knows, keep their place among the ones that they stood beside.
 */
function sortByOrder(
  merged: unknown[],
  {
    order,
    current,
    keyOf,
  }: { order: unknown[]; current: unknown[]; keyOf: (item: unknown) => unknown },
): unknown[] {
  const rank = (item: unknown): number => order.indexOf(keyOf(item));
  const named = merged
    .filter((item) => rank(item) >= 0)
    .sort((one, other) => rank(one) - rank(other));
  const others = merged.filter((item) => rank(item) < 0);
  const before = current.map(keyOf);
  const place = (item: unknown): number => before.indexOf(keyOf(item));
  const sorted: unknown[] = [];
  // Merges the two sequences by where their items stood before; an item that is new stays behind its predecessor.
  while (named.length > 0 && others.length > 0) {
    const [one, other] = [named[0], others[0]];
    const isOtherFirst = place(one) >= 0 && place(other) < place(one);
    sorted.push(isOtherFirst ? others.shift() : named.shift());
  }
  return [...sorted, ...named, ...others];
}

const without = (object: JsonObject, key: string): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));

const cleanList = (list: unknown[]): unknown[] => list.map(cleanCopy);

/** A part of the patch that becomes part of the object: directives and nulls don't. */
function cleanCopy(value: unknown): unknown {
  if (Array.isArray(value)) return cleanList(value);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, one]) => !key.startsWith('$') && one !== null)
      .map(([key, one]) => [key, cleanCopy(one)]),
  );
}
