// CustomResourceDefinitions: what they accept, what their objects get, and what is refused in which words.

import { conformanceCase, objectIn } from '../conformance-case.ts';
import type { CaseApi, ConformanceArea, KubeShape } from '../conformance-case.ts';
import { buildDefinition } from './build-objects.ts';
import { objectSchema as object, schemaCases } from './definition-schemas.ts';

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const openSpec = { 'x-kubernetes-preserve-unknown-fields': true, type: 'object' };
const tableType = 'application/json;as=Table;v=v1;g=meta.k8s.io';

interface Things {
  readonly path: string;
  readonly definition: string;
  readonly thing: (name: string, spec?: unknown, more?: object) => object;
}

/** Makes a definition and waits until its objects are served; the namespace's end does not delete it. */
async function withThings(
  api: CaseApi,
  schema: Record<string, unknown>,
  run: (things: Things) => Promise<void>,
  version: Record<string, unknown> = {},
): Promise<void> {
  const body = buildDefinition(api.ns, schema, version);
  const { name } = body['metadata'] as { name: string };
  const definition = `${definitions}/${name}`;
  const made = await api.quietly('POST', definitions, { body });
  if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  const path = `/apis/${api.ns}.example.com/v1/namespaces/${api.ns}/things`;
  try {
    await api.until(path, (reply) => reply.status === 200);
    // A real server serves a new resource some moments before it takes objects of it.
    await api.until(
      definition,
      (reply) =>
        JSON.stringify(reply.body).includes('"Established","status":"True"') ||
        isEstablished(reply.body),
    );
    const thing = (thingName: string, spec?: unknown, more: object = {}) => ({
      apiVersion: `${api.ns}.example.com/v1`,
      kind: 'Thing',
      metadata: { name: thingName },
      ...(spec === undefined ? {} : { spec }),
      ...more,
    });
    await run({ path, definition, thing });
  } finally {
    await api.quietly('DELETE', definition);
  }
}

function isEstablished(body: unknown): boolean {
  const { status } = body as { status?: { conditions?: { type: string; status: string }[] } };
  return (
    status?.conditions?.some((one) => one.type === 'Established' && one.status === 'True') === true
  );
}

const spec = (properties: object, more: object = {}) => ({
  properties: { spec: { type: 'object', properties, ...more } },
});

