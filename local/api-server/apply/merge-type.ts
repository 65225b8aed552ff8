// How a value merges: as one piece, as a map of fields, or as a list whose items are known by keys or by their value.

import { isMap } from '../any-object.ts';

export type Shape = 'map' | 'scalar' | 'list';

export interface ListType {
  readonly item: MergeType;
  /** Owned and replaced as one piece. */
  readonly isAtomic: boolean;
  /** What tells items apart; empty where the item itself does. */
  readonly keys: readonly string[];
}

export interface MapType {
  readonly isAtomic: boolean;
  readonly fields: ReadonlyMap<string, FieldType>;
  /** The type of every other field; undefined: there may be none. */
  readonly rest: MergeType | undefined;
  /** Like a Go struct: fields may be there without being set; see as-go-sees.ts. */
  readonly isStruct?: boolean;
  /** Of a struct: the names of the fields that are always there. */
  readonly always?: readonly string[];
}

export interface FieldType {
  readonly type: MergeType;
  /** What a missing key of a list item counts as. */
  readonly keyDefault?: unknown;
  /**
   * Only in structs. `always`: a missing field counts as `zero`; `unless-zero`: a field that is `zero` counts as
   * missing.
   */
  readonly presence?: 'always' | 'unless-zero';
  readonly zero?: unknown;
}

/** A value may have more than one shape (any JSON): then its own decides. */
export interface MergeType {
  readonly scalar?: 'string' | 'number' | 'boolean' | 'any';
  readonly list?: ListType;
  readonly map?: MapType;
}

const noFields: ReadonlyMap<string, FieldType> = new Map();

interface Loose {
  scalar: 'any';
  list?: ListType;
  map?: MapType;
}

function makeAtomicAny(): MergeType {
  const any: Loose = { scalar: 'any' };
  any.list = { item: any, isAtomic: true, keys: [] };
  any.map = { isAtomic: true, fields: noFields, rest: any };
  return any;
}

function makeDeduced(): MergeType {
  const any: Loose = { scalar: 'any' };
  any.list = { item: atomicAny, isAtomic: true, keys: [] };
  any.map = { isAtomic: false, fields: noFields, rest: any };
  return any;
}

/** Any JSON, always one piece. */
export const atomicAny: MergeType = makeAtomicAny();
/** Any JSON whose type nothing says: maps merge field by field, lists are one piece. */
export const deducedAny: MergeType = makeDeduced();

export const anyScalar: MergeType = { scalar: 'any' };
const noType: MergeType = {};

/** The shape that `value` has or, if the type doesn't know that shape, the one the type has. */
export function shapeOf(type: MergeType, value: unknown): Shape {
  if (Array.isArray(value)) {
    if (type.list !== undefined) return 'list';
  } else if (isMap(value)) {
    if (type.map !== undefined) return 'map';
  } else if (value !== undefined && value !== null && type.scalar !== undefined) {
    return 'scalar';
  }
  if (type.map !== undefined) return 'map';
  return type.scalar !== undefined ? 'scalar' : 'list';
}

/** The type of what is one step below. */
export function typeBelow(type: MergeType, element: string): MergeType {
  if (element.startsWith('f:')) {
    const field = type.map?.fields.get(element.slice(2));
    return field?.type ?? type.map?.rest ?? noType;
  }
  return type.list?.item ?? noType;
}
