// Whatever a client sends, the schema machine and the validators answer; they never throw.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { functionCrd } from '../../api/function-crd.ts';
import { defaultBuiltin } from '../../local/api-server/builtin/default-builtin.ts';
import { buildStrategicMerge } from '../../local/api-server/builtin/build-strategic-merge.ts';
import { kindTypeOf, kindTypes } from '../../local/api-server/builtin/kind-table.ts';
import {
  findTypeError,
  findUnknownFields,
  pruneBuiltin,
} from '../../local/api-server/builtin/unknown-fields.ts';
import { validateBuiltin } from '../../local/api-server/builtin/validate-builtin.ts';
import { builtinResources } from '../../local/api-server/builtin-resources.ts';
import { checkCrdSchema } from '../../local/api-server/schema/check-crd-schema.ts';
import { compileSchema } from '../../local/api-server/schema/compile-schema.ts';

const functionSchema = functionCrd.spec.versions[0]?.schema.openAPIV3Schema ?? {};
const compiledFunction = compileSchema(functionSchema);

/** JSON whose keys are often ones that a schema knows. */
function jsonWithKeys(keys: readonly string[]): fc.Arbitrary<unknown> {
  const key = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...keys) },
    { weight: 1, arbitrary: fc.constantFrom('__proto__', 'constructor', 'toString', '') },
    { weight: 1, arbitrary: fc.string() },
  );
  return fc.letrec((tie) => ({
    json: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom(null, true, 0, -1, 1.5, 1e21, '', 'x', '1Gi', 'latest'),
      fc.string(),
      fc.integer(),
      fc.array(tie('json'), { maxLength: 4 }),
      fc.dictionary(key, tie('json'), { maxKeys: 6 }),
    ),
  })).json;
}

/** As it would come from the wire: `__proto__` is an own key. */
const wire = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;

function keysOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, one]) => [key, ...keysOf(one)]);
}

const functionKeys = [...new Set(keysOf(functionSchema))];

describe('an arbitrary object', () => {
  it('is pruned, defaulted and validated against the Function schema without an exception', () => {
    const json = jsonWithKeys(functionKeys);
    fc.assert(
      fc.property(json, json, (one, other) => {
        const object = wire({ metadata: { name: 'a' }, spec: one });
        const old = wire({ metadata: { name: 'a' }, spec: other });
        compiledFunction.prune(object);
        compiledFunction.applyDefaults(object);
        expect(Array.isArray(compiledFunction.validate(object))).toBe(true);
        expect(Array.isArray(compiledFunction.validate(object, old))).toBe(true);
        expect(Array.isArray(compiledFunction.validate(one))).toBe(true);
        expect(compiledFunction.prune(object)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('gets through the rules of every built-in kind without an exception', () => {
    const kinds = builtinResources.filter((info) => kindTypeOf(info) !== undefined);
    const keys = [...new Set([...kindTypes().values()].flatMap((type) => [...type.keys()]))];
    const json = jsonWithKeys(keys);
    fc.assert(
      fc.property(fc.constantFrom(...kinds), json, json, (info, one, other) => {
        const root = { metadata: { name: 'a', namespace: 'b' } };
        const object = wire({ ...root, ...(one as object), spec: one }) as object;
        const old = wire({ ...root, spec: other }) as object;
        findUnknownFields(info, object);
        pruneBuiltin(info, object);
        findTypeError(info, object);
        defaultBuiltin(info, object);
        defaultBuiltin(info, old);
        expect(Array.isArray(validateBuiltin(info, object, old))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('is merged as a patch, or refused with a sentence', () => {
    const keys = ['spec', 'containers', 'name', 'env', 'ports', 'containerPort', '$patch'];
    const json = jsonWithKeys([...keys, '$setElementOrder/containers', '$retainKeys']);
    const kind = { types: kindTypes(), root: kindTypes().get('Pod') };
    fc.assert(
      fc.property(json, json, (current, patch) => {
        try {
          buildStrategicMerge(wire(current), wire(patch), kind);
        } catch (error) {
          expect((error as Error).message).toMatch(/patch|merge|list|\$retainKeys/);
        }
        expect(({} as Record<string, unknown>)['spec']).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });
});

describe('an arbitrary schema', () => {
  const words = ['object', 'array', 'string', 'integer', 'properties', 'items', 'type', 'rule'];
  const keywords = [
    ...words,
    'x-kubernetes-validations',
    'x-kubernetes-list-type',
    'x-kubernetes-list-map-keys',
    'required',
    'default',
    'pattern',
    'format',
    'enum',
    'additionalProperties',
  ];

  it('is checked without an exception, and one that passes can be used', () => {
    const json = jsonWithKeys(keywords);
    const typed = fc.record({
      type: fc.constant('object'),
      properties: fc.dictionary(fc.constantFrom('a', 'b', 'spec'), json, { maxKeys: 3 }),
    });
    fc.assert(
      fc.property(fc.oneof(json, typed), json, (schema, object) => {
        const given = wire(schema);
        if (checkCrdSchema(given).length > 0) return;
        const compiled = compileSchema(given as object);
        const value = wire({ spec: object, a: object });
        compiled.prune(value);
        compiled.applyDefaults(value);
        expect(Array.isArray(compiled.validate(value))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('whose rule is arbitrary text is refused or works', () => {
    const rule = fc.oneof(
      fc.string(),
      fc
        .array(
          fc.constantFrom('self', '.', 'a', '(', ')', '==', '1', '"x"', '&&', 'has', '[', ']', '?'),
          { maxLength: 12 },
        )
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(rule, (text) => {
        const schema = {
          type: 'object',
          properties: { a: { type: 'integer' } },
          'x-kubernetes-validations': [{ rule: text, messageExpression: text }],
        };
        checkCrdSchema(schema);
        expect(Array.isArray(compileSchema(schema).validate({ a: 1 }, { a: 2 }))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
