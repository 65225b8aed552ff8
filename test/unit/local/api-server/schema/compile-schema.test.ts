// The schema machine answers as apiextensions-apiserver does: recorded answers first, then what they don't cover.

import { describe, expect, it } from '@jest/globals';
import { functionCrd } from '../../../../../api/function-crd.ts';
import { revisionCrd } from '../../../../../api/revision-crd.ts';
import type { Cause } from '../../../../../local/api-server/cause.ts';
import { checkCrdSchema } from '../../../../../local/api-server/schema/check-crd-schema.ts';
import { compileSchema } from '../../../../../local/api-server/schema/compile-schema.ts';
import { causeTexts, readAnswers } from '../read-answers.ts';

interface Answered {
  name: string;
  schema: object;
  kind?: string;
  object: object;
  old?: object;
  answer: { crd: string[]; unknown?: string[]; object?: object; causes?: Cause[] };
}

const functionSchema = functionCrd.spec.versions[0]?.schema.openAPIV3Schema ?? {};
const revisionSchema = revisionCrd.spec.versions[0]?.schema.openAPIV3Schema ?? {};
const schemas = readAnswers<Answered>('schemas.jsonl');
const ours = readAnswers<Answered>('functions.jsonl').map((one) => ({
  ...one,
  schema: one.kind === 'Revision' ? revisionSchema : functionSchema,
}));

function admit(schema: object, object: object, old?: object) {
  const compiled = compileSchema(schema);
  const admitted = structuredClone(object);
  const unknown = compiled.prune(admitted);
  compiled.applyDefaults(admitted);
  const stored = structuredClone(old);
  if (stored !== undefined) compiled.applyDefaults(stored);
  return { unknown, object: admitted, causes: compiled.validate(admitted, stored) };
}

const validate = (schema: object, spec: unknown, old?: unknown): string[] =>
  admit(
    { type: 'object', properties: { spec: schema } },
    { spec },
    old === undefined ? undefined : { spec: old },
  ).causes.map(({ field, message }) => `${field}: ${message}`);

describe('compileSchema', () => {
  const known = [...schemas, ...ours].filter(({ answer }) => answer.causes !== undefined);
  it.each(known.map((one) => [one.name, one] as const))(
    'prunes, defaults and validates "%s" as Kubernetes does',
    (_name, { schema, object, old, answer }) => {
      const mine = admit(schema, object, old);
      expect(mine.unknown).toEqual(answer.unknown);
      expect(mine.object).toEqual(answer.object);
      expect(causeTexts(mine.causes)).toEqual(causeTexts(answer.causes ?? []));
    },
  );

  it('lets off what was wrong before and did not change', () => {
    const schema = { type: 'object', properties: { a: { type: 'integer', maximum: 5 } } };
    expect(validate(schema, { a: 9, b: 1 }, { a: 9 })).toEqual([]);
    expect(validate(schema, { a: 8 }, { a: 9 })).toHaveLength(1);
  });

  it('compares items of a keyed list by their key when it lets them off', () => {
    const schema = {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: {
        type: 'object',
        properties: { name: { type: 'string' }, size: { type: 'integer', maximum: 5 } },
      },
    };
    const before = [{ name: 'a', size: 9 }];
    expect(validate(schema, [{ name: 'new', size: 1 }, ...before], before)).toEqual([]);
    expect(validate(schema, [{ name: 'b', size: 9 }], before)).toHaveLength(1);
  });

  it('wants apiVersion and kind in an embedded resource', () => {
    const schema = {
      type: 'object',
      'x-kubernetes-embedded-resource': true,
      'x-kubernetes-preserve-unknown-fields': true,
    };
    expect(validate(schema, { spec: 1 })).toEqual([
      'spec.apiVersion: Required value: must not be empty',
      'spec.kind: Required value: must not be empty',
    ]);
  });

  it('says why a rule could not be evaluated', () => {
    const rule = { rule: 'self[3] == 1' };
    const schema = {
      type: 'array',
      items: { type: 'integer' },
      'x-kubernetes-validations': [rule],
    };
    expect(validate(schema, [1])).toEqual([
      'spec: Invalid value: "array": index out of bounds: 3 evaluating rule: self[3] == 1',
    ]);
  });

  it('knows the functions Kubernetes adds to CEL', () => {
    const rules = [
      '[1, 2].sum() == 3 && [2, 1].max() == 2 && !([2, 1].isSorted())',
      "'abc'.replace('a', 'b') == 'bbc' && 'abc'.find('[bc]+') == 'bc'",
      "'a-1' == '%s-%d'.format(['a', 1]) && ['a', 'b'].join('-') == 'a-b'",
      "quantity('1Gi').isGreaterThan(quantity('1Mi')) && quantity('500m').compareTo(quantity('0.5')) == 0",
      "url('http://h:1/p?q=r').getPort() == '1' && !isURL('nothing')",
      "isIP('1.2.3.4') && ip('::1').family() == 6 && isCIDR('10.0.0.0/8')",
      'sets.contains([1, 2], [2]) && !sets.intersects([1], [2])',
    ].map((rule) => ({ rule }));
    const schema = { type: 'integer', 'x-kubernetes-validations': rules };
    expect(checkCrdSchema({ type: 'object', properties: { spec: schema } })).toEqual([]);
    expect(validate(schema, 1)).toEqual([]);
  });

  it('keeps fields called __proto__ and constructor apart from the language', () => {
    const schema = {
      type: 'object',
      properties: { constructor: { type: 'string', default: 'x' } },
      additionalProperties: false,
    };
    const { unknown, object } = admit(schema, JSON.parse('{"__proto__": {"a": 1}}') as object);
    expect(unknown).toEqual(['__proto__']);
    expect(Object.hasOwn(object, 'constructor')).toBe(true);
    expect(({} as Record<string, unknown>)['a']).toBeUndefined();
  });
});

describe('checkCrdSchema', () => {
  // Kubernetes also estimates what rules cost, and refuses oldSelf in items that it can't tell apart.
  const unchecked = new Set(['celmsgexpr', 'celoldatomic', 'cost', 'sums', 'strs']);
  const cases = [...schemas, ...ours].filter(({ name }) => !unchecked.has(name));
  it.each(cases.map((one) => [one.name, one] as const))(
    'finds the faults Kubernetes finds in the schema of "%s"',
    (_name, { schema, answer }) => {
      const whole = 'kind' in schema || schema === functionSchema || schema === revisionSchema;
      const crd =
        whole || isRoot(schema) ? schema : { type: 'object', properties: { spec: schema } };
      const fields = checkCrdSchema(crd).map(({ field }) => field);
      expect(fields.sort()).toEqual(answer.crd.sort());
    },
  );

  it('marks the place of a mistake in a rule', () => {
    const schema = { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self < "x"' }] };
    const [cause] = checkCrdSchema({ type: 'object', properties: { a: schema } });
    expect(cause?.message).toContain('ERROR: <input>:1:1');
    expect(cause?.message).toContain('| self < "x"');
  });

  it('refuses what is no schema at all', () => {
    expect(checkCrdSchema(undefined)).toHaveLength(1);
    expect(checkCrdSchema('x')).toHaveLength(1);
    expect(checkCrdSchema({ type: 'object', properties: { a: 1 } })).not.toEqual([]);
  });
});

const isRoot = (schema: object): boolean =>
  'properties' in schema && 'spec' in (schema.properties as object);
