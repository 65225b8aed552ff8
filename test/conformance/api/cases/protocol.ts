// The protocol itself: discovery, health, content types, and requests that are no requests.

import { conformanceCase } from '../conformance-case.ts';
import type { ConformanceArea } from '../conformance-case.ts';
import { buildConfigMap } from './build-objects.ts';

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** Nested maps, `depth` of them. */
function nest(depth: number): string {
  return `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
}

export const protocol: ConformanceArea = {
  name: 'protocol',
  cases: [
    conformanceCase('says that it is well', async (api) => {
      for (const path of [
        '/healthz',
        '/livez',
        '/readyz',
        '/healthz/ping',
        '/livez/ping',
        '/readyz/ping',
        '/readyz?verbose=',
        '/healthz/nonsense',
      ]) {
        await api.get(path, path.includes('verbose') ? { label: 'verbose' } : {});
      }
    }),
    conformanceCase('says its version', async (api) => {
      await api.get('/version');
      await api.get('/version/');
    }),
    conformanceCase('lists groups', async (api) => {
      await api.get('/api');
      await api.get('/apis');
      await api.get('/apis/apps');
      await api.get('/apis/autoscaling');
      await api.get('/apis/events.k8s.io');
      await api.get('/apis/nonsense.example.com');
      await api.get('/apis/apps/v9');
    }),
    conformanceCase('lists the resources of each group', async (api) => {
      for (const path of [
        '/api/v1',
        '/apis/apps/v1',
        '/apis/batch/v1',
        '/apis/autoscaling/v1',
        '/apis/autoscaling/v2',
        '/apis/coordination.k8s.io/v1',
        '/apis/discovery.k8s.io/v1',
        '/apis/events.k8s.io/v1',
        '/apis/networking.k8s.io/v1',
        '/apis/policy/v1',
        '/apis/rbac.authorization.k8s.io/v1',
        '/apis/apiextensions.k8s.io/v1',
        '/apis/authentication.k8s.io/v1',
        '/apis/authorization.k8s.io/v1',
      ]) {
        await api.get(path);
      }
    }),
    conformanceCase('lists everything at once', async (api) => {
      await api.get('/api', { headers: { Accept: aggregated } });
      await api.get('/apis', { headers: { Accept: aggregated } });
      await api.get('/apis', { headers: { Accept: `${aggregated},application/json` } });
    }),
    conformanceCase('refuses paths that lead nowhere', async (api) => {
      for (const path of [
        '/nonsense',
        '/api/v2',
        '/api/v1/nonsense',
        '/apis/apps/v1/nonsense',
        `${api.core}/nonsense`,
        `${api.core}/configmaps/one/status`,
        `${api.core}/pods/one/nonsense`,
        `${api.core}/namespaces`,
        '/api/v1/configmaps/one',
        `${api.core}/nodes`,
        '/api/v1/nodes/absent/status',
        '/apis/apps/v1/deployments/one',
        '/openapi/v3/nonsense',
        '/api/v1/namespaces/absent/configmaps',
        '/api/v1/namespaces/absent/configmaps/one',
        '/api/v1/namespaces/absent',
        `${api.core}/pods/absent/log`,
        `${api.core}/pods/absent/status`,
        `${api.apps}/deployments/absent/scale`,
        `${api.core}/configmaps/one/two/three`,
        `${api.core}/configmaps/`,
        `//api/v1/namespaces/${api.ns}/configmaps/one`,
      ]) {
        await api.get(path);
      }
      await api.post('/api/v1/namespaces/absent/configmaps', buildConfigMap('one'));
    }),
    conformanceCase('refuses methods that a path does not have', async (api) => {
      await api.request('PUT', `${api.core}/configmaps`, { body: {} });
      await api.request('PATCH', `${api.core}/configmaps`, {
        body: {},
        headers: { 'Content-Type': 'application/merge-patch+json' },
      });
      await api.request('POST', `${api.core}/configmaps/one`, { body: buildConfigMap('one') });
      await api.request('POST', '/api/v1/configmaps', { body: buildConfigMap('one') });
      await api.request('DELETE', '/api/v1/configmaps');
      await api.request('DELETE', '/api/v1/namespaces?labelSelector=none');
      await api.request('POST', `${api.core}/pods/one/log`, { body: {} });
      await api.request('DELETE', `${api.apps}/deployments/one/scale`);
      await api.request('GET', `${api.core}/pods/one/eviction`);
      await api.request('GET', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews');
      await api.request('OPTIONS', `${api.core}/configmaps`);
      await api.request('NONSENSE', `${api.core}/configmaps`).catch(() => undefined);
      await api.request('POST', '/apis', { body: {} });
      await api.request('POST', '/version', { body: {} });
      await api.request('DELETE', '/healthz');
    }),
    conformanceCase('negotiates what it answers', async (api) => {
      await api.quietly('POST', `${api.core}/configmaps`, { body: buildConfigMap('one') });
      const path = `${api.core}/configmaps/one`;
      for (const accept of [
        '*/*',
        'application/*',
        'application/json;q=0.5',
        'text/html',
        'text/plain',
        'application/xml, application/json',
        'application/yaml',
        'application/json;as=Table;v=v9;g=meta.k8s.io',
        'application/json;as=Nonsense;v=v1;g=meta.k8s.io',
        'application/json;as=Table;v=v1beta1;g=meta.k8s.io',
        'application/json;pretty=1',
        'application/vnd.kubernetes.protobuf',
        'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
        'application/json;stream=watch',
        'application/cbor',
        'nonsense',
      ]) {
        await api.get(path, { headers: { Accept: accept }, label: `Accept: ${accept}` });
      }
      await api.get(`${api.core}/configmaps?watch=true`, { headers: { Accept: 'text/html' } });
      await api.get('/version', { headers: { Accept: 'text/html' } });
      await api.get('/apis', { headers: { Accept: 'text/html' } });
    }),
    conformanceCase('negotiates what it reads', async (api) => {
      const path = `${api.core}/configmaps`;
      const send = (type: string, body: string) =>
        api.request('POST', path, {
          body,
          headers: { 'Content-Type': type },
          label: `Content-Type: ${type}`,
        });
      const json = (name: string) => JSON.stringify(buildConfigMap(name));
      await send('application/json; charset=utf-8', json('one'));
      await send('application/yaml', 'metadata: {name: two}\ndata: {a: b}\n');
      await send('application/yaml', 'metadata: [\n');
      await send('application/yaml', 'metadata: {name: three}\nmetadata: {name: four}\n');
      await send('text/plain', json('five'));
      await send('application/merge-patch+json', json('six'));
      await send('nonsense', json('seven'));
      await send('application/vnd.kubernetes.protobuf', 'nonsense');
      await send('', json('eight'));
    }),
    conformanceCase('refuses bodies that can not be read', async (api) => {
      const path = `${api.core}/configmaps`;
      await api.post(path, '{"metadata":');
      await api.post(path, '{"metadata":{"name":"a"},}');
      await api.post(path, '{"metadata":{"name":"a"}} trailing');
      await api.post(path, '"text"');
      await api.post(path, 'true');
      await api.post(path, nest(20_000), { label: 'POST nested 20,000 deep' });
      await api.post(path, nest(200), { label: 'POST nested 200 deep' });
      const big = { metadata: { name: 'big' }, data: { a: 'x'.repeat(1_100_000) } };
      await api.post(path, big, { label: 'POST 1.1 MB' });
      const huge = { metadata: { name: 'huge' }, data: { a: 'x'.repeat(4_000_000) } };
      await api.post(path, huge, { label: 'POST 4 MB' });
      await api.put(`${path}/one`, '{');
      await api.delete(`${path}/one`, '{');
      await api.delete(`${path}/one`, { kind: 'ConfigMap', apiVersion: 'v1' });
      await api.delete(`${path}/one`, { gracePeriodSeconds: 'x' });
      await api.delete(`${path}/one`, { propagationPolicy: 'Nonsense' });
      await api.delete(`${path}/one`, { propagationPolicy: 'Orphan', orphanDependents: true });
      await api.delete(`${path}/one?gracePeriodSeconds=x`);
      await api.delete(`${path}/one?propagationPolicy=Nonsense`);
      await api.delete(`${path}/one`, { gracePeriodSeconds: -5 });
    }),
    conformanceCase('has OpenAPI documents', async (api) => {
      const { body } = await api.quietly('GET', '/openapi/v3');
      const { paths } = body as { paths: Record<string, { serverRelativeURL: string }> };
      if (paths['apis/apps/v1'] === undefined) throw new Error('no apis/apps/v1 in /openapi/v3');
      const reply = await api.quietly('GET', '/openapi/v3/apis/apps/v1');
      const { openapi, components } = reply.body as {
        openapi: string;
        components: { schemas: Record<string, { type: string; required?: string[] }> };
      };
      const name = Object.keys(components.schemas).find((one) => one.endsWith('.DeploymentSpec'));
      const spec = components.schemas[name ?? ''];
      if (!openapi.startsWith('3.') || spec === undefined) throw new Error('no DeploymentSpec');
      await api.get('/apis/apps');
    }),
  ],
};
