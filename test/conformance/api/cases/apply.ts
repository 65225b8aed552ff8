// Server-side apply: conflicts, what goes when nobody names it any more, and nulls; ConfigMaps, custom resources.

import { conformanceCase } from '../conformance-case.ts';
import type { CaseApi, ConformanceArea, Reply } from '../conformance-case.ts';
import { buildDefinition } from './build-objects.ts';

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const applyType = 'application/apply-patch+yaml';
const texts = { type: 'object', additionalProperties: { type: 'string' } };

/** Each map of a schema that can be emptied. */
const maps = {
  free: texts,
  nullable: { ...texts, nullable: true },
  named: { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } } },
  defaulted: { ...texts, default: { z: '1' } },
};
const properties = {
  ...maps,
  list: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
  deep: { type: 'object', properties: { free: texts } },
};

interface Things {
  readonly path: string;
  /** Sends a configuration in the name of a manager; `spec` undefined: it has none. */
  readonly apply: (name: string, manager: string, spec: unknown) => Promise<Reply>;
}

async function withThings(api: CaseApi, run: (things: Things) => Promise<void>): Promise<void> {
  const body = buildDefinition(api.ns, { properties: { spec: { type: 'object', properties } } });
  const group = `${api.ns}.example.com`;
  const path = `/apis/${group}/v1/namespaces/${api.ns}/things`;
  const definition = `${definitions}/things.${group}`;
  await api.quietly('POST', definitions, { body });
  try {
    await api.until(definition, ({ body: found }) => {
      const { status } = found as { status?: { conditions?: { type: string; status: string }[] } };
      return status?.conditions?.some((one) => one.type === 'Established' && one.status === 'True');
    });
    await api.until(path, (reply) => reply.status === 200);
    await run({
      path,
      apply: (name, manager, spec) =>
        api.patch(`${path}/${name}?fieldManager=${manager}`, applyType, {
          apiVersion: `${group}/v1`,
          kind: 'Thing',
          metadata: { name },
          ...(spec !== undefined && { spec }),
        }),
    });
  } finally {
    await api.quietly('DELETE', definition);
  }
}

type Script = (things: Things, field: string) => Promise<unknown>;

/** One script per map, with an object of its own. */
const eachMap = (script: Script) => (api: CaseApi) =>
  withThings(api, async (things) => {
    for (const field of Object.keys(maps)) await script(things, field);
  });

export const apply: ConformanceArea = {
  name: 'apply',
  cases: [
    conformanceCase('conflicts over fields of a ConfigMap', async (api) => {
      const send = (name: string, query: string, data?: object, more: object = {}) =>
        api.patch(`${api.core}/configmaps/${name}?${query}`, applyType, {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name, ...more },
          ...(data !== undefined && { data }),
        });
      await send('one', 'fieldManager=a', { x: '1', y: '1' }, { labels: { l: '1' } });
      await send('one', 'fieldManager=b', { x: '2' });
      await send('one', 'fieldManager=b', { x: '2', y: '2' }, { labels: { l: '2' } });
      await send('one', 'fieldManager=b', { x: '1', z: '1' });
      await send('one', 'fieldManager=a', { y: '1' });
      await send('one', 'fieldManager=b&force=true', { y: '2' });
      await send('one', 'fieldManager=a', {});
      await send('one', 'fieldManager=b');
      await send('one', '', { x: '1' });
      await send('one', 'fieldManager=a&dryRun=All', { x: '9' });
      await send('one', 'fieldManager=a', { x: null as unknown as string });
      await send('one', 'fieldManager=a', { x: 5 as unknown as string });
      await send('one', 'fieldManager=a', [1, null] as object);
      await api.get(`${api.core}/configmaps/one`);
    }),
    conformanceCase(
      'empties a map that another applier holds',
      eachMap(async ({ apply: send }, field) => {
        await send(field, 'a', { [field]: { a: '1' } });
        await send(field, 'b', { [field]: {} });
        await send(field, 'a', {});
        await send(field, 'a', undefined);
        await send(field, 'b', {});
      }),
    ),
    conformanceCase('empties a map that was shared', (api) =>
      withThings(api, async ({ path, apply: send }) => {
        for (const field of Object.keys(maps)) {
          await send(field, 'a', { [field]: { a: '1' } });
          await send(field, 'b', { [field]: { a: '1' } });
          await send(field, 'a', { [field]: {} });
          await send(field, 'b', { [field]: {} });
          await send(field, 'b', {});
          await send(field, 'a', {});
          const merge = (spec: object) =>
            api.patch(`${path}/m-${field}?fieldManager=c`, 'merge', { spec });
          await send(`m-${field}`, 'a', { [field]: { a: '1' } });
          await merge({ [field]: { b: '2' } });
          await merge({ [field]: { b: null } });
          await send(`m-${field}`, 'a', {});
          await merge({ [field]: null });
        }
      }),
    ),
    conformanceCase(
      'empties its own map',
      eachMap(async ({ apply: send }, field) => {
        await send(field, 'a', { [field]: { a: '1' } });
        await send(field, 'a', { [field]: {} });
        await send(field, 'a', {});
      }),
    ),
    conformanceCase('empties a map inside of a map, and a list', (api) =>
      withThings(api, async ({ apply: send }) => {
        await send('one', 'a', { deep: { free: { a: '1' } } });
        await send('one', 'b', { deep: {} });
        await send('one', 'a', {});
        await send('two', 'a', { deep: { free: { a: '1' } } });
        await send('two', 'b', { deep: { free: {} } });
        await send('two', 'a', {});
        await send('two', 'b', {});
        await send('three', 'a', { list: ['a'] });
        await send('three', 'b', { list: [] });
        await send('three', 'a', {});
      }),
    ),
    conformanceCase('names nulls', (api) =>
      withThings(api, async ({ apply: send }) => {
        await send('spec', 'a', null);
        for (const field of Object.keys(properties)) {
          await send(field, 'a', { [field]: null });
          await send(field, 'a', { [field]: null, deep: { free: { a: '1' } } });
          await send(field, 'b', { [field]: { a: null } });
          await send(field, 'b', { [field]: [null] });
        }
      }),
    ),
  ],
};
