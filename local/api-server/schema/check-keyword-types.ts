// Whether the keywords of a schema hold values of their own types: a string for type, a list for required.

import type { Cause } from '../cause.ts';
import { invalid } from './field-causes.ts';
import type { StructuralSchema } from './structural-schema.ts';
import { isJsonObject } from './structural-schema.ts';

const isText = (value: unknown): boolean => typeof value === 'string';
const isNumber = (value: unknown): boolean => typeof value === 'number';
const isTruth = (value: unknown): boolean => typeof value === 'boolean';
const isObjects = (value: unknown): boolean => Array.isArray(value) && value.every(isJsonObject);
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);

const checks: readonly (readonly [string, (value: unknown) => boolean, readonly string[]])[] = [
  ['a string', isText, ['type', 'format', 'pattern', 'description', 'title']],
  ['a string', isText, ['x-kubernetes-list-type', 'x-kubernetes-map-type']],
  ['a number', isNumber, ['minimum', 'maximum', 'multipleOf', 'minLength', 'maxLength']],
  ['a number', isNumber, ['minItems', 'maxItems', 'minProperties', 'maxProperties']],
  ['a boolean', isTruth, ['nullable', 'uniqueItems', 'exclusiveMinimum', 'exclusiveMaximum']],
  ['a boolean', isTruth, ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-int-or-string']],
  ['a boolean', isTruth, ['x-kubernetes-embedded-resource']],
  ['a list of strings', isTexts, ['required', 'x-kubernetes-list-map-keys']],
  ['a list', Array.isArray, ['enum']],
  ['a list of objects', isObjects, ['allOf', 'anyOf', 'oneOf', 'x-kubernetes-validations']],
  ['an object', isJsonObject, ['properties', 'items', 'not']],
  [
    'a schema or a boolean',
    (value) => isJsonObject(value) || isTruth(value),
    ['additionalProperties'],
  ],
];

const ruleParts = ['rule', 'message', 'messageExpression', 'fieldPath', 'reason'] as const;

/** One cause per keyword; nothing else of such a schema can be trusted. */
export function checkKeywordTypes(schema: StructuralSchema, path: string): Cause[] {
  const held = schema as Readonly<Record<string, unknown>>;
  const causes = checks.flatMap(([words, isGood, keywords]) =>
    keywords.flatMap((keyword) => {
      const value = Object.hasOwn(held, keyword) ? held[keyword] : undefined;
      const isFine = value === undefined || isGood(value);
      return isFine ? [] : [invalid(`${path}.${keyword}`, value, `must be ${words}`)];
    }),
  );
  if (causes.length > 0) return causes;
  return (schema['x-kubernetes-validations'] ?? []).flatMap((rule, index) =>
    ruleParts.flatMap((part) => {
      const isFine = rule[part] === undefined || isText(rule[part]);
      const field = `${path}.x-kubernetes-validations[${index}].${part}`;
      return isFine ? [] : [invalid(field, rule[part], 'must be a string')];
    }),
  );
}