export const definitionsArea: ConformanceArea = {
  name: 'definitions',
  cases: [
    conformanceCase(
      'establishes a definition, changes it and deletes it',
      async (api) => {
        const body = buildDefinition(api.ns, { properties: { spec: openSpec } });
        const { name } = body['metadata'] as { name: string };
        const path = `${definitions}/${name}`;
        await api.post(definitions, body, { label: 'POST the definition' });
        await api.until(path, (reply) => isEstablished(reply.body));
        const found = objectIn(await api.get(path));
        await api.get(`/apis/${api.ns}.example.com`);
        await api.until(`/apis/${api.ns}.example.com/v1`, (reply) => reply.status === 200);
        await api.get(`/apis/${api.ns}.example.com/v1`);
        await api.post(definitions, body, { label: 'POST it again' });
        await api.patch(path, 'merge', { spec: { scope: 'Cluster' } });
        await api.patch(path, 'merge', { spec: { group: 'other.example.com' } });
        await api.patch(path, 'merge', { spec: { names: { kind: 'Other' } } });
        await api.patch(path, 'merge', { spec: { versions: [] } });
        await api.put(path, { ...found, metadata: { name } }, { label: 'PUT without version' });
        await api.delete(path);
        await api.until(path, (reply) => reply.status === 404);
        await api.get(path);
      },
      { isOrdered: false },
    ),
    conformanceCase('refuses definitions that contradict themselves', async (api) => {
      const send = async (label: string, change: (body: KubeShape) => void) => {
        const body = buildDefinition(api.ns, {}) as KubeShape;
        change(body);
        await api.post(`${definitions}?dryRun=All`, body, { label });
      };
      const at = (body: KubeShape) =>
        body['spec'] as {
          [key: string]: unknown;
          versions: Record<string, unknown>[];
          names: Record<string, unknown>;
        };
      await send('another name', (body) => {
        body.metadata.name = 'other.example.com';
      });
      await send('no group', (body) => {
        delete at(body)['group'];
      });
      await send('a bad group', (body) => {
        at(body)['group'] = 'Bad_Group';
      });
      await send('no scope', (body) => {
        delete at(body)['scope'];
      });
      await send('a bad scope', (body) => {
        at(body)['scope'] = 'Galaxy';
      });
      await send('no versions', (body) => {
        at(body).versions = [];
      });
      await send('no storage version', (body) => {
        Object.assign(at(body).versions[0] ?? {}, { storage: false });
      });
      await send('two storage versions', (body) => {
        at(body).versions.push({ ...at(body).versions[0], name: 'v2' });
      });
      await send('the same version twice', (body) => {
        at(body).versions.push({ ...at(body).versions[0], storage: false });
      });
      await send('a bad version', (body) => {
        Object.assign(at(body).versions[0] ?? {}, { name: 'V_1' });
      });
      await send('no schema', (body) => {
        delete (at(body).versions[0] ?? {})['schema'];
      });
      await send('no kind', (body) => {
        delete at(body).names['kind'];
      });
      await send('no plural', (body) => {
        delete at(body).names['plural'];
      });
      await send('a bad kind', (body) => {
        at(body).names['kind'] = 'bad kind';
      });
      await send('a bad short name', (body) => {
        at(body).names['shortNames'] = ['Bad_'];
      });
      await send('a bad plural', (body) => {
        at(body).names['plural'] = 'Things';
      });
      await send('list kind as kind', (body) => {
        at(body).names['listKind'] = 'Thing';
      });
      await send('preserveUnknownFields', (body) => {
        at(body)['preserveUnknownFields'] = true;
      });
      await send('an unknown conversion', (body) => {
        at(body)['conversion'] = { strategy: 'Magic' };
      });
      await send('a webhook without its settings', (body) => {
        at(body)['conversion'] = { strategy: 'Webhook' };
      });
      await send('a bad column', (body) => {
        Object.assign(at(body).versions[0] ?? {}, {
          additionalPrinterColumns: [{ name: '', type: 'text', jsonPath: 'spec' }],
        });
      });
      await send('a scale without paths', (body) => {
        Object.assign(at(body).versions[0] ?? {}, { subresources: { scale: {} } });
      });
      await send('a scale with bad paths', (body) => {
        Object.assign(at(body).versions[0] ?? {}, {
          subresources: { scale: { specReplicasPath: '.status.x', statusReplicasPath: 'spec' } },
        });
      });
      await send('a selectable field that is not there', (body) => {
        Object.assign(at(body).versions[0] ?? {}, {
          selectableFields: [{ jsonPath: '.spec.nothing' }],
        });
      });
      await send('no spec', (body) => {
        delete body['spec'];
      });
    }),
    ...schemaCases,
    conformanceCase('fills defaults in and prunes', async (api) => {
      const schema = spec({
        size: { type: 'integer', default: 3 },
        nested: {
          type: 'object',
          default: {},
          properties: { a: { type: 'string', default: 'x' } },
        },
        plain: { type: 'object', properties: { b: { type: 'string', default: 'y' } } },
        list: {
          type: 'array',
          items: { type: 'object', properties: { c: { type: 'boolean', default: true } } },
        },
        nullable: { type: 'string', nullable: true },
        free: openSpec,
        map: { type: 'object', additionalProperties: { type: 'string' } },
      });
      await withThings(api, schema, async ({ path, thing }) => {
        await api.post(path, thing('one', {}));
        await api.post(
          path,
          thing('two', {
            list: [{}, { c: false, x: 1 }],
            plain: {},
            free: { any: { thing: 1 } },
            extra: 1,
          }),
        );
        await api.post(
          `${path}?fieldValidation=Strict`,
          thing('three', { extra: 1, nested: { z: 1 } }),
        );
        await api.post(
          `${path}?fieldValidation=Warn`,
          thing('three', { extra: 1, nested: { z: 1 } }),
        );
        await api.post(`${path}?fieldValidation=Ignore`, thing('four', { extra: 1 }, { top: 1 }));
        await api.post(path, thing('five', { nullable: null, size: null, map: { a: 'b' } }));
        await api.post(path, thing('six'));
        await api.patch(`${path}/one`, 'merge', { spec: { size: null, extra: 1 } });
        await api.patch(`${path}/one`, 'json', [{ op: 'add', path: '/spec/list', value: [{}] }]);
        await api.patch(`${path}/one`, 'strategic', { spec: { size: 9 } });
        await api.get(`${path}?limit=2`);
      });
    }),
    conformanceCase('validates by the schema', async (api) => {
      const schema = spec(
        {
          text: { type: 'string', minLength: 2, maxLength: 4, pattern: '^[a-z]+$' },
          choice: { type: 'string', enum: ['a', 'b'] },
          number: { type: 'integer', minimum: 1, maximum: 5, multipleOf: 2 },
          small: { type: 'integer', format: 'int32' },
          above: { type: 'number', minimum: 0, exclusiveMinimum: true },
          list: { type: 'array', minItems: 1, maxItems: 2, items: { type: 'string' } },
          set: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
          keyed: {
            type: 'array',
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['k'],
            items: { type: 'object', required: ['k'], properties: { k: { type: 'string' } } },
          },
          map: { type: 'object', maxProperties: 1, additionalProperties: { type: 'integer' } },
          either: { 'x-kubernetes-int-or-string': true },
          time: { type: 'string', format: 'date-time' },
          ip: { type: 'string', format: 'ipv4' },
          uri: { type: 'string', format: 'uri' },
          flag: { type: 'boolean' },
          one: { type: 'string', oneOf: [{ pattern: '^a' }, { pattern: 'b$' }] },
          any: { type: 'string', anyOf: [{ pattern: '^a' }, { pattern: 'b$' }] },
          not: { type: 'string', not: { pattern: '^a' } },
        },
        { required: ['text'] },
      );
      await withThings(api, schema, async ({ path, thing }) => {
        const send = (value: unknown) => api.post(path, thing('bad', value));
        await send({});
        await send({ text: 'a' });
        await send({ text: 'toolong' });
        await send({ text: 'AB' });
        await send({ text: 5 });
        await send({ text: 'ab', choice: 'c' });
        await send({ text: 'ab', number: 0 });
        await send({ text: 'ab', number: 7 });
        await send({ text: 'ab', number: 3 });
        await send({ text: 'ab', number: 1.5 });
        await send({ text: 'ab', number: '1' });
        await send({ text: 'ab', small: 3_000_000_000 });
        await send({ text: 'ab', above: 0 });
        await send({ text: 'ab', list: [] });
        await send({ text: 'ab', list: ['a', 'b', 'c'] });
        await send({ text: 'ab', list: [1] });
        await send({ text: 'ab', list: 'a' });
        await send({ text: 'ab', set: ['a', 'a'] });
        await send({ text: 'ab', keyed: [{ k: 'a' }, { k: 'a' }] });
        await send({ text: 'ab', keyed: [{}] });
        await send({ text: 'ab', map: { a: 1, b: 2 } });
        await send({ text: 'ab', map: { a: 'x' } });
        await send({ text: 'ab', either: true });
        await send({ text: 'ab', time: 'yesterday' });
        await send({ text: 'ab', ip: '300.1.1.1' });
        await send({ text: 'ab', uri: ':nonsense' });
        await send({ text: 'ab', flag: 'true' });
        await send({ text: 'ab', one: 'ab' });
        await send({ text: 'ab', one: 'c' });
        await send({ text: 'ab', any: 'c' });
        await send({ text: 'ab', not: 'a' });
        await send({ text: 'ab', extra: 1, choice: 'c', number: 9, flag: null });
        await send([]);
        await send('text');
        await send(null);
      });
    }),
    conformanceCase('says what rules say', async (api) => {
      const schema = spec(
        {
          min: { type: 'integer' },
          max: { type: 'integer' },
          name: {
            type: 'string',
            maxLength: 20,
            'x-kubernetes-validations': [
              {
                rule: "self.startsWith('x')",
                messageExpression: "'must start with x, not ' + self",
              },
            ],
          },
          fixed: {
            type: 'string',
            'x-kubernetes-validations': [
              { rule: 'self == oldSelf', message: 'fixed can not change' },
            ],
          },
          list: {
            type: 'array',
            maxItems: 5,
            items: {
              type: 'object',
              properties: { v: { type: 'integer' } },
              'x-kubernetes-validations': [{ rule: 'self.v > 0' }],
            },
          },
        },
        {
          'x-kubernetes-validations': [
            {
              rule: '!has(self.min) || !has(self.max) || self.min <= self.max',
              message: 'min must not be above max',
              fieldPath: '.min',
              reason: 'FieldValueForbidden',
            },
            { rule: '!has(self.max) || self.max < 100', reason: 'FieldValueInvalid' },
            { rule: 'has(self.fixed) || !has(oldSelf.fixed)', message: 'fixed can not go' },
          ],
        },
      );
      await withThings(api, schema, async ({ path, thing }) => {
        await api.post(path, thing('bad', { min: 3, max: 2 }));
        await api.post(path, thing('bad', { max: 100 }));
        await api.post(path, thing('bad', { name: 'abc' }));
        await api.post(path, thing('bad', { list: [{ v: 1 }, { v: 0 }, { v: -1 }] }));
        await api.post(path, thing('bad', { min: 300, max: 200, name: 'abc' }));
        await api.post(path, thing('one', { fixed: 'a', name: 'xa' }));
        await api.patch(`${path}/one`, 'merge', { spec: { fixed: 'b' } });
        await api.patch(`${path}/one`, 'merge', { spec: { fixed: null } });
        await api.patch(`${path}/one`, 'merge', { spec: { name: 'y', list: [{}] } });
      });
    }),
    conformanceCase(
      'lets what was bad before stay as it is',
      async (api) => {
        await withThings(
          api,
          spec({ a: { type: 'string' }, n: { type: 'integer' } }),
          async ({ path, definition, thing }) => {
            await api.post(path, thing('one', { a: 'long-value', n: 50 }));
            await api.patch(definition, 'json', [
              {
                op: 'replace',
                path: '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties',
                value: {
                  a: { type: 'string', maxLength: 3 },
                  n: {
                    type: 'integer',
                    maximum: 9,
                    'x-kubernetes-validations': [{ rule: 'self < 9', message: 'too big' }],
                  },
                },
              },
            ]);
            await api.until(`${path}?stricter`, () => true);
            // The stricter schema takes some moments to be in force on a real server.
            const probe = thing('probe', { a: 'long-value' });
            await api.until(
              path,
              async () =>
                (await api.quietly('POST', `${path}?dryRun=All`, { body: probe })).status === 422,
            );
            await api.patch(`${path}/one`, 'merge', { metadata: { labels: { x: 'y' } } });
            await api.patch(`${path}/one`, 'merge', { spec: { n: 51 } });
            await api.patch(`${path}/one`, 'merge', { spec: { a: 'other-long' } });
            await api.patch(`${path}/one`, 'merge', { spec: { a: 'ok' } });
            await api.patch(`${path}/one`, 'merge', { spec: { n: 1, a: null } });
          },
        );
      },
      { isOrdered: false },
    ),
    conformanceCase('has status and scale of its objects', async (api) => {
      const schema = object({
        spec: object({ replicas: { type: 'integer' }, a: { type: 'string' } }),
        status: object({
          replicas: { type: 'integer' },
          selector: { type: 'string' },
          phase: { type: 'string' },
        }),
      });
      const version = {
        subresources: {
          status: {},
          scale: {
            specReplicasPath: '.spec.replicas',
            statusReplicasPath: '.status.replicas',
            labelSelectorPath: '.status.selector',
          },
        },
      };
      await withThings(
        api,
        schema,
        async ({ path, thing }) => {
          const made = objectIn(
            await api.post(path, thing('one', { replicas: 2 }, { status: { phase: 'ignored' } })),
          );
          await api.get(`${path}/one/scale`);
          await api.patch(`${path}/one/status`, 'merge', {
            status: { replicas: 1, selector: 'a=b', phase: 'New' },
            spec: { a: 'ignored' },
            metadata: { labels: { l: 'x' } },
          });
          await api.get(`${path}/one/status`);
          await api.get(`${path}/one/scale`);
          await api.patch(`${path}/one/scale`, 'merge', { spec: { replicas: 5 } });
          await api.put(`${path}/one/scale`, { metadata: { name: 'one' }, spec: { replicas: -1 } });
          await api.put(`${path}/one/scale`, {
            metadata: { name: 'one', resourceVersion: made.metadata.resourceVersion },
            spec: { replicas: 6 },
          });
          await api.patch(`${path}/one/scale`, 'merge', { spec: { replicas: 'x' } });
          await api.put(`${path}/one/status`, { ...made, status: { phase: 'Stale' } });
          await api.put(`${path}/one`, { ...made, metadata: { name: 'one' } });
          await api.get(`${path}/one`);
          await api.get(`${path}/one/nonsense`);
          await api.patch(`${path}/one/status`, 'merge', { status: { replicas: 'x' } });
        },
        version,
      );
    }),
    conformanceCase('prints columns', async (api) => {
      const version = {
        additionalPrinterColumns: [
          { name: 'Text', type: 'string', jsonPath: '.spec.text', description: 'what it says' },
          { name: 'Number', type: 'integer', jsonPath: '.spec.number' },
          { name: 'Float', type: 'number', jsonPath: '.spec.float' },
          { name: 'Flag', type: 'boolean', jsonPath: '.spec.flag' },
          { name: 'When', type: 'date', jsonPath: '.metadata.creationTimestamp' },
          { name: 'Ready', type: 'string', jsonPath: ".spec.list[?(@.type=='Ready')].status" },
          { name: 'All', type: 'string', jsonPath: '.spec.list[*].type' },
          { name: 'Wide', type: 'string', jsonPath: '.spec.map.key', priority: 1 },
          { name: 'Object', type: 'string', jsonPath: '.spec.map' },
          { name: 'Wrong', type: 'integer', jsonPath: '.spec.text' },
        ],
      };
      await withThings(
        api,
        { properties: { spec: openSpec } },
        async ({ path, thing }) => {
          await api.quietly('POST', path, {
            body: thing('one', {
              text: 'hi',
              number: 5,
              float: 1.5,
              flag: true,
              list: [
                { type: 'Ready', status: 'True' },
                { type: 'Other', status: 'No' },
              ],
              map: { key: 'v' },
            }),
          });
          await api.quietly('POST', path, { body: thing('two', {}) });
          await api.get(path, { headers: { Accept: tableType } });
        },
        version,
      );
    }),
    conformanceCase(
      'serves several versions',
      async (api) => {
        const body = buildDefinition(api.ns, { properties: { spec: openSpec } });
        const { versions } = body['spec'] as { versions: Record<string, unknown>[] };
        versions.push({ ...versions[0], name: 'v1beta1', storage: false, deprecated: true });
        versions.push({
          ...versions[0],
          name: 'v2',
          storage: false,
          deprecated: true,
          deprecationWarning: 'use v1',
        });
        versions.push({ ...versions[0], name: 'v3', storage: false, served: false });
        const { name } = body['metadata'] as { name: string };
        await api.post(definitions, body, { label: 'POST the definition' });
        const group = `/apis/${api.ns}.example.com`;
        await api.until(`${group}/v2/namespaces/${api.ns}/things`, (reply) => reply.status === 200);
        await api.until(`${definitions}/${name}`, (reply) => isEstablished(reply.body));
        const things = (version: string) => `${group}/${version}/namespaces/${api.ns}/things`;
        await api.post(things('v2'), {
          apiVersion: `${api.ns}.example.com/v2`,
          kind: 'Thing',
          metadata: { name: 'one' },
          spec: { a: 1 },
        });
        await api.get(`${things('v1')}/one`);
        await api.get(`${things('v1beta1')}/one`);
        await api.get(things('v1beta1'));
        await api.get(things('v3'));
        await api.post(things('v1'), {
          apiVersion: `${api.ns}.example.com/v2`,
          kind: 'Thing',
          metadata: { name: 'two' },
        });
        await api.until(group, (reply) => reply.status === 200);
        await api.get(group);
        await api.delete(`${definitions}/${name}`);
      },
      { isOrdered: false },
    ),
    conformanceCase(
      'does not accept names that are taken',
      async (api) => {
        const first = buildDefinition(api.ns, {});
        const { name } = first['metadata'] as { name: string };
        await api.quietly('POST', definitions, { body: first });
        await api.until(`${definitions}/${name}`, (reply) => isEstablished(reply.body));
        const second = buildDefinition(api.ns, {}) as KubeShape;
        second.metadata.name = `others.${api.ns}.example.com`;
        (second['spec'] as { names: object }).names = { plural: 'others', kind: 'Thing' };
        await api.quietly('POST', definitions, { body: second });
        await api.until(`${definitions}/${second.metadata.name}`, (reply) =>
          JSON.stringify(reply.body).includes('NamesAccepted'),
        );
        await api.get(`${definitions}/${second.metadata.name}`);
        await api.quietly('DELETE', `${definitions}/${second.metadata.name}`);
        await api.quietly('DELETE', `${definitions}/${name}`);
      },
      { isOrdered: false },
    ),
    conformanceCase(
      'deletes the objects with their definition',
      async (api) => {
        await withThings(
          api,
          { properties: { spec: openSpec } },
          async ({ path, definition, thing }) => {
            await api.quietly('POST', path, {
              body: thing(
                'held',
                {},
                { metadata: { name: 'held', finalizers: ['example.com/hold'] } },
              ),
            });
            await api.quietly('POST', path, { body: thing('free', {}) });
            await api.quietly('DELETE', definition);
            await api.until(`${path}/free`, (reply) => reply.status === 404);
            await api.get(`${path}/held`);
            await api.post(path, thing('late', {}));
            await api.quietly('PATCH', `${path}/held`, {
              body: { metadata: { finalizers: null } },
              headers: { 'Content-Type': 'application/merge-patch+json' },
            });
            await api.until(definition, (reply) => reply.status === 404);
            await api.until(path, (reply) => reply.status === 404);
            await api.get(path);
          },
        );
      },
      { isOrdered: false },
    ),
  ],
};
