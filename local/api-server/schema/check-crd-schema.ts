// Whether a CRD's schema is structural and its rules compile: what Kubernetes checks before it takes a CRD.

import type { Cause } from '../cause.ts';
import { forbidden, invalid, notSupported, required } from './field-causes.ts';
import { CelRules, hasFieldPath } from './cel-rules.ts';
import { compileAjv } from './compile-schema.ts';
import { buildAjvCauses } from './ajv-causes.ts';
import { checkKeywordTypes } from './check-keyword-types.ts';
import { parseGoRegExp } from './parse-go-regexp.ts';
import type { CelRuleSpec, StructuralSchema } from './structural-schema.ts';
import { isJsonObject } from './structural-schema.ts';

/** Where Kubernetes places the errors of a CRD with one version. */
const crdSchemaPath = 'spec.validation.openAPIV3Schema';

/** Deeper schemas than this are refused, so that no walk over one overflows the stack. */
const depthMax = 64;

/** Empty when the schema may be used. `path` is where it stands in the CRD. */
export function checkCrdSchema(schema: unknown, path = crdSchemaPath): Cause[] {
  if (!isJsonObject(schema)) return [required(path, 'schemas are required')];
  const root = schema as StructuralSchema;
  const causes = checkNode(root, { path, depth: 0, isRoot: true });
  // Rules can only be compiled against types that make sense.
  return causes.length > 0 ? causes : checkRules(root, path);
}

interface Place {
  readonly path: string;
  readonly depth: number;
  readonly isRoot?: boolean;
}

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

function checkNode(schema: StructuralSchema, place: Place): Cause[] {
  const { path } = place;
  if (!isJsonObject(schema)) return [invalid(path, schema, 'must be an object')];
  if (place.depth > depthMax) return [forbidden(path, `must not be deeper than ${depthMax}`)];
  const wrong = checkKeywordTypes(schema, path);
  if (wrong.length > 0) return wrong;
  return [
    ...checkType(schema, place),
    ...checkKeywords(schema, path),
    ...checkListKeywords(schema, path),
    ...checkDefault(schema, path),
    ...children(schema, path).flatMap(([child, childPath]) =>
      checkNode(child, { path: childPath, depth: place.depth + 1 }),
    ),
  ];
}

function checkType(schema: StructuralSchema, { path, isRoot }: Place): Cause[] {
  const { type } = schema;
  if (isRoot === true && type !== 'object') {
    if (type === undefined) return [required(`${path}.type`, 'must not be empty at the root')];
    return [invalid(`${path}.type`, type, 'must be object at the root')];
  }
  if (type === undefined) {
    const isOpen =
      schema['x-kubernetes-int-or-string'] === true ||
      schema['x-kubernetes-preserve-unknown-fields'] === true;
    return isOpen
      ? []
      : [required(`${path}.type`, 'must not be empty for specified object fields')];
  }
  return types.includes(type) ? [] : [notSupported(`${path}.type`, type, types)];
}

function checkKeywords(schema: StructuralSchema, path: string): Cause[] {
  const causes: Cause[] = [];
  const others = schema.additionalProperties;
  if (schema.properties !== undefined && others !== undefined && others !== false) {
    const message = 'additionalProperties and properties are mutual exclusive';
    causes.push(forbidden(`${path}.additionalProperties`, message));
  }
  if (schema.uniqueItems === true) {
    const message =
      'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    causes.push(forbidden(`${path}.uniqueItems`, message));
  }
  if (schema.pattern !== undefined && parseGoRegExp(schema.pattern) === undefined) {
    const message = "must be a valid regular expression, but isn't";
    causes.push(invalid(`${path}.pattern`, schema.pattern, message));
  }
  return causes;
}

function checkListKeywords(schema: StructuralSchema, path: string): Cause[] {
  if (schema.type !== 'array') return [];
  if (!isJsonObject(schema.items)) return [required(`${path}.items`, 'must be specified')];
  const keys = schema['x-kubernetes-list-map-keys'];
  const keysPath = `${path}.x-kubernetes-list-map-keys`;
  if (schema['x-kubernetes-list-type'] !== 'map') return [];
  if (!Array.isArray(keys) || keys.length === 0) {
    return [required(keysPath, 'must not be empty if x-kubernetes-list-type is map')];
  }
  const known = (schema.items as StructuralSchema).properties ?? {};
  return keys.every((key) => Object.hasOwn(known, key))
    ? []
    : [invalid(keysPath, keys, 'entries must all be names of item properties')];
}

function checkDefault(schema: StructuralSchema, path: string): Cause[] {
  if (schema.default === undefined || schema.default === null) return [];
  try {
    const check = compileAjv(schema);
    if (check(schema.default) === true) return [];
    return buildAjvCauses(check.errors ?? [], schema.default).map(({ cause }) => ({
      ...cause,
      field: `${path}.default`,
    }));
  } catch {
    // What Ajv can't compile is wrong elsewhere and reported there.
    return [];
  }
}

function children(schema: StructuralSchema, path: string): [StructuralSchema, string][] {
  const properties = isJsonObject(schema.properties) ? schema.properties : {};
  const list: [StructuralSchema, string][] = Object.entries(properties).map(([name, child]) => [
    child,
    `${path}.properties[${name}]`,
  ]);
  if (isJsonObject(schema.items)) list.push([schema.items, `${path}.items`]);
  if (isJsonObject(schema.additionalProperties)) {
    list.push([schema.additionalProperties, `${path}.additionalProperties`]);
  }
  return list;
}

function checkRules(root: StructuralSchema, path: string): Cause[] {
  const found: { schema: StructuralSchema; path: string }[] = [];
  const collect = (schema: StructuralSchema, at: string): void => {
    if ((schema['x-kubernetes-validations'] ?? []).length > 0) found.push({ schema, path: at });
    for (const [child, childPath] of children(schema, at)) collect(child, childPath);
  };
  collect(root, path);
  if (found.length === 0) return [];
  const rules = new CelRules(root);
  return found.flatMap((at) =>
    (at.schema['x-kubernetes-validations'] ?? []).flatMap((spec, index) =>
      checkRule(rules, spec, {
        schema: at.schema,
        path: `${at.path}.x-kubernetes-validations[${index}]`,
      }),
    ),
  );
}

const reasons = [
  'FieldValueDuplicate',
  'FieldValueForbidden',
  'FieldValueInvalid',
  'FieldValueRequired',
];

function checkRule(
  rules: CelRules,
  spec: CelRuleSpec,
  { schema, path }: { schema: StructuralSchema; path: string },
): Cause[] {
  if ((spec.rule ?? '').trim() === '') return [required(`${path}.rule`, 'rule is not specified')];
  const causes: Cause[] = [];
  if (spec.message?.includes('\n') === true) {
    causes.push(invalid(`${path}.message`, spec.message, 'must not contain line breaks'));
  }
  if (spec.reason !== undefined && !reasons.includes(spec.reason)) {
    causes.push(notSupported(`${path}.reason`, spec.reason, reasons));
  }
  const { fieldPath = '' } = spec;
  if (fieldPath !== '' && !hasFieldPath(schema, fieldPath)) {
    causes.push(invalid(`${path}.fieldPath`, fieldPath, 'must be a valid path'));
  }
  const problems = rules.findProblems(spec, schema);
  return causes.concat(
    problems.map(({ part, message }) => invalid(`${path}.${part}`, spec[part], message)),
  );
}
