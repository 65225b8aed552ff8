// Requests that are no objects of a collection: bindings, evictions, logs, tokens, reviews and scales.

import { conformanceCase, objectIn } from '../conformance-case.ts';
import type { ConformanceArea } from '../conformance-case.ts';
import { buildDeployment, buildGatedPod, buildPod, buildReplicaSet } from './build-objects.ts';

/** A pod that waits for a scheduler nobody runs. */
const unscheduled = (name: string) => buildPod(name, { schedulerName: 'nobody' });

export const subresources: ConformanceArea = {
  name: 'subresources',
  cases: [
    conformanceCase(
      'binds pods',
      async (api) => {
        const path = `${api.core}/pods`;
        await api.quietly('POST', path, { body: buildGatedPod('gated') });
        await api.quietly('POST', path, { body: unscheduled('free') });
        const bind = (pod: string, body: object) =>
          api.post(`${path}/${pod}/binding`, {
            apiVersion: 'v1',
            kind: 'Binding',
            metadata: { name: pod },
            ...body,
          });
        await bind('gated', { target: { kind: 'Node', name: 'x' } });
        await bind('free', { target: { kind: 'Node' } });
        await bind('free', { target: { kind: 'Pod', name: 'x' } });
        await bind('free', { metadata: { name: 'other' }, target: { kind: 'Node', name: 'x' } });
        await bind('free', {
          metadata: { name: 'free', uid: '00000000-0000-0000-0000-000000000000' },
          target: { kind: 'Node', name: 'x' },
        });
        await bind('absent', { target: { kind: 'Node', name: 'x' } });
        await bind('free', { target: { kind: 'Node', name: 'nowhere' } });
        await bind('free', { target: { kind: 'Node', name: 'elsewhere' } });
      },
      { isOrdered: false },
    ),
    conformanceCase(
      'evicts pods',
      async (api) => {
        const path = `${api.core}/pods`;
        await api.quietly('POST', path, { body: buildGatedPod('one') });
        const evict = (pod: string, body: object) => api.post(`${path}/${pod}/eviction`, body);
        const eviction = (more: object = {}) => ({
          apiVersion: 'policy/v1',
          kind: 'Eviction',
          metadata: { name: 'one' },
          ...more,
        });
        await evict('one', eviction({ metadata: { name: 'other' } }));
        await evict('one', { ...eviction(), apiVersion: 'v1' });
        await evict('absent', { ...eviction(), metadata: { name: 'absent' } });
        await evict('one', eviction({ deleteOptions: { dryRun: ['All'] } }));
        await evict('one', eviction({ deleteOptions: { preconditions: { uid: 'x' } } }));
        await evict('one', eviction());
        await api.get(`${path}/one`);
      },
      { isOrdered: false },
    ),
    conformanceCase('refuses logs that are not there', async (api) => {
      const path = `${api.core}/pods`;
      await api.quietly('POST', path, { body: buildGatedPod('one') });
      await api.quietly('POST', path, {
        body: buildGatedPod('two', {
          containers: [
            { name: 'a', image: 'x' },
            { name: 'b', image: 'x' },
          ],
        }),
      });
      for (const query of [
        'one/log',
        'one/log?container=other',
        'one/log?tailLines=x',
        'one/log?tailLines=-5',
        'one/log?sinceSeconds=0',
        'one/log?sinceSeconds=1&sinceTime=2020-01-01T00:00:00Z',
        'one/log?sinceTime=x',
        'one/log?limitBytes=0',
        'one/log?previous=true',
        'one/log?follow=maybe',
        'two/log',
        'two/log?container=a',
        'absent/log',
      ]) {
        await api.get(`${path}/${query}`);
      }
    }),
    conformanceCase(
      'scales',
      async (api) => {
        const path = `${api.apps}/replicasets`;
        const made = objectIn(
          await api.quietly('POST', path, {
            body: buildReplicaSet('one', {
              selector: {
                matchLabels: { app: 'one' },
                matchExpressions: [{ key: 'app', operator: 'In', values: ['one', 'two'] }],
              },
            }),
          }),
        );
        await api.get(`${path}/one/scale`);
        const scale = (replicas: unknown, metadata: object = {}) => ({
          apiVersion: 'autoscaling/v1',
          kind: 'Scale',
          metadata: { name: 'one', ...metadata },
          spec: { replicas },
        });
        await api.put(`${path}/one/scale`, scale(-1));
        await api.put(`${path}/one/scale`, scale('x'));
        await api.put(`${path}/one/scale`, scale(0, { resourceVersion: '1' }));
        await api.put(
          `${path}/one/scale`,
          scale(0, { uid: '00000000-0000-0000-0000-000000000000' }),
        );
        await api.put(`${path}/one/scale`, scale(0, { uid: made.metadata.uid }));
        await api.put(`${path}/one/scale`, { ...scale(0), apiVersion: 'v1' });
        await api.put(`${path}/one/scale`, scale(0, { name: 'other' }));
        await api.patch(`${path}/one/scale`, 'merge', { spec: { replicas: null } });
        await api.patch(`${path}/one/scale`, 'merge', { spec: { nonsense: 1 } });
        await api.patch(`${path}/one/scale`, 'strategic', { spec: { replicas: 0 } });
        await api.patch(`${path}/one/scale`, 'json', [
          { op: 'test', path: '/spec/replicas', value: 5 },
        ]);
        await api.patch(`${path}/one/scale`, 'json', [
          { op: 'replace', path: '/spec/replicas', value: 0 },
        ]);
        await api.patch(`${path}/one/scale?dryRun=All`, 'merge', { spec: { replicas: 7 } });
        await api.get(`${path}/one/scale`);
        await api.get(`${api.apps}/deployments/absent/scale`);
        await api.patch(`${api.apps}/deployments/absent/scale`, 'merge', { spec: { replicas: 1 } });
      },
      { isOrdered: false },
    ),
    conformanceCase(
      'resizes pods',
      async (api) => {
        const path = `${api.core}/pods`;
        const cpu = (amount: string) => ({ requests: { cpu: amount }, limits: { cpu: '2' } });
        const spec = { containers: [{ name: 'main', image: 'x', resources: cpu('100m') }] };
        await api.post(path, buildGatedPod('one', spec));
        const patch = (body: object) =>
          api.patch(`${path}/one/resize`, 'strategic', { spec: body });
        const container = (resources: object) => ({ containers: [{ name: 'main', resources }] });
        await api.patch(`${path}/one`, 'strategic', { spec: container(cpu('200m')) });
        await patch(container(cpu('200m')));
        await patch(container({ requests: { cpu: '3' } }));
        await patch(container({ requests: { memory: '-1' } }));
        await patch({ containers: [{ name: 'main', image: 'y' }] });
        await patch({ containers: [{ name: 'other', image: 'y' }] });
        await patch({ activeDeadlineSeconds: 5 });
        await api.get(`${path}/one/resize`);
        await api.patch(`${path}/absent/resize`, 'merge', {});
      },
      { isOrdered: false },
    ),
    conformanceCase('answers reviews', async (api) => {
      const authorization = '/apis/authorization.k8s.io/v1';
      const attributes = { namespace: api.ns, verb: 'get', resource: 'pods' };
      await api.post(`${authorization}/selfsubjectaccessreviews`, {
        spec: { resourceAttributes: attributes },
      });
      await api.post(`${authorization}/selfsubjectaccessreviews`, { spec: {} });
      await api.post(`${authorization}/selfsubjectaccessreviews`, { kind: 'Nonsense', spec: {} });
      await api.post(`${authorization}/selfsubjectaccessreviews`, {
        spec: { nonResourceAttributes: { path: '/healthz', verb: 'get' } },
      });
      await api.post(`${authorization}/selfsubjectaccessreviews`, {
        spec: { resourceAttributes: attributes, nonResourceAttributes: { path: '/', verb: 'get' } },
      });
      await api.post(`${authorization}/subjectaccessreviews`, {
        spec: { user: 'system:nobody', resourceAttributes: attributes },
      });
      await api.post(`${authorization}/subjectaccessreviews`, {
        spec: { resourceAttributes: attributes },
      });
      await api.post(`${authorization}/namespaces/${api.ns}/localsubjectaccessreviews`, {
        metadata: { namespace: api.ns },
        spec: { user: 'x', groups: ['system:masters'], resourceAttributes: attributes },
      });
      await api.post('/apis/authentication.k8s.io/v1/selfsubjectreviews', {});
      await api.post('/apis/authentication.k8s.io/v1/tokenreviews', {
        spec: { token: 'nonsense' },
      });
      await api.post('/apis/authentication.k8s.io/v1/tokenreviews', { spec: {} });
    }),
    conformanceCase('makes tokens of service accounts', async (api) => {
      const path = `${api.core}/serviceaccounts`;
      const ask = async (account: string, spec: object) => {
        const reply = await api.quietly('POST', `${path}/${account}/token`, { body: { spec } });
        return (reply.body as { status?: { token?: string } }).status?.token;
      };
      const token = (await ask('default', {})) ?? '';
      await api
        .post(
          '/apis/authentication.k8s.io/v1/selfsubjectreviews',
          {},
          { headers: { Authorization: `Bearer ${token}` }, label: 'who am I with the token' },
        )
        .then((reply) => {
          if (token === '' || reply.status !== 201)
            throw new Error(`no token: ${JSON.stringify(reply)}`);
        });
      await api.post(`${path}/absent/token`, { spec: {} });
      await api.post(`${path}/default/token`, { spec: { expirationSeconds: 5 } });
      await api.post(`${path}/default/token`, { spec: { expirationSeconds: 'x' } });
      await api.post(`${path}/default/token`, { kind: 'Nonsense', apiVersion: 'v1' });
    }),
    conformanceCase(
      'changes the finalizers of a namespace',
      async (api) => {
        const name = `${api.ns}-fin`;
        const made = objectIn(await api.post('/api/v1/namespaces', { metadata: { name } }));
        await api.put(`/api/v1/namespaces/${name}`, { ...made, spec: { finalizers: [] } });
        await api.put(`/api/v1/namespaces/${name}/finalize`, {
          ...made,
          metadata: { name },
          spec: { finalizers: ['kubernetes', 'example.com/own'] },
        });
        await api.put(`/api/v1/namespaces/${name}/finalize`, {
          ...made,
          metadata: { name },
          spec: { finalizers: [] },
        });
        await api.patch(`/api/v1/namespaces/${name}/status`, 'merge', {
          status: { phase: 'Nonsense' },
        });
        await api.delete(`/api/v1/namespaces/${name}`);
        // Without a finalizer in it nothing takes a real one away but a second delete.
        await api.quietly('DELETE', `/api/v1/namespaces/${name}`);
      },
      { isOrdered: false },
    ),
    conformanceCase('keeps status out of creates', async (api) => {
      await api.post(`${api.apps}/deployments?dryRun=All`, {
        ...buildDeployment('one'),
        status: { replicas: 7 },
      });
      await api.post(`${api.core}/pods?dryRun=All`, {
        ...buildGatedPod('one'),
        status: { phase: 'Running' },
      });
    }),
  ],
};
