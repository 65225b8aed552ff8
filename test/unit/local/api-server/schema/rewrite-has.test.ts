// has() behind an index, which cel-js does not know.

import { describe, expect, it } from '@jest/globals';
import { compileSchema } from '../../../../../local/api-server/schema/compile-schema.ts';
import { rewriteHas } from '../../../../../local/api-server/schema/rewrite-has.ts';

describe('rewriteHas', () => {
  it.each([
    ['has(self.list[0].x)', '(self.list[0]).?x.hasValue()'],
    ['!has(self.m["has(a[0].b)"].x) || true', '!(self.m["has(a[0].b)"]).?x.hasValue() || true'],
    ['has( f(self.a).b.c )', '( f(self.a).b).?c.hasValue()'],
    [
      'has(self.list[has(self.map["a"].b) ? 0 : 1].x)',
      '(self.list[(self.map["a"]).?b.hasValue() ? 0 : 1]).?x.hasValue()',
    ],
  ])('rewrites %s', (rule, wanted) => {
    expect(rewriteHas(rule)).toBe(wanted);
  });

  it.each([
    'has(self.a.b)',
    'self.list.exists(one, has(one.x))',
    'hash(self.a[0].b)',
    'self.has(a[0].b)',
    '"has(self.a[0].b)" == self.c',
    'has(self.a[0])',
    'has(self.a[0].b',
  ])('leaves %s alone', (rule) => {
    expect(rewriteHas(rule)).toBe(rule);
  });
});

describe('has() of an index in a schema', () => {
  const item = { type: 'object', properties: { x: { type: 'string' } } };
  const schema = (rule: string): object => ({
    type: 'object',
    properties: {
      list: { type: 'array', maxItems: 3, items: item },
      map: { type: 'object', maxProperties: 3, additionalProperties: item },
    },
    'x-kubernetes-validations': [{ rule }],
  });
  const validate = (rule: string, object: object): string[] =>
    compileSchema(schema(rule))
      .validate(object)
      .map(({ message }) => message);

  it.each([
    ['has(self.list[0].x)', { list: [{ x: '' }] }],
    ['!has(self.list[0].x)', { list: [{}] }],
    ['has(self.map["a"].x)', { map: { a: { x: 'y' } } }],
    ['size(self.list) == 0 || has(self.list[0].x)', { list: [] }],
  ])('%s holds of %j', (rule, object) => {
    expect(validate(rule, object)).toEqual([]);
  });

  it('fails where the field is absent, in the words of the rule', () => {
    const [message] = validate('has(self.list[0].x)', { list: [{}] });
    expect(message).toContain('failed rule: has(self.list[0].x)');
  });

  it('fails where there is no such item, and where no item can have the field', () => {
    expect(validate('has(self.list[1].x)', { list: [{}] })[0]).toContain('index out of bounds: 1');
    const [message] = validate('has(self.list[0].z)', { list: [{}] });
    expect(message).toContain('rule compile error');
  });
});
