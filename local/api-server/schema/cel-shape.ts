// Maps a structural schema to CEL types, and JSON values to values of those types.

import { Environment } from '@marcbachmann/cel-js';
import type { JsonObject, StructuralSchema } from './structural-schema.ts';
import { isJsonObject, own } from './structural-schema.ts';
import { parseDuration } from './parse-duration.ts';

// Lists are made by our own Array: cel-js knows no Array of another realm, which structuredClone may hand out.

/** How values of one schema node look to CEL. */
export interface CelShape {
  /** Name of the CEL type, for example int or list<string>. */
  readonly type: string;
  /** `value` has passed the schema. */
  readonly convert: (value: unknown) => unknown;
}

/** An object of a declared type. A Map, so that a field may be called `constructor`. */
class CelObject extends Map<string, unknown> {}

const dynamic: CelShape = { type: 'dyn', convert: convertDynamic };

const scalars: Readonly<Record<string, CelShape>> = {
  string: { type: 'string', convert: (value) => value },
  boolean: { type: 'bool', convert: (value) => value },
  integer: { type: 'int', convert: (value) => BigInt(value as number) },
  number: { type: 'double', convert: (value) => value },
};

const metadata: StructuralSchema = {
  type: 'object',
  properties: { name: { type: 'string' }, generateName: { type: 'string' } },
};

/** Registers a CEL type per object of the schema. */
export class CelTypes {
  readonly #environment: Environment;
  readonly #shapes = new Map<StructuralSchema, CelShape>();
  readonly #names = new Set<string>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** `name` only shows in error messages. The root knows apiVersion, kind and metadata. */
  shapeOf(schema: StructuralSchema, name: string, isRoot = false): CelShape {
    const known = this.#shapes.get(schema);
    if (known !== undefined) return known;
    const shape = guard(this.#build(schema, name, isRoot));
    this.#shapes.set(schema, shape);
    return shape;
  }

  #build(schema: StructuralSchema, name: string, isRoot: boolean): CelShape {
    if (schema['x-kubernetes-int-or-string'] === true) return dynamic;
    if (schema.type === 'array') return this.#list(schema, name);
    if (schema.type === 'string') return this.#string(schema);
    if (schema.type === 'object') return this.#object(schema, name, isRoot);
    return scalars[schema.type ?? ''] ?? dynamic;
  }

  #string(schema: StructuralSchema): CelShape {
    switch (schema.format) {
      case 'byte':
        return { type: 'bytes', convert: (value) => decodeBase64(String(value)) };
      case 'date':
        return {
          type: 'google.protobuf.Timestamp',
          convert: (v) => new Date(`${String(v)}T00:00:00Z`),
        };
      case 'date-time':
      case 'datetime':
        return { type: 'google.protobuf.Timestamp', convert: (value) => new Date(String(value)) };
      case 'duration':
        return { type: 'google.protobuf.Duration', convert: convertDuration };
      default:
        return scalars['string'] ?? dynamic;
    }
  }

  #list(schema: StructuralSchema, name: string): CelShape {
    const items = schema.items === undefined ? dynamic : this.shapeOf(schema.items, `${name}.item`);
    return {
      type: `list<${items.type}>`,
      convert: (value) => (Array.isArray(value) ? Array.from(value, items.convert) : value),
    };
  }

  #object(schema: StructuralSchema, name: string, isRoot: boolean): CelShape {
    if (isJsonObject(schema.additionalProperties)) {
      const values = this.shapeOf(schema.additionalProperties, `${name}.value`);
      return { type: `map<string, ${values.type}>`, convert: (v) => convertMap(v, values) };
    }
    const isFree = schema['x-kubernetes-preserve-unknown-fields'] === true;
    const isResource = isRoot || schema['x-kubernetes-embedded-resource'] === true;
    const properties: Record<string, StructuralSchema> = {
      ...schema.properties,
      ...(isResource && { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata }),
    };
    if (Object.keys(properties).length === 0 && isFree) return dynamic;
    return this.#message(properties, this.#freeName(name));
  }

  #message(properties: Record<string, StructuralSchema>, name: string): CelShape {
    const fields = Object.entries(properties).flatMap(([key, schema]) => {
      const escaped = escapeName(key);
      if (escaped === undefined) return [];
      return [{ key, escaped, shape: this.shapeOf(schema, `${name}.${escaped}`) }];
    });
    const ctor = class extends CelObject {};
    this.#environment.registerType(name, {
      ctor,
      fields: Object.fromEntries(fields.map(({ escaped, shape }) => [escaped, shape.type])),
    });
    this.#environment.registerOperator(`${name} == ${name}`, isDeepEqual);
    return { type: name, convert: (value) => fill(new ctor(), value, fields) };
  }

  #freeName(name: string): string {
    let free = name;
    for (let count = 2; this.#names.has(free); count++) free = `${name}${count}`;
    this.#names.add(free);
    return free;
  }
}

