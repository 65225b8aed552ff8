// Says Ajv's errors in Kubernetes' words and with Kubernetes' field paths.

import type { ErrorObject } from 'ajv';
import type { Cause } from '../cause.ts';
import { invalid, notSupported, required, tooLong, tooMany, typeInvalid } from './field-causes.ts';
import { childPath, indexPath, rootPath } from './structural-schema.ts';

export interface LocatedCause {
  readonly cause: Cause;
  /** Keys and indices from the root to the value that is wrong. */
  readonly tokens: readonly string[];
}

/** Errors inside alternatives that were not taken are left out, except those of the first. */
export function buildAjvCauses(errors: readonly ErrorObject[], root: unknown): LocatedCause[] {
  return errors
    .filter((error) => !/\/(anyOf|oneOf)\/[1-9]|\/not\//.test(error.schemaPath))
    .toSorted((one, other) => Number(isAlternative(other)) - Number(isAlternative(one)))
    .flatMap((error) => {
      const tokens = splitPointer(error.instancePath);
      const path = fieldPath(tokens, root);
      return buildCauses(error, path).map((cause) => ({ cause, tokens }));
    });
}

/** Kubernetes says that no alternative fits before it says why. */
const isAlternative = ({ keyword }: ErrorObject): boolean =>
  keyword === 'anyOf' || keyword === 'oneOf';

type Describe = (error: ErrorObject, path: string) => Cause;

const bound =
  (words: string, measure: (data: unknown) => unknown = (data) => data): Describe =>
  (error, path) =>
    invalid(
      path,
      measure(error.data),
      `${path} in body ${words.replace('%', String(Object.values(error.params).at(-1)))}`,
    );

const listLength = (data: unknown): unknown => (Array.isArray(data) ? data.length : data);
const propertyCount = (data: unknown): unknown => Object.keys(data as object).length;

const alternatives =
  (words: (error: ErrorObject) => string): Describe =>
  (error, path) =>
    invalid(rootPath, '', `"${path}" ${words(error)}`);

const describers: Readonly<Record<string, Describe>> = {
  required: (error, path) => required(childPath(path, String(error.params['missingProperty']))),
  type: describeType,
  enum: (error, path) => notSupported(path, error.data, error.params['allowedValues'] as unknown[]),
  format: (error, path) =>
    typeInvalid(
      path,
      error.data,
      `${path} in body must be of type ${error.params['format']}: ${JSON.stringify(error.data)}`,
    ),
  pattern: (error, path) =>
    invalid(path, error.data, `${path} in body should match '${error.params['pattern']}'`),
  minimum: bound('should be greater than or equal to %'),
  maximum: bound('should be less than or equal to %'),
  exclusiveMinimum: bound('should be greater than %'),
  exclusiveMaximum: bound('should be less than %'),
  multipleOf: bound('should be a multiple of %'),
  minLength: bound('should be at least % chars long'),
  minItems: bound('should have at least % items', listLength),
  minProperties: bound('should have at least % properties', propertyCount),
  maxLength: (error, path) => tooLong(path, Number(error.params['limit'])),
  maxItems: (error, path) =>
    tooMany(path, (error.data as unknown[]).length, Number(error.params['limit'])),
  maxProperties: (error, path) =>
    tooMany(path, Object.keys(error.data as object).length, Number(error.params['limit'])),
  anyOf: alternatives(() => 'must validate at least one schema (anyOf)'),
  oneOf: alternatives((error) => {
    const passing = error.params['passingSchemas'] as unknown[] | null;
    const found = passing === null ? 'none valid' : `${passing.length} valid alternatives`;
    return `must validate one and only one schema (oneOf). Found ${found}`;
  }),
  not: alternatives(() => 'must not validate the schema (not)'),
};

function buildCauses(error: ErrorObject, path: string): Cause[] {
  if (error.keyword === 'type' && isFraction(error)) return describeFraction(error, path);
  const describe = describers[error.keyword];
  if (describe !== undefined) return [describe(error, path)];
  // Keywords such as `if` never come from a structural schema; an error without words would hide that one did.
  return [invalid(path, error.data, error.message ?? error.keyword)];
}

function describeType(error: ErrorObject, path: string): Cause {
  const types = [error.params['type']].flat().filter((type) => type !== 'null');
  const found = typeName(error.data);
  return wrongType(path, found, types.join(','));
}

const wrongType = (path: string, found: string, wanted: string): Cause =>
  typeInvalid(path, found, `${path} in body must be of type ${wanted}: "${found}"`);

const isFraction = ({ data, params }: ErrorObject): boolean =>
  typeof data === 'number' && [params['type']].flat().includes('integer');

/** Kubernetes complains twice about 1.5 where an integer belongs, and names the format if there is one. */
function describeFraction(error: ErrorObject, path: string): Cause[] {
  const format = (error.parentSchema as { title?: string } | undefined)?.title;
  if ([error.params['type']].flat().includes('string')) return [describeType(error, path)];
  const first =
    format === undefined
      ? wrongType(path, 'number', 'integer')
      : wrongType(path, 'float64', format);
  const told = format === undefined ? '(default format)' : `with format ${format}`;
  return [first, invalid(rootPath, '', `Checked value must be of type integer ${told} in ${path}`)];
}

export function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function splitPointer(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function fieldPath(tokens: readonly string[], root: unknown): string {
  let path = '';
  let value: unknown = root;
  for (const token of tokens) {
    path = Array.isArray(value) ? indexPath(path, Number(token)) : childPath(path, token);
    value = (value as Record<string, unknown> | undefined)?.[token];
  }
  return path;
}
