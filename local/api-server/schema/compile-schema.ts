// Makes of a CRD's structural schema what the server does with every object: prune, default, validate.

import type { ValidateFunction } from 'ajv';
import { Ajv } from 'ajv';
import type { Cause } from '../cause.ts';
import { applyDefaults } from './apply-defaults.ts';
import type { Nulls } from './apply-defaults.ts';
import type { LocatedCause } from './ajv-causes.ts';
import { buildAjvCauses } from './ajv-causes.ts';
import { buildJsonSchema } from './json-schema.ts';
import { CelRules } from './cel-rules.ts';
import { checkEmbedded } from './check-embedded.ts';
import { checkListTypes } from './check-list-types.ts';
import { findOldItem } from './find-old-item.ts';
import { isJsonEqual } from './is-json-equal.ts';
import { parseGoRegExp } from './parse-go-regexp.ts';
import { pruneFields } from './prune-fields.ts';
import { stringFormats } from './string-formats.ts';
import type { StructuralSchema } from './structural-schema.ts';
import { fieldSchema, isJsonObject, own, rootPath } from './structural-schema.ts';
import { hasRules, validateRules } from './validate-rules.ts';

export interface CompiledSchema {
  /** Removes unknown fields in place and answers their paths, sorted: `spec.env[0].bar`. */
  prune(object: unknown): string[];
  /** Fills in defaults and, unless told otherwise, drops forbidden nulls in place. Reading from storage wants that. */
  applyDefaults(object: unknown, nulls?: Nulls): void;
  /** Call it after the two others. `old` is the stored object on an update. Never throws. */
  validate(object: unknown, old?: unknown): Cause[];
}

/** Cheap: Ajv and CEL only compile when the first object is validated. */
export function compileSchema(openApiV3Schema: object): CompiledSchema {
  const schema = openApiV3Schema as StructuralSchema;
  let compiled: { check: ValidateFunction; rules: CelRules } | undefined;
  return {
    prune: (object) => pruneFields(object, schema),
    applyDefaults: (object, nulls = 'drop') => applyDefaults(object, schema, nulls),
    validate(object, old) {
      compiled ??= { check: compileAjv(schema), rules: new CelRules(schema) };
      const causes = validateShape(compiled.check, { schema, object, old });
      if (!hasRules(schema)) return causes;
      if (causes.some(({ reason }) => blocksRules.has(reason))) return [...causes, rulesNotChecked];
      return [...causes, ...validateRules(compiled.rules, schema, object, old)];
    },
  };
}

/** After one of these, Kubernetes doesn't look at the rules. */
const blocksRules = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

const rulesNotChecked: Cause = {
  reason: 'FieldValueInvalid',
  field: rootPath,
  message:
    'Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
};

export function compileAjv(schema: StructuralSchema): ValidateFunction {
  const ajv = new Ajv({
    allErrors: true,
    verbose: true,
    strict: false,
    messages: false,
    validateSchema: false,
    formats: Object.fromEntries(stringFormats),
    code: { regExp },
  });
  return ajv.compile(buildJsonSchema(schema));
}

/** Ajv asks for `u` flags of its own; the expressions are Go's. */
const regExp = Object.assign(
  (pattern: string, flags: string) => parseGoRegExp(pattern) ?? new RegExp(pattern, flags),
  { code: 'new RegExp' },
);

interface Validated {
  readonly schema: StructuralSchema;
  readonly object: unknown;
  readonly old: unknown;
}

function validateShape(check: ValidateFunction, validated: Validated): Cause[] {
  const { schema, object, old } = validated;
  const found = check(object) === true ? [] : buildAjvCauses(check.errors ?? [], object);
  const kept = old === undefined ? found : found.filter((one) => !isUnchanged(one, validated));
  return [
    ...kept.map(({ cause }) => cause),
    ...checkEmbedded(object, schema),
    ...checkListTypes(object, schema),
  ];
}

/**
 * A field that was bad before and did not change is let off, so that a tightened schema doesn't lock old objects.
 * Items of a list are only compared where the list's type says which is which.
 */
function isUnchanged({ tokens }: LocatedCause, { schema, object, old }: Validated): boolean {
  let at: StructuralSchema | undefined = schema;
  let value: unknown = object;
  let before: unknown = old;
  for (const token of tokens) {
    if (isJsonEqual(value, before)) return true;
    if (Array.isArray(value)) {
      value = value[Number(token)];
      before = at === undefined ? undefined : findOldItem(at, value, before);
      at = at?.items;
    } else {
      value = isJsonObject(value) ? own(value, token) : undefined;
      before = isJsonObject(before) ? own(before, token) : undefined;
      at = at === undefined ? undefined : fieldSchema(at, token);
    }
    if (before === undefined) return false;
  }
  return isJsonEqual(value, before);
}
