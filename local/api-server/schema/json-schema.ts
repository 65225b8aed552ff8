// Turns a structural schema into a JSON schema that Ajv understands.

import type { StructuralSchema } from './structural-schema.ts';
import { isJsonObject } from './structural-schema.ts';
import { parseGoRegExp } from './parse-go-regexp.ts';
import { stringFormats } from './string-formats.ts';

const copied = [
  'required',
  'enum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'multipleOf',
] as const;

const isAcceptable: Partial<Record<(typeof copied)[number], (value: unknown) => boolean>> = {
  required: (value) => Array.isArray(value),
  enum: (value) => Array.isArray(value) && value.length > 0,
  multipleOf: (value) => typeof value === 'number' && value > 0,
};

/** Keywords that Ajv would refuse or that mean something else there are left out or translated. */
export function buildJsonSchema(schema: StructuralSchema): Record<string, unknown> {
  const json: Record<string, unknown> = {};
  const type = typeOf(schema);
  if (type !== undefined) json['type'] = type;
  addKeywords(schema, json);
  addBounds(schema, json);
  // Ajv knows no formats of integers; the title carries it to the error's words.
  if (schema.type === 'integer' && /^int(32|64)$/.test(schema.format ?? '')) {
    json['title'] = schema.format;
  }
  addChildren(schema, json);
  return json;
}

function addKeywords(schema: StructuralSchema, json: Record<string, unknown>): void {
  for (const keyword of copied) {
    const value = schema[keyword];
    const isGood = isAcceptable[keyword] ?? isCount;
    if (value !== undefined && isGood(value)) {
      json[keyword] = keyword === 'required' ? [...new Set(value as string[])] : value;
    }
  }
  if (typeof schema.pattern === 'string' && parseGoRegExp(schema.pattern) !== undefined) {
    json['pattern'] = schema.pattern;
  }
  const { format } = schema;
  if (format !== undefined && stringFormats.has(format)) json['format'] = format;
}

const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;

const jsonTypes = new Set(['object', 'array', 'string', 'integer', 'number', 'boolean']);

function typeOf(schema: StructuralSchema): string | string[] | undefined {
  const isEither = schema['x-kubernetes-int-or-string'] === true;
  const types = isEither ? ['integer', 'string'] : schema.type === undefined ? [] : [schema.type];
  if (types.length === 0 || !types.every((type) => jsonTypes.has(type))) return undefined;
  if (schema.nullable === true) return [...types, 'null'];
  return types.length === 1 ? types[0] : types;
}

function addBounds(schema: StructuralSchema, json: Record<string, unknown>): void {
  const { minimum, maximum } = schema;
  if (typeof minimum === 'number') {
    json[schema.exclusiveMinimum === true ? 'exclusiveMinimum' : 'minimum'] = minimum;
  }
  if (typeof maximum === 'number') {
    json[schema.exclusiveMaximum === true ? 'exclusiveMaximum' : 'maximum'] = maximum;
  }
}

function addChildren(schema: StructuralSchema, json: Record<string, unknown>): void {
  if (isJsonObject(schema.properties)) {
    json['properties'] = Object.fromEntries(
      Object.entries(schema.properties).map(([name, one]) => [name, buildJsonSchema(one)]),
    );
  }
  if (isJsonObject(schema.additionalProperties)) {
    json['additionalProperties'] = buildJsonSchema(schema.additionalProperties);
  }
  if (isJsonObject(schema.items)) json['items'] = buildJsonSchema(schema.items);
  if (isJsonObject(schema.not)) json['not'] = buildJsonSchema(schema.not);
  // The alternatives of int-or-string say nothing that its two types don't say already.
  const isEither = schema['x-kubernetes-int-or-string'] === true;
  for (const keyword of ['allOf', 'anyOf', 'oneOf'] as const) {
    const list = schema[keyword];
    if (!Array.isArray(list) || list.length === 0 || (isEither && keyword === 'anyOf')) continue;
    json[keyword] = list.map(buildJsonSchema);
  }
}
