// Schemas of definitions that are refused: not structural, or with rules that can't be compiled.

import { conformanceCase } from '../conformance-case.ts';
import type { CaseApi, ConformanceCase } from '../conformance-case.ts';
import { buildDefinition } from './build-objects.ts';

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** Sends definitions that should be refused; what is accepted is deleted again. */
async function sendEach(api: CaseApi, versions: readonly [string, object][]): Promise<void> {
  for (const [label, schema] of versions) {
    const body = buildDefinition(api.ns, {});
    const list = (body['spec'] as { versions: { schema: { openAPIV3Schema: object } }[] }).versions;
    if (list[0] !== undefined) list[0].schema.openAPIV3Schema = schema;
    const { name } = body['metadata'] as { name: string };
    const reply = await api.post(`${definitions}?dryRun=All`, body, { label: `POST ${label}` });
    if (reply.status === 201) await api.quietly('DELETE', `${definitions}/${name}`);
  }
}

export const objectSchema = (properties: object, more: object = {}) => ({
  type: 'object',
  properties,
  ...more,
});

const object = objectSchema;

export const schemaCases: readonly ConformanceCase[] = [
  conformanceCase('refuses schemas that are not structural', async (api) => {
    await sendEach(api, [
      ['no type', { properties: { spec: { properties: {} } } }],
      ['a root that is no object', { type: 'string' }],
      ['items without a type', object({ a: { type: 'array', items: {} } })],
      ['an array without items', object({ a: { type: 'array' } })],
      [
        'both properties and additionalProperties',
        object({
          a: { type: 'object', properties: {}, additionalProperties: { type: 'string' } },
        }),
      ],
      [
        'additionalProperties false',
        object({ a: { type: 'object', additionalProperties: false } }),
      ],
      ['a $ref', object({ a: { $ref: '#/definitions/x' } })],
      [
        'uniqueItems',
        object({ a: { type: 'array', uniqueItems: true, items: { type: 'string' } } }),
      ],
      ['a type inside of anyOf', object({ a: { type: 'string', anyOf: [{ type: 'string' }] } })],
      ['a default inside of anyOf', object({ a: { type: 'string', anyOf: [{ default: 'x' }] } })],
      ['an unknown type', object({ a: { type: 'text' } })],
      ['an unknown format', object({ a: { type: 'string', format: 'nonsense' } })],
      ['a default of the wrong type', object({ a: { type: 'string', default: 5 } })],
      [
        'a default with an unknown field',
        object({ a: { type: 'object', properties: {}, default: { b: 1 } } }),
      ],
      ['a default out of bounds', object({ a: { type: 'integer', maximum: 3, default: 5 } })],
      ['a bad pattern', object({ a: { type: 'string', pattern: '(' } })],
      [
        'a required field that is not there',
        object({ a: { type: 'string' } }, { required: ['b'] }),
      ],
      [
        'a list map without keys',
        object({
          a: {
            type: 'array',
            'x-kubernetes-list-type': 'map',
            items: object({ k: { type: 'string' } }),
          },
        }),
      ],
      [
        'a list map with an optional key',
        object({
          a: {
            type: 'array',
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['k'],
            items: object({ k: { type: 'string' } }),
          },
        }),
      ],
      [
        'an unknown list type',
        object({
          a: { type: 'array', 'x-kubernetes-list-type': 'heap', items: { type: 'string' } },
        }),
      ],
      ['a list type on a map', object({ a: { type: 'object', 'x-kubernetes-list-type': 'set' } })],
      [
        'a map type on a list',
        object({
          a: { type: 'array', 'x-kubernetes-map-type': 'atomic', items: { type: 'string' } },
        }),
      ],
      [
        'int-or-string with a type',
        object({ a: { 'x-kubernetes-int-or-string': true, type: 'string' } }),
      ],
      [
        'preserve unknown fields false',
        object({ a: { type: 'object', 'x-kubernetes-preserve-unknown-fields': false } }),
      ],
      [
        'an embedded resource without fields',
        object({ a: { type: 'object', 'x-kubernetes-embedded-resource': true } }),
      ],
      [
        'metadata with rules',
        object({
          metadata: {
            type: 'object',
            properties: { name: { type: 'string', maxLength: 3 }, labels: { type: 'object' } },
          },
        }),
      ],
      [
        'a title, an id and an example',
        object({ a: { type: 'string', title: 't', id: 'x', example: 'e' } }),
      ],
      [
        'a field name that CEL can not say',
        object(
          { 'a-b': { type: 'string' } },
          { 'x-kubernetes-validations': [{ rule: 'self.a__dash__b == "x"' }] },
        ),
      ],
      ['an unknown keyword', object({ a: { type: 'string', minimumLength: 3 } })],
    ]);
  }),
  conformanceCase('refuses rules that can not be compiled', async (api) => {
    const ruled = (rule: object, more: object = {}) =>
      object(
        {
          a: { type: 'integer' },
          b: { type: 'string' },
          list: { type: 'array', items: { type: 'string' } },
          ...more,
        },
        { 'x-kubernetes-validations': [rule] },
      );
    await sendEach(api, [
      ['an empty rule', ruled({ rule: '' })],
      ['a syntax error', ruled({ rule: 'self.a >' })],
      ['an unknown field', ruled({ rule: 'self.nothing == 1' })],
      ['a wrong type', ruled({ rule: 'self.a == "x"' })],
      ['no bool', ruled({ rule: 'self.a' })],
      ['an unknown function', ruled({ rule: 'self.b.nonsense()' })],
      ['an unknown variable', ruled({ rule: 'other.a == 1' })],
      ['a message of two lines', ruled({ rule: 'true', message: 'a\nb' })],
      ['a bad messageExpression', ruled({ rule: 'true', messageExpression: 'self.a' })],
      ['an unknown reason', ruled({ rule: 'true', reason: 'Nonsense' })],
      ['a bad fieldPath', ruled({ rule: 'true', fieldPath: '.nothing' })],
      ['a fieldPath without a dot', ruled({ rule: 'true', fieldPath: 'a' })],
      ['optionalOldSelf without oldSelf', ruled({ rule: 'true', optionalOldSelf: true })],
      [
        'a cost that is too high',
        ruled({ rule: 'self.list.all(x, self.list.all(y, self.list.all(z, x == y)))' }),
      ],
      [
        'has of an index',
        ruled(
          { rule: 'has(self.list[0].x)' },
          { list: { type: 'array', maxItems: 3, items: object({ x: { type: 'string' } }) } },
        ),
      ],
    ]);
  }),
];
