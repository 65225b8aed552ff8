// How custom resources merge, from the schema of their definition.

import type { FieldType, ListType, MapType, MergeType } from './merge-type.ts';
import { anyScalar, deducedAny } from './merge-type.ts';

interface Schema {
  readonly type?: unknown;
  readonly format?: unknown;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: string;
}

const text: MergeType = { scalar: 'string' };

/** `metadata` is the type of ObjectMeta. Without a schema everything merges by what it looks like. */
export function buildCustomType(schema: object | undefined, metadata: MergeType): MergeType {
  const root = (schema ?? { 'x-kubernetes-preserve-unknown-fields': true }) as Schema;
  const object = { ...root, type: 'object', 'x-kubernetes-embedded-resource': true };
  return buildType(object, { keepsUnknown: false, metadata });
}

interface Context {
  /** An object around this one keeps fields that its schema doesn't name. */
  readonly keepsUnknown: boolean;
  readonly metadata: MergeType;
}

function buildType(schema: Schema, outer: Context): MergeType {
  const keeps = schema['x-kubernetes-preserve-unknown-fields'] === true;
  const context = keeps ? { ...outer, keepsUnknown: true } : outer;
  switch (schema.type) {
    case 'object':
      return { map: buildMap(schema, context) };
    case 'array':
      return { list: buildList(schema, context) };
    case 'integer':
    case 'number':
      return { scalar: 'number' };
    case 'boolean':
      return { scalar: 'boolean' };
    case 'string': {
      const { format = '' } = schema;
      return format === '' || format === 'byte' ? text : anyScalar;
    }
    default:
      // No type is any type, as int-or-string has it.
      return { scalar: 'any', map: buildMap(schema, context), list: buildList(schema, context) };
  }
}

function buildMap(schema: Schema, context: Context): MapType {
  const fields = new Map<string, FieldType>();
  for (const [name, one] of Object.entries(schema.properties ?? {})) {
    fields.set(name, {
      type: buildType(one, context),
      ...(one.default !== undefined && { keyDefault: one.default }),
    });
  }
  if (schema['x-kubernetes-embedded-resource'] === true) {
    fields.set('apiVersion', { type: text }).set('kind', { type: text });
    fields.set('metadata', { type: context.metadata });
  }
  return {
    isAtomic: schema['x-kubernetes-map-type'] === 'atomic',
    fields,
    rest: buildRest(schema, context, fields.size),
  };
}

function buildRest(schema: Schema, context: Context, fieldCount: number): MergeType | undefined {
  const { additionalProperties: more } = schema;
  if (more === undefined) {
    return context.keepsUnknown || fieldCount === 0 ? deducedAny : undefined;
  }
  if (typeof more === 'object') return buildType(more, context);
  return more ? deducedAny : undefined;
}

function buildList(schema: Schema, context: Context): ListType {
  const listType = schema['x-kubernetes-list-type'];
  return {
    item: schema.items === undefined ? deducedAny : buildType(schema.items, context),
    isAtomic: listType !== 'set' && listType !== 'map',
    keys: listType === 'map' ? (schema['x-kubernetes-list-map-keys'] ?? []) : [],
  };
}
