// Whether an applied configuration fits its type, with the faults in Kubernetes' words.

import { isMap } from '../any-object.ts';
import { buildGoText } from '../build-go-text.ts';
import { itemElement, TypedError } from './list-items.ts';
import type { ListType, MapType, MergeType } from './merge-type.ts';
import { shapeOf } from './merge-type.ts';
import { fieldElement, writePath } from './path-element.ts';

/** Throws TypedError with every fault. */
export function checkTyped(type: MergeType, value: unknown): void {
  const faults: string[] = [];
  check(faults, type, value, '');
  if (faults.length === 1) throw new TypedError(faults[0]);
  if (faults.length > 1) {
    throw new TypedError(['errors:', ...faults.map((one) => `  ${one}`)].join('\n'));
  }
}

function check(faults: string[], type: MergeType, value: unknown, path: string): void {
  if (value === null || value === undefined) return;
  const shape = shapeOf(type, value);
  const fault = (text: string): void => {
    faults.push(path === '' ? text : `${path}: ${text}`);
  };
  if (shape === 'map' && type.map !== undefined) {
    if (!isMap(value)) fault(`expected map, got &{${buildGoText(value)}}`);
    else checkMap(faults, type.map, value, path);
  } else if (shape === 'list' && type.list !== undefined) {
    if (!Array.isArray(value)) fault(`expected list, got &{${buildGoText(value)}}`);
    else checkList(faults, type.list, value as unknown[], path);
  } else checkScalar(fault, type, value);
}

function checkMap(
  faults: string[],
  map: MapType,
  value: Record<string, unknown>,
  path: string,
): void {
  for (const [name, one] of Object.entries(value)) {
    const below = `${path}${writePath([fieldElement(name)])}`;
    const type = map.fields.get(name)?.type ?? map.rest;
    if (type === undefined) {
      // Kubernetes doesn't look at the fields beside an unknown one either.
      faults.push(`${below}: field not declared in schema`);
      return;
    }
    check(faults, type, one, below);
  }
}

function checkList(
  faults: string[],
  list: ListType,
  items: readonly unknown[],
  path: string,
): void {
  const seen = new Set<string>();
  for (const [at, item] of items.entries()) {
    const element = list.isAtomic ? `i:${at}` : tryElement(list, item);
    if (element instanceof TypedError) {
      faults.push(`${path}: element ${at}: ${element.message}`);
      return;
    }
    const step = writePath([element]);
    if (seen.has(element)) faults.push(`${path}: duplicate entries for key ${step}`);
    seen.add(element);
    check(faults, list.item, item, path + step);
  }
}

function tryElement(list: ListType, item: unknown): string | TypedError {
  try {
    return itemElement(list, item);
  } catch (error) {
    if (error instanceof TypedError) return error;
    throw error;
  }
}

function checkScalar(fault: (text: string) => void, type: MergeType, value: unknown): void {
  const found = buildGoText(value);
  const isScalar = !isMap(value) && !Array.isArray(value);
  if (type.scalar === 'number' && typeof value !== 'number') {
    fault(`expected numeric (int or float), got ${goType(value)}`);
  } else if (type.scalar === 'string' && typeof value !== 'string') {
    fault(`expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`);
  } else if (type.scalar === 'boolean' && typeof value !== 'boolean') {
    fault(`expected boolean, got &{${found}}`);
  } else if (type.scalar === 'any' && !isScalar) {
    fault(`expected any scalar, got &{${found}}`);
  }
}

function goType(value: unknown): string {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
}

/** A value as Go source, which is how this one message has it. */
function goSyntax(value: unknown): string {
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (!isMap(value)) return JSON.stringify(value);
  const pairs = Object.entries(value).map(
    ([key, one]) => `${JSON.stringify(key)}:${goSyntax(one)}`,
  );
  return `map[string]interface {}{${pairs.join(', ')}}`;
}
