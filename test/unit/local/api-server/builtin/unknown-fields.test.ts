// Fields that a built-in kind doesn't have are found, and pruned when they are to go.

import { describe, expect, it } from '@jest/globals';
import {
  findUnknownFields,
  pruneBuiltin,
} from '../../../../../local/api-server/builtin/unknown-fields.ts';
import { kindTypes } from '../../../../../local/api-server/builtin/kind-table.ts';
import { parseKindTypes } from '../../../../../local/api-server/builtin/parse-kind-types.ts';
import { builtinResources } from '../../../../../local/api-server/builtin-resources.ts';
import type { ResourceInfo } from '../../../../../local/api-server/resource-info.ts';

const infoOf = (kind: string): ResourceInfo => {
  const info = builtinResources.find((one) => one.kind === kind);
  if (info === undefined) throw new Error(`no such kind: ${kind}`);
  return info;
};

const deployment = () => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'a', labels: { any: 'thing' }, creationTimestamp: null, foo: 1 },
  spec: {
    replicaz: 1,
    template: {
      metadata: { creationTimestamp: null },
      spec: {
        containers: [
          { name: 'a', image: 'b' },
          { name: 'c', imag: 'd' },
        ],
      },
    },
  },
});

describe('findUnknownFields', () => {
  it('names each by its path and changes nothing', () => {
    const object = deployment();
    const found = findUnknownFields(infoOf('Deployment'), object);
    expect(found).toEqual([
      'metadata.foo',
      'spec.replicaz',
      'spec.template.spec.containers[1].imag',
    ]);
    expect(object).toEqual(deployment());
  });

  it('allows everything in custom resources', () => {
    const info = { ...infoOf('Deployment'), isCustom: true };
    expect(findUnknownFields(info, deployment())).toEqual([]);
  });

  it('allows any schema in a definition', () => {
    const definition = {
      metadata: { name: 'a' },
      spec: {
        versions: [
          {
            name: 'v1',
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: { a: { additionalProperties: true, 'x-kubernetes-list-type': 'set' } },
                default: { any: 'thing' },
              },
            },
          },
        ],
      },
    };
    expect(findUnknownFields(infoOf('CustomResourceDefinition'), definition)).toEqual([]);
  });
});

describe('pruneBuiltin', () => {
  it('removes unknown fields and nulls', () => {
    const object = deployment();
    expect(pruneBuiltin(infoOf('Deployment'), object)).toHaveLength(3);
    expect(object).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'a', labels: { any: 'thing' } },
      spec: {
        template: {
          metadata: {},
          spec: { containers: [{ name: 'a', image: 'b' }, { name: 'c' }] },
        },
      },
    });
    expect(pruneBuiltin(infoOf('Deployment'), object)).toEqual([]);
  });
});

describe('kindTypes', () => {
  const scalars = /^(string|int|long|bool|number|bytes|Time|MicroTime|Quantity|IntOrString|any)$/;

  it('knows every type that a field has', () => {
    const missing = [...kindTypes()].flatMap(([name, fields]) =>
      [...fields.values()]
        .filter(({ type }) => !scalars.test(type) && !kindTypes().has(type))
        .map((field) => `${name}.${field.name}: ${field.type}`),
    );
    expect(missing).toEqual([]);
  });

  it('knows every kind that is stored, but those without fields of their own', () => {
    const stored = builtinResources.filter(({ verbs }) => verbs.includes('get'));
    const missing = stored.filter(({ kind }) => !kindTypes().has(kind));
    expect(missing.map(({ kind }) => kind)).toEqual([]);
  });
});

describe('parseKindTypes', () => {
  it('reads lists, maps, merge keys and lines that go on', () => {
    const types = parseKindTypes(
      'A = x:string\nB p:A[]~name q:A{}\n r:string[]~ s:A!\n'.replace(' =', ''),
    );
    expect(types.get('A')?.get('x')).toEqual({
      name: 'x',
      type: 'string',
      shape: 'one',
      retainsKeys: false,
    });
    expect(types.get('B')?.get('p')).toMatchObject({ shape: 'list', mergeKey: 'name' });
    expect(types.get('B')?.get('q')).toMatchObject({ shape: 'map' });
    expect(types.get('B')?.get('r')).toMatchObject({ shape: 'list', mergeKey: '' });
    expect(types.get('B')?.get('s')).toMatchObject({ retainsKeys: true });
  });

  it('refuses what is not a field', () => {
    expect(() => parseKindTypes('A x')).toThrow('not a field of a kind: x');
  });
});
