// Create, read, update and delete of single objects: names, versions, options and refusals.

import { conformanceCase, objectIn } from '../conformance-case.ts';
import type { ConformanceArea } from '../conformance-case.ts';
import { buildConfigMap, buildDeployment } from './build-objects.ts';

export const objects: ConformanceArea = {
  name: 'objects',
  cases: [
    conformanceCase('creates, reads, replaces and deletes', async (api) => {
      const path = `${api.core}/configmaps`;
      const made = objectIn(await api.post(path, buildConfigMap('one')));
      await api.get(`${path}/one`);
      await api.put(`${path}/one`, { ...made, data: { a: '2' } });
      await api.put(`${path}/one`, { ...made, data: { a: '3' } });
      await api.delete(`${path}/one`);
      await api.get(`${path}/one`);
      await api.delete(`${path}/one`);
    }),
    conformanceCase(
      'refuses a name that is taken',
      async (api) => {
        await api.post(`${api.core}/configmaps`, buildConfigMap('one'));
        await api.post(`${api.core}/configmaps`, buildConfigMap('one'));
        await api.post(`${api.apps}/deployments`, buildDeployment('one'));
        await api.post(`${api.apps}/deployments`, buildDeployment('one'));
      },
      { isOrdered: false },
    ),
    conformanceCase('makes names up', async (api) => {
      const path = `${api.core}/configmaps`;
      const metadata = { generateName: 'made-' };
      await api.post(path, { metadata });
      await api.post(path, { metadata: { generateName: 'a'.repeat(70) } });
      await api.post(path, { metadata: {} });
      await api.post(path, { metadata: { generateName: 'Bad_' } });
      await api.post(`${path}?dryRun=All`, { metadata });
    }),
    conformanceCase('refuses bad metadata', async (api) => {
      const path = `${api.core}/configmaps`;
      const send = (metadata: object) => api.post(path, { metadata });
      await send({ name: 'Upper' });
      await send({ name: 'a'.repeat(254) });
      await send({ name: 'a', labels: { 'bad key': 'x' } });
      await send({ name: 'a', labels: { key: 'bad value' } });
      await send({ name: 'a', labels: { key: 'v'.repeat(64) } });
      await send({ name: 'a', annotations: { 'bad key': 'x' } });
      await send({ name: 'a', annotations: { big: 'x'.repeat(300_000) } });
      await send({ name: 'a', finalizers: ['bad'] });
      await send({ name: 'a', finalizers: ['bad finalizer/x y'] });
      await send({ name: 'a', ownerReferences: [{ apiVersion: 'v1' }] });
      await send({ name: 'a', labels: { key: 5 } });
      await send({ name: 5 });
      await send({ name: 'a', namespace: 'other' });
      await send({ name: 'a', resourceVersion: '5' });
      await send({ name: 'a', uid: 'x', generation: 7, creationTimestamp: null, selfLink: '/x' });
      await api.post('/api/v1/namespaces', { metadata: { name: 'Bad.Name' } });
      await api.post(`${api.core}/services`, {
        metadata: { name: '1bad' },
        spec: { ports: [{ port: 1 }] },
      });
    }),
    conformanceCase('checks the version of an update', async (api) => {
      const path = `${api.core}/configmaps`;
      const made = objectIn(await api.post(path, buildConfigMap('one')));
      const put = (metadata: object) => api.put(`${path}/one`, { ...made, metadata });
      await put({ name: 'one' });
      await put({ name: 'one', resourceVersion: '1' });
      await put({ name: 'one', resourceVersion: 'abc' });
      await put({ name: 'one', uid: '00000000-0000-0000-0000-000000000000' });
      await put({ name: 'two' });
      await put({ name: 'one', namespace: 'other' });
      await put({});
      await api.put(`${path}/absent`, { metadata: { name: 'absent' } });
    }),
    conformanceCase('checks the preconditions of a delete', async (api) => {
      const path = `${api.core}/configmaps`;
      const { metadata } = objectIn(await api.post(path, buildConfigMap('one')));
      const send = (preconditions: object) =>
        api.delete(`${path}/one`, { kind: 'DeleteOptions', apiVersion: 'v1', preconditions });
      await send({ uid: '00000000-0000-0000-0000-000000000000' });
      await send({ resourceVersion: '1' });
      await send({ uid: metadata.uid, resourceVersion: metadata.resourceVersion });
    }),
    conformanceCase('tries without keeping', async (api) => {
      const path = `${api.core}/configmaps`;
      await api.post(`${path}?dryRun=All`, buildConfigMap('one'));
      await api.get(`${path}/one`);
      await api.post(`${path}?dryRun=Some`, buildConfigMap('one'));
      await api.post(path, buildConfigMap('one'));
      await api.put(`${path}/one?dryRun=All`, buildConfigMap('one', { data: { b: '1' } }));
      await api.patch(`${path}/one?dryRun=All`, 'merge', { data: { c: '1' } });
      await api.delete(`${path}/one?dryRun=All`);
      await api.delete(`${path}/one`, { dryRun: ['All'] });
      await api.get(`${path}/one`);
      await api.post(`${api.apps}/deployments?dryRun=All`, buildDeployment('one'));
    }),
    conformanceCase(
      'says which fields it does not know',
      async (api) => {
        const path = `${api.apps}/deployments`;
        const bad = (name: string) => ({ ...buildDeployment(name, { replicaz: 2 }), extra: 1 });
        await api.post(`${path}?fieldValidation=Strict`, bad('one'));
        await api.post(`${path}?fieldValidation=Warn`, bad('one'));
        await api.post(`${path}?fieldValidation=Ignore`, bad('two'));
        await api.post(path, bad('three'));
        await api.post(`${path}?fieldValidation=Some`, bad('four'));
        await api.post(`${path}?fieldValidation=Strict`, '{"metadata":{"name":"x","name":"y"}}');
        await api.post(
          `${path}?fieldValidation=Warn`,
          '{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"x","name":"y"}}',
        );
        await api.patch(`${path}/one?fieldValidation=Strict`, 'merge', { spec: { replicaz: 1 } });
        await api.patch(`${path}/one?fieldValidation=Strict`, 'strategic', {
          spec: { replicaz: 1 },
        });
        await api.patch(`${path}/one?fieldValidation=Strict`, 'json', [
          { op: 'add', path: '/spec/replicaz', value: 1 },
        ]);
      },
      { isOrdered: false },
    ),
    conformanceCase('refuses values of the wrong type', async (api) => {
      const path = `${api.apps}/deployments`;
      await api.post(path, buildDeployment('one', { replicas: 'three' }));
      await api.post(path, buildDeployment('one', { replicas: 1.5 }));
      await api.post(path, buildDeployment('one', { replicas: -1 }));
      await api.post(path, buildDeployment('one', { template: [] }));
      await api.post(path, buildDeployment('one', { paused: 'yes' }));
      await api.post(`${api.core}/configmaps`, buildConfigMap('one', { data: { a: 1 } }));
      await api.post(`${api.core}/configmaps`, buildConfigMap('one', { data: 'a' }));
      await api.post(`${api.core}/configmaps`, buildConfigMap('one', { kind: 'Secret' }));
      await api.post(`${api.core}/configmaps`, buildConfigMap('one', { apiVersion: 'v2' }));
      await api.post(`${api.core}/configmaps`, [1]);
      await api.post(`${api.core}/configmaps`, '');
      await api.post(`${api.core}/configmaps`, 'null');
    }),
    conformanceCase('holds objects by their finalizers', async (api) => {
      const path = `${api.core}/configmaps`;
      await api.post(path, { metadata: { name: 'one', finalizers: ['example.com/hold'] } });
      await api.delete(`${path}/one`);
      await api.delete(`${path}/one`);
      await api.get(`${path}/one`);
      await api.patch(`${path}/one`, 'merge', {
        metadata: { finalizers: ['example.com/hold', 'example.com/more'] },
      });
      await api.patch(`${path}/one`, 'merge', { data: { still: 'writable' } });
      await api.patch(`${path}/one`, 'merge', { metadata: { deletionTimestamp: null } });
      await api.patch(`${path}/one`, 'merge', { metadata: { finalizers: null } });
      await api.get(`${path}/one`);
    }),
    conformanceCase(
      'keeps what is immutable',
      async (api) => {
        await api.post(`${api.core}/configmaps`, buildConfigMap('one', { immutable: true }));
        await api.patch(`${api.core}/configmaps/one`, 'merge', { data: { a: '2' } });
        await api.patch(`${api.core}/configmaps/one`, 'merge', { immutable: false });
        await api.post(`${api.core}/secrets`, {
          metadata: { name: 'one' },
          stringData: { a: 'x' },
        });
        await api.patch(`${api.core}/secrets/one`, 'merge', { type: 'example.com/other' });
        await api.post(`${api.apps}/deployments`, buildDeployment('one'));
        await api.patch(`${api.apps}/deployments/one`, 'merge', {
          spec: { selector: { matchLabels: { app: 'x' } } },
        });
        await api.patch(`${api.core}/configmaps/one`, 'merge', { metadata: { name: 'two' } });
        await api.patch(`${api.core}/configmaps/one`, 'merge', { metadata: { uid: 'x' } });
        await api.patch(`${api.core}/configmaps/one`, 'merge', {
          metadata: { creationTimestamp: '2020-01-01T00:00:00Z' },
        });
      },
      { isOrdered: false },
    ),
    conformanceCase('deletes a collection by its selector', async (api) => {
      const path = `${api.core}/configmaps`;
      for (const [name, app] of [
        ['one', 'a'],
        ['two', 'b'],
        ['three', 'a'],
      ]) {
        await api.quietly('POST', path, { body: { metadata: { name, labels: { app } } } });
      }
      await api.delete(`${path}?labelSelector=app%3Da`);
      await api.get(`${path}?labelSelector=app`);
      await api.delete(`${path}?labelSelector=app&dryRun=All`);
      await api.get(`${path}?labelSelector=app`);
    }),
    conformanceCase(
      'takes a null among texts for an empty one',
      async (api) => {
        const path = `${api.core}/configmaps`;
        await api.post(path, buildConfigMap('one', { data: { a: null }, binaryData: { b: null } }));
        const metadata = { name: 'two', labels: { a: null }, annotations: { b: null } };
        await api.post(path, { metadata });
        await api.patch(`${path}/two`, 'json', [
          { op: 'add', path: '/data', value: { c: null } },
          { op: 'add', path: '/metadata/labels/d', value: null },
        ]);
        await api.post(path, { metadata: { name: 'three', finalizers: [null] } });
        await api.post(`${api.core}/secrets`, {
          metadata,
          data: { a: null },
          stringData: { b: null },
        });
        await api.post(`${api.core}/services`, {
          metadata,
          spec: { clusterIP: 'None', selector: { a: null }, ports: [null] },
        });
        const container = {
          name: 'main',
          image: 'x',
          args: [null],
          resources: { limits: { cpu: null } },
        };
        await api.post(
          `${api.apps}/deployments`,
          buildDeployment('one', {
            template: { metadata: { labels: { app: 'one' } }, spec: { containers: [container] } },
          }),
        );
      },
      { isOrdered: false },
    ),
  ],
};