interface Field {
  readonly key: string;
  readonly escaped: string;
  readonly shape: CelShape;
}

function fill(target: CelObject, value: unknown, fields: readonly Field[]): unknown {
  if (!isJsonObject(value)) return value;
  for (const { key, escaped, shape } of fields) {
    const field = own(value, key);
    // A null is an absent field to CEL, also where the schema allows it.
    if (field !== undefined && field !== null) target.set(escaped, shape.convert(field));
  }
  return target;
}

/** A value that the schema refused (or that ratcheting let through) must not throw here. */
function guard(shape: CelShape): CelShape {
  return {
    type: shape.type,
    convert: (value) => {
      try {
        return shape.convert(value);
      } catch {
        return convertDynamic(value);
      }
    },
  };
}

let toDuration: ((values: { text: string }) => unknown) | undefined;

/** cel-js keeps its Duration class to itself, so CEL makes one. */
function convertDuration(value: unknown): unknown {
  toDuration ??= new Environment().registerVariable('text', 'string').parse('duration(text)');
  const seconds = (parseDuration(String(value)) ?? 0) / 1e9;
  return toDuration({ text: `${seconds.toFixed(9)}s` });
}

function convertMap(value: unknown, values: CelShape): unknown {
  if (!isJsonObject(value)) return value;
  return new Map(Object.entries(value).map(([key, one]) => [key, values.convert(one)]));
}

function convertDynamic(value: unknown): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return Array.from(value, convertDynamic);
  if (!isJsonObject(value)) return value;
  return new Map(
    Object.entries(value as JsonObject).map(([key, one]) => [key, convertDynamic(one)]),
  );
}

function decodeBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

const reserved = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);
const symbols: Readonly<Record<string, string>> = { '.': 'dot', '-': 'dash', '/': 'slash' };

/** How Kubernetes lets CEL name a field; `undefined` when it can't be named. */
export function escapeName(name: string): string | undefined {
  if (reserved.has(name)) return `__${name}__`;
  const escaped = name.replaceAll(/__|[./-]/g, (part) => `__${symbols[part] ?? 'underscores'}__`);
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(escaped) ? escaped : undefined;
}

/** Equality of two converted values; numbers compare across int and double as CEL does. */
export function isDeepEqual(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (isNumber(one) && isNumber(other)) return Number(one) === Number(other);
  if (typeof one !== 'object' || typeof other !== 'object') return false;
  return one !== null && other !== null && isEqualObject(one, other);
}

const isNumber = (value: unknown): value is number | bigint =>
  typeof value === 'number' || typeof value === 'bigint';

function isEqualObject(one: object, other: object): boolean {
  if (one instanceof Map && other instanceof Map) return isEqualMap(one, other);
  if (isArrayLike(one) && isArrayLike(other)) return isEqualList(one, other);
  // Dates and durations are equal when their milliseconds are.
  return one.constructor === other.constructor && one.valueOf() === other.valueOf();
}

function isArrayLike(value: object): value is ArrayLike<unknown> {
  return Array.isArray(value) || value instanceof Uint8Array;
}

function isEqualMap(one: Map<unknown, unknown>, other: Map<unknown, unknown>): boolean {
  if (one.size !== other.size) return false;
  for (const [key, value] of one) {
    if (!other.has(key) || !isDeepEqual(value, other.get(key))) return false;
  }
  return true;
}

function isEqualList(one: ArrayLike<unknown>, other: ArrayLike<unknown>): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index++) {
    if (!isDeepEqual(one[index], other[index])) return false;
  }
  return true;
}
