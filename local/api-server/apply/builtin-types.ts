// How the built-in kinds merge, made from their fields and rules when they are first needed.

import { kindTypes } from '../builtin/kind-table.ts';
import type { FieldType as KindField } from '../builtin/parse-kind-types.ts';
import { mergeRules } from './merge-rules.ts';
import type { FieldType, MapType, MergeType } from './merge-type.ts';
import { anyScalar, atomicAny, deducedAny } from './merge-type.ts';
import type { FieldRule, TypeRules } from './parse-merge-rules.ts';
import { parseMergeRules } from './parse-merge-rules.ts';

const text: MergeType = { scalar: 'string' };
const number: MergeType = { scalar: 'number' };

const scalars: Readonly<Record<string, { type: MergeType; zero: unknown }>> = {
  string: { type: text, zero: '' },
  bytes: { type: text, zero: '' },
  int: { type: number, zero: 0 },
  long: { type: number, zero: 0 },
  number: { type: number, zero: 0 },
  bool: { type: { scalar: 'boolean' }, zero: false },
  Time: { type: anyScalar, zero: null },
  MicroTime: { type: anyScalar, zero: null },
  Quantity: { type: anyScalar, zero: '0' },
  IntOrString: { type: anyScalar, zero: 0 },
  any: { type: atomicAny, zero: null },
};

let rules: ReadonlyMap<string, TypeRules> | undefined;
const structs = new Map<string, MergeType>();
const roots = new Map<string, MergeType>();

/** The type of whole objects of a kind. A kind whose fields aren't written down merges by what its values look like. */
export function builtinType(kind: string): MergeType {
  let root = roots.get(kind);
  if (root === undefined) {
    root = makeRoot(kind);
    roots.set(kind, root);
  }
  return root;
}

function makeRoot(kind: string): MergeType {
  const { map } = structType(kind);
  if (map === undefined) return deducedAny;
  const fields = new Map<string, FieldType>([
    ['apiVersion', { type: text }],
    ['kind', { type: text }],
    ...map.fields,
  ]);
  return { map: { ...map, fields } };
}

/** The type of objects that are part of others, such as ObjectMeta; without a shape if there is none of that name. */
export function structType(name: string): MergeType {
  const known = structs.get(name);
  if (known !== undefined) return known;
  const kindFields = kindTypes().get(name);
  if (kindFields === undefined) return {};
  rules ??= parseMergeRules(mergeRules);
  const mine = rules.get(name);
  const fields = new Map<string, FieldType>();
  const isAtomic = mine?.isAtomic ?? false;
  const always: string[] = [];
  const type: MergeType = { map: { isAtomic, fields, rest: undefined, isStruct: true, always } };
  // Known before its fields are: types may contain themselves.
  structs.set(name, type);
  for (const field of kindFields.values()) {
    const rule = mine?.fields.get(field.name);
    fields.set(field.name, makeField(field, rule));
    if (rule?.presence === 'always') always.push(field.name);
  }
  return type;
}

function makeField(field: KindField, rule: FieldRule | undefined): FieldType {
  const scalar = Object.hasOwn(scalars, field.type) ? scalars[field.type] : undefined;
  const one = scalar?.type ?? structType(field.type);
  const zero = field.shape === 'one' ? scalar?.zero : null;
  return {
    type: makeType(field, rule, one),
    ...(rule?.keyDefault !== undefined && { keyDefault: rule.keyDefault }),
    ...(rule?.presence !== undefined && { presence: rule.presence, zero }),
    // Zero is the default of a key that may not be left out.
    ...(rule?.presence === 'always' && zero !== undefined && { keyDefault: zero }),
  };
}

function makeType(field: KindField, rule: FieldRule | undefined, one: MergeType): MergeType {
  const isAtomic = rule?.isAtomic ?? false;
  if (field.shape === 'list') {
    const keys = rule?.keys;
    return { list: { item: one, isAtomic: keys === undefined, keys: keys ?? [] } };
  }
  if (field.shape === 'map') return { map: { isAtomic, fields: new Map(), rest: one } };
  return isAtomic && one.map !== undefined ? { map: atomicCopy(one.map) } : one;
}

function atomicCopy(map: MapType): MapType {
  return { ...map, isAtomic: true };
}
