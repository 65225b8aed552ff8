// Watches: where they start, what they send, how they end.

import { conformanceCase, objectIn } from '../conformance-case.ts';
import type { CaseApi, ConformanceArea } from '../conformance-case.ts';
import { buildConfigMap } from './build-objects.ts';

const tableType = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const partialType = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';
const withoutBookmarks = ['BOOKMARK'];

async function create(api: CaseApi, name: string, labels: object = {}): Promise<string> {
  const body = buildConfigMap(name, { metadata: { name, labels: { test: 'yes', ...labels } } });
  return objectIn(await api.quietly('POST', `${api.core}/configmaps`, { body })).metadata
    .resourceVersion;
}

const relabel = (api: CaseApi, name: string, labels: object) =>
  api.quietly('PATCH', `${api.core}/configmaps/${name}`, {
    body: { metadata: { labels } },
    headers: { 'Content-Type': 'application/merge-patch+json' },
  });

const remove = (api: CaseApi, name: string) =>
  api.quietly('DELETE', `${api.core}/configmaps/${name}`);

export const watches: ConformanceArea = {
  name: 'watches',
  cases: [
    conformanceCase('sends what happens after a version', async (api) => {
      const version = await create(api, 'one');
      const path = `${api.core}/configmaps?watch=true&labelSelector=test&resourceVersion=${version}`;
      await api.watch(path, { events: 4 }, async () => {
        await create(api, 'two');
        await relabel(api, 'two', { a: 'b' });
        await remove(api, 'two');
        await remove(api, 'one');
      });
    }),
    conformanceCase(
      'begins with what exists without a version, and with version 0',
      async (api) => {
        await create(api, 'one');
        await create(api, 'two');
        const path = `${api.core}/configmaps?watch=1&labelSelector=test`;
        await api.watch(path, { events: 3 }, () => remove(api, 'one'));
        await api.watch(`${path}&resourceVersion=0`, { events: 1 });
      },
    ),
    conformanceCase('shows objects that enter and leave a selection', async (api) => {
      const version = await create(api, 'one', { color: 'red' });
      const path = `${api.core}/configmaps?watch=true&resourceVersion=${version}`;
      await api.watch(`${path}&labelSelector=test,color%3Dblue`, { events: 4 }, async () => {
        await relabel(api, 'one', { color: 'blue' });
        await relabel(api, 'one', { color: 'blue', more: 'x' });
        await relabel(api, 'one', { color: 'green' });
        await relabel(api, 'one', { color: 'green', more: 'y' });
        await relabel(api, 'one', { color: 'blue' });
      });
      await api.watch(`${path}&fieldSelector=metadata.name%3Done`, { events: 5 });
      await api.watch(`${path}&fieldSelector=metadata.name%3Done&labelSelector=color!%3Dblue`, {
        events: 4,
      });
    }),
    conformanceCase('reads one object by its path, also with watch', async (api) => {
      const version = await create(api, 'one');
      await api.get(`${api.core}/configmaps/one?watch=true&resourceVersion=${version}`);
    }),
    conformanceCase('streams a list that ends with a bookmark', async (api) => {
      await create(api, 'one');
      await create(api, 'two');
      const path = `${api.core}/configmaps?watch=true&labelSelector=test&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`;
      await api.watch(`${path}&allowWatchBookmarks=true`, { events: 4 }, async () => {
        await api.until(`${api.core}/configmaps/two`, () => true);
        await remove(api, 'two');
      });
      await api.watch(`${path}&resourceVersion=0&allowWatchBookmarks=true`, { events: 2 });
      await api.watch(path, { events: 1 });
    }),
    conformanceCase('refuses options of a watch that make no sense', async (api) => {
      const path = `${api.core}/configmaps?watch=true`;
      for (const query of [
        'sendInitialEvents=true',
        'sendInitialEvents=true&resourceVersionMatch=Exact',
        'sendInitialEvents=false',
        'resourceVersionMatch=NotOlderThan',
        'resourceVersion=x',
        'resourceVersion=-1',
        'timeoutSeconds=x',
        'labelSelector=%3D',
        'fieldSelector=spec.x%3D1',
      ]) {
        await api.get(
          `${path}&timeoutSeconds=1&${query}`.replace(/&timeoutSeconds=1(?=.*timeoutSeconds)/, ''),
        );
      }
    }),
    conformanceCase('ends after its time', async (api) => {
      const version = await create(api, 'one');
      const path = `${api.core}/configmaps?watch=true&labelSelector=test&timeoutSeconds=1`;
      await api.watch(`${path}&resourceVersion=${version}`, { events: 9 });
      await api.watch(`${path}&sendInitialEvents=false&resourceVersionMatch=NotOlderThan`, {
        events: 9,
      });
    }),
    // None for versions that are too old, which test/unit/local/api-server has: a young cluster still keeps them all.
    conformanceCase('sends tables', async (api) => {
      const version = await create(api, 'one');
      const path = `${api.core}/configmaps?watch=true&labelSelector=test&resourceVersion=${version}`;
      await api.watch(
        path,
        { events: 2, accept: tableType, without: withoutBookmarks },
        async () => {
          await relabel(api, 'one', { a: 'b' });
          await remove(api, 'one');
        },
      );
      await api.watch(`${path}&includeObject=None`, { events: 2, accept: tableType });
      await api.watch(`${path}&includeObject=Object`, { events: 2, accept: tableType });
      await api.watch(path, { events: 2, accept: partialType });
    }),
    conformanceCase('watches all namespaces and cluster-wide kinds', async (api) => {
      await create(api, 'one');
      const own = encodeURIComponent(`metadata.namespace=${api.ns},metadata.name=one`);
      await api.watch(`/api/v1/configmaps?watch=true&fieldSelector=${own}`, { events: 1 });
      await api.watch(`/api/v1/namespaces?watch=true&fieldSelector=metadata.name%3D${api.ns}`, {
        events: 1,
      });
    }),
    conformanceCase('watches by the old path', async (api) => {
      await create(api, 'one');
      await api.watch(`/api/v1/watch/namespaces/${api.ns}/configmaps?labelSelector=test`, {
        events: 1,
      });
      await api.watch(`/api/v1/watch/namespaces/${api.ns}/configmaps/one`, { events: 1 });
    }),
  ],
};
