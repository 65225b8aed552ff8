// Schemas of kinds and of everything inside them, as OpenAPI components.

import type { FieldType, KindTypes, ObjectType } from '../builtin/parse-kind-types.ts';

type JsonObject = Record<string, unknown>;

export interface SchemaResource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly isCustom: boolean;
  readonly schema?: object;
  /** As in ResourceInfo. */
  readonly typeName?: string;
}

/** `io.k8s.api.apps.v1.Deployment`, `dev.rouse.v1alpha1.Function`. */
export function schemaName(
  info: Pick<SchemaResource, 'group' | 'version' | 'kind' | 'isCustom'>,
): string {
  const { group, version, kind } = info;
  if (info.isCustom) return `${group.split('.').toReversed().join('.')}.${version}.${kind}`;
  return `io.k8s.api.${group === '' ? 'core' : (group.split('.')[0] ?? '')}.${version}.${kind}`;
}

/** Where a type that is part of others stands; kubectl shows only what follows the last dot. */
const partName = (type: string): string => `io.k8s.api.parts.${type.replace(/_v\d+$/, '')}`;

export function buildKindSchemas(infos: readonly SchemaResource[], types: KindTypes): JsonObject {
  const schemas: JsonObject = {};
  const build: Build = { types, schemas };
  for (const info of infos) {
    const { group, version, kind } = info;
    const type = types.get(info.typeName ?? kind);
    schemas[schemaName(info)] = {
      ...(info.isCustom ? customSchema(build, info) : kindSchema(build, type)),
      'x-kubernetes-group-version-kind': [{ group, version, kind }],
    };
  }
  return schemas;
}

interface Build {
  readonly types: KindTypes;
  readonly schemas: JsonObject;
}

const typeMeta = {
  apiVersion: {
    description: 'APIVersion defines the versioned schema of this representation of an object.',
    type: 'string',
  },
  kind: {
    description: 'Kind is a string value representing the REST resource this object represents.',
    type: 'string',
  },
} as const;

const metadataDescription = "Standard object's metadata.";

function customSchema(build: Build, info: SchemaResource): JsonObject {
  const schema = (info.schema ?? { 'x-kubernetes-preserve-unknown-fields': true }) as JsonObject;
  const properties = (schema['properties'] ?? {}) as JsonObject;
  return {
    type: 'object',
    ...schema,
    properties: {
      ...properties,
      ...typeMeta,
      metadata: { description: metadataDescription, allOf: [reference(build, 'ObjectMeta')] },
    },
  };
}

function kindSchema(build: Build, type: ObjectType | undefined): JsonObject {
  if (type === undefined) return { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return { type: 'object', properties: { ...typeMeta, ...properties(build, type) } };
}

function properties(build: Build, type: ObjectType): JsonObject {
  return Object.fromEntries(
    [...type.values()].map((field) => [field.name, property(build, field)]),
  );
}

const scalars: Readonly<Record<string, JsonObject>> = {
  string: { type: 'string' },
  int: { type: 'integer', format: 'int32' },
  long: { type: 'integer', format: 'int64' },
  number: { type: 'number', format: 'double' },
  bool: { type: 'boolean' },
  bytes: { type: 'string', format: 'byte' },
  Time: { type: 'string', format: 'date-time' },
  MicroTime: { type: 'string', format: 'date-time' },
  Quantity: { type: 'string' },
  IntOrString: { type: 'string', format: 'int-or-string' },
  any: { type: 'object' },
};

function property(build: Build, field: FieldType): JsonObject {
  const scalar = scalars[field.type];
  const item = scalar ?? reference(build, field.type);
  const merging = {
    ...(field.mergeKey !== undefined &&
      field.mergeKey !== '' && { 'x-kubernetes-patch-merge-key': field.mergeKey }),
    ...strategy(field),
  };
  if (field.shape === 'list') return { type: 'array', items: item, ...merging };
  if (field.shape === 'map') return { type: 'object', additionalProperties: item };
  // A reference stands alone: what is beside it would be overlooked.
  if (scalar === undefined && Object.keys(merging).length > 0) return { allOf: [item], ...merging };
  return item;
}

function strategy(field: FieldType): JsonObject {
  const words = [
    ...(field.mergeKey === undefined ? [] : ['merge']),
    ...(field.retainsKeys ? ['retainKeys'] : []),
  ];
  return words.length === 0 ? {} : { 'x-kubernetes-patch-strategy': words.join(',') };
}

/** Adds the type's own schema the first time it is referred to. */
function reference(build: Build, type: string): JsonObject {
  const name = partName(type);
  if (!Object.hasOwn(build.schemas, name)) {
    build.schemas[name] = {};
    const known = build.types.get(type);
    build.schemas[name] =
      known === undefined
        ? { type: 'object' }
        : { type: 'object', properties: properties(build, known) };
  }
  return { $ref: `#/components/schemas/${name}` };
}
