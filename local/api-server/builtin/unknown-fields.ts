// Strict decoding of built-in kinds: which fields Kubernetes doesn't know, and which hold the wrong type.

import { cloneJson } from '../any-object.ts';
import type { ResourceInfo } from '../resource-info.ts';
import { kindTypeOf, kindTypes } from './kind-table.ts';
import type { FieldType, ObjectType } from './parse-kind-types.ts';

type JsonObject = Record<string, unknown>;

/** Deeper JSON than this is nobody's Kubernetes object. */
const depthMax = 100;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Paths as Kubernetes prints them, for example spec.template.spec.containers[0].imag. Changes nothing. */
export function findUnknownFields(info: ResourceInfo, object: unknown): string[] {
  return walkFields(info, object, false);
}

/**
 * Removes unknown fields, and nulls, which mean an absent field or, in a list or map, its zero; returns the paths of
 * the unknown ones.
 */
export function pruneBuiltin(info: ResourceInfo, object: unknown): string[] {
  return walkFields(info, object, true);
}

interface Walk {
  readonly unknown: string[];
  readonly isPruning: boolean;
}

function walkFields(info: ResourceInfo, object: unknown, isPruning: boolean): string[] {
  const type = kindTypeOf(info);
  if (type === undefined) return [];
  const walk: Walk = { unknown: [], isPruning };
  visitObject(walk, type, { value: object, path: '', depth: 0 });
  return walk.unknown;
}

interface Place {
  /** The Go struct that has the field. */
  readonly owner?: string;
  readonly value: unknown;
  readonly path: string;
  readonly depth: number;
}

function visitObject(walk: Walk, type: ObjectType, { value, path, depth }: Place): void {
  if (!isObject(value) || depth > depthMax) return;
  for (const key of Object.keys(value)) {
    if (path === '' && (key === 'apiVersion' || key === 'kind')) continue;
    const field = type.get(key);
    const fieldPath = path === '' ? key : `${path}.${key}`;
    if (field === undefined) walk.unknown.push(fieldPath);
    const isDropped = field === undefined || value[key] === null;
    if (!isDropped)
      visitField(walk, field, { value: value[key], path: fieldPath, depth: depth + 1 });
    else if (walk.isPruning) delete value[key];
  }
}

function visitField(walk: Walk, field: FieldType, place: Place): void {
  const type = kindTypes().get(field.type);
  if (walk.isPruning && field.shape !== 'one') fillZeros(field, place.value);
  if (type === undefined) return;
  const { value, path, depth } = place;
  if (field.shape === 'one') visitObject(walk, type, place);
  else if (field.shape === 'list' && Array.isArray(value)) {
    value.forEach((item, index) =>
      visitObject(walk, type, { value: item, path: `${path}[${index}]`, depth }),
    );
  } else if (field.shape === 'map' && isObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      visitObject(walk, type, { value: item, path: `${path}.${key}`, depth });
    }
  }
}

const zeros: Readonly<Record<string, unknown>> = { string: '', bytes: '', Quantity: '0' };

/** Go has no null among texts. */
function fillZeros({ type }: FieldType, value: unknown): void {
  const zero = zeros[type] ?? (kindTypes().has(type) ? {} : undefined);
  if (zero === undefined || typeof value !== 'object' || value === null) return;
  const items = value as Record<string, unknown>;
  for (const key of Object.keys(items)) if (items[key] === null) items[key] = cloneJson(zero);
}

/**
 * Why a real API server could not decode the object at all (400), in its words: `json: cannot unmarshal string into Go
 * struct field DeploymentSpec.spec.replicas of type int32`. `undefined` when every field has a fitting type.
 */
export function findTypeError(info: ResourceInfo, object: unknown): string | undefined {
  const type = kindTypeOf(info);
  if (type === undefined) return undefined;
  return checkObject(type, info.kind, { value: object, path: '', depth: 0 });
}

function checkObject(type: ObjectType, name: string, place: Place): string | undefined {
  const { value, path, depth } = place;
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) return describe(value, `v1.${name}`, `${place.owner ?? name}.${path}`);
  if (depth > depthMax) return `json: exceeded max depth of ${depthMax}`;
  for (const [key, item] of Object.entries(value)) {
    const field = type.get(key);
    if (field === undefined || item === null || item === undefined) continue;
    const fieldPath = path === '' ? key : `${path}.${key}`;
    const error = checkField(field, name, { value: item, path: fieldPath, depth: depth + 1 });
    if (error !== undefined) return error;
  }
  return undefined;
}

function checkField(field: FieldType, owner: string, place: Place): string | undefined {
  const { value, path, depth } = place;
  const items = field.shape === 'one' ? [value] : itemsOf(field, value);
  if (items === undefined) return describe(value, goType(field), `${owner}.${path}`);
  const type = kindTypes().get(field.type);
  for (const item of items) {
    if (item === null || item === undefined) continue;
    const error =
      type === undefined
        ? checkScalar(field.type, item, `${owner}.${path}`)
        : checkObject(type, field.type, { value: item, path, depth, owner });
    if (error !== undefined) return error;
  }
  return undefined;
}

function itemsOf(field: FieldType, value: unknown): unknown[] | undefined {
  if (field.shape === 'list') return Array.isArray(value) ? value : undefined;
  return isObject(value) ? Object.values(value) : undefined;
}

const isInteger = (value: unknown): boolean => Number.isInteger(value);
const isText = (value: unknown): boolean => typeof value === 'string';

const fits: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: isText,
  bytes: isText,
  Time: isText,
  MicroTime: isText,
  bool: (value) => typeof value === 'boolean',
  int: isInteger,
  long: isInteger,
  number: (value) => typeof value === 'number',
  Quantity: (value) => typeof value === 'string' || typeof value === 'number',
  IntOrString: (value) => typeof value === 'string' || isInteger(value),
};

function checkScalar(type: string, value: unknown, path: string): string | undefined {
  const isGood = fits[type];
  return isGood === undefined || isGood(value) ? undefined : describe(value, type, path);
}

const goTypes: Readonly<Record<string, string>> = {
  int: 'int32',
  long: 'int64',
  number: 'float64',
  bytes: '[]uint8',
  Time: 'v1.Time',
  Quantity: 'resource.Quantity',
  IntOrString: 'intstr.IntOrString',
};

function goType(field: FieldType): string {
  const type = goTypes[field.type] ?? field.type;
  if (field.shape === 'list') return `[]${type}`;
  return field.shape === 'map' ? `map[string]${type}` : type;
}

function describe(value: unknown, type: string, path: string): string {
  const found = Array.isArray(value)
    ? 'array'
    : typeof value === 'boolean'
      ? 'bool'
      : typeof value === 'number' && !Number.isInteger(value)
        ? `number ${value}`
        : typeof value;
  // Go's types have the same name in each version.
  const where = path.replace(/_v\d+\./, '.');
  return `json: cannot unmarshal ${found} into Go struct field ${where} of type ${goTypes[type] ?? type}`;
}
