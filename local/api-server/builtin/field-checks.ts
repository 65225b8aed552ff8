// Small checks of fields that the validators of the built-in kinds share.

import type { Cause } from '../cause.ts';
import { duplicateValue, invalid, notSupported, required } from '../schema/field-causes.ts';
import { checkLabelValue, checkQualifiedName } from './name-rules.ts';

export type JsonObject = Record<string, unknown>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const objectOf = (value: unknown): JsonObject => (isObject(value) ? value : {});

/** Items that are objects, with their indices in the list. */
export function itemsOf(value: unknown): { item: JsonObject; index: number }[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item, index) => (isObject(item) ? [{ item, index }] : []));
}

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** One cause per sentence. */
export function invalidAll(field: string, value: unknown, sentences: readonly string[]): Cause[] {
  return sentences.map((sentence) => invalid(field, value, sentence));
}

/** A name that must be there and follow `check`. */
export function checkName(
  field: string,
  value: unknown,
  check: (text: string) => string[],
): Cause[] {
  const text = textOf(value);
  return text === '' ? [required(field)] : invalidAll(field, text, check(text));
}

/** A name that may be absent. */
export function checkOptionalName(
  field: string,
  value: unknown,
  check: (text: string) => string[],
): Cause[] {
  const text = textOf(value);
  return text === '' ? [] : invalidAll(field, text, check(text));
}

export function checkNotNegative(field: string, value: unknown): Cause[] {
  return typeof value === 'number' && value < 0
    ? [invalid(field, value, 'must be greater than or equal to 0')]
    : [];
}

export function checkRange(
  field: string,
  value: unknown,
  { min, max }: { min: number; max: number },
): Cause[] {
  if (typeof value !== 'number' || (value >= min && value <= max)) return [];
  return [invalid(field, value, `must be between ${min} and ${max}, inclusive`)];
}

export const portRange = { min: 1, max: 65_535 } as const;

export function checkEnum(field: string, value: unknown, allowed: readonly string[]): Cause[] {
  if (value === undefined || allowed.includes(value as string)) return [];
  return [notSupported(field, value, allowed)];
}

/** `keyOf` answers undefined for items that can't collide. */
export function checkDistinct<T>(
  items: readonly T[],
  keyOf: (item: T) => unknown,
  fieldOf: (item: T) => string,
): Cause[] {
  const seen = new Set<unknown>();
  return items.flatMap((item) => {
    const key = keyOf(item);
    if (key === undefined || key === '') return [];
    if (seen.has(key)) return [duplicateValue(fieldOf(item), key)];
    seen.add(key);
    return [];
  });
}

export function checkLabels(field: string, labels: unknown): Cause[] {
  return Object.entries(objectOf(labels)).flatMap(([key, value]) => [
    ...invalidAll(field, key, checkQualifiedName(key)),
    ...invalidAll(field, value, checkLabelValue(textOf(value))),
  ]);
}
