// The Function's CRD agrees with the types, and every rule says what to write instead.

import { describe, expect, it } from '@jest/globals';
import type { CelRule, CrdSchema } from '../../../api/crd-schema.ts';
import { functionCrd } from '../../../api/function-crd.ts';
import { functionDefaults } from '../../../api/function.ts';
import { revisionCrd } from '../../../api/revision-crd.ts';
import { checkCrdSchema } from '../../../local/api-server/schema/check-crd-schema.ts';
import { compileSchema } from '../../../local/api-server/schema/compile-schema.ts';

const crds = [functionCrd, revisionCrd];
const schemaOf = (crd: (typeof crds)[number]): CrdSchema =>
  crd.spec.versions[0]?.schema.openAPIV3Schema ?? {};

function* nodes(schema: CrdSchema, path: string): Generator<[string, CrdSchema]> {
  yield [path, schema];
  const properties = (schema['properties'] ?? {}) as Record<string, CrdSchema>;
  for (const [name, one] of Object.entries(properties)) yield* nodes(one, `${path}.${name}`);
  for (const key of ['items', 'additionalProperties']) {
    const one = schema[key];
    if (typeof one === 'object' && one !== null) yield* nodes(one as CrdSchema, `${path}[]`);
  }
}

describe('functionCrd', () => {
  it('has the defaults of functionDefaults', () => {
    const object = { spec: {} };
    compileSchema(schemaOf(functionCrd)).applyDefaults(object);
    expect(object.spec).toEqual(functionDefaults);
  });

  it('has the same defaults inside objects that are only partly given', () => {
    const object = { spec: { scaling: { minReplicas: 1 }, concurrency: {} } };
    compileSchema(schemaOf(functionCrd)).applyDefaults(object);
    expect(object.spec).toMatchObject({
      scaling: { ...functionDefaults.scaling, minReplicas: 1 },
      concurrency: functionDefaults.concurrency,
    });
  });

  it('has no list that server-side apply would merge into the default traffic', () => {
    const all = Object.fromEntries(nodes(schemaOf(functionCrd), ''));
    expect(all['.spec.traffic']?.['x-kubernetes-list-type']).toBe('atomic');
  });
});

describe.each(crds.map((crd) => [crd.spec.names.kind, crd] as const))(
  'the CRD of %s',
  (_kind, crd) => {
    const all = [...nodes(schemaOf(crd), '')];

    it('is taken by the API server', () => {
      expect(checkCrdSchema(schemaOf(crd))).toEqual([]);
    });

    it('bounds every text, list and map, so that the cost of its rules is bounded', () => {
      const unbounded = all.filter(([path, schema]) => {
        if (/^\.(apiVersion|kind)$/.test(path)) return false;
        if (schema['enum'] !== undefined || schema['format'] === 'date-time') return false;
        if (schema['type'] === 'string') return schema['maxLength'] === undefined;
        if (schema['type'] === 'array') return schema['maxItems'] === undefined;
        return (
          schema['additionalProperties'] !== undefined && schema['maxProperties'] === undefined
        );
      });
      expect(unbounded.map(([path]) => path)).toEqual([]);
    });

    it('describes every field for kubectl explain', () => {
      const silent = all.filter(
        ([path, schema]) =>
          !/(\[\]|^|\.metadata|divisor)$/.test(path) && schema['description'] === undefined,
      );
      expect(silent.map(([path]) => path)).toEqual([]);
    });

    it('says in each rule, in one sentence, what to write instead', () => {
      const rules = all.flatMap(
        ([, schema]) => (schema['x-kubernetes-validations'] ?? []) as CelRule[],
      );
      expect(rules.length).toBeGreaterThan(0);
      for (const { message } of rules) {
        expect(message).toMatch(/^[^.].*: (write|remove|choose|raise|change|add|use)/);
        expect(message).not.toMatch(/\.$|\n|\. [A-Z]/);
      }
    });
  },
);
