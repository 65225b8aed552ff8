// Lists: pages, versions, selectors of every kind, and the forms an answer can have.

import { conformanceCase } from '../conformance-case.ts';
import type { CaseApi, ConformanceArea, Reply } from '../conformance-case.ts';
import { buildConfigMap, buildDeployment, buildGatedPod } from './build-objects.ts';

const tableType = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const partialType = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';
const onePartialType = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';

async function createSome(api: CaseApi): Promise<void> {
  const labels = [
    { app: 'a', tier: 'x' },
    { app: 'a', tier: 'y' },
    { app: 'b' },
    { tier: 'z' },
    {},
  ];
  for (const [at, one] of labels.entries()) {
    const body = { metadata: { name: `cm-${at}`, labels: { test: 'yes', ...one } } };
    await api.quietly('POST', `${api.core}/configmaps`, { body });
  }
}

function metadataOf(reply: Reply): { continue?: string; resourceVersion?: string } {
  return (reply.body as { metadata: { continue?: string; resourceVersion?: string } }).metadata;
}

export const lists: ConformanceArea = {
  name: 'lists',
  cases: [
    conformanceCase('lists in pages', async (api) => {
      await createSome(api);
      const path = `${api.core}/configmaps`;
      const first = await api.get(`${path}?limit=2&labelSelector=test`);
      const token = encodeURIComponent(metadataOf(first).continue ?? '');
      const more = `${path}?limit=2&labelSelector=test&continue=`;
      const second = await api.get(more + token, { label: 'the second page' });
      const last = encodeURIComponent(metadataOf(second).continue ?? '');
      await api.get(more + last, { label: 'the last page' });
      await api.get(`${path}?limit=100&labelSelector=test`);
    }),
    conformanceCase('counts what remains where nothing is selected', async (api) => {
      const path = `${api.core}/secrets`;
      for (const name of ['a', 'b', 'c', 'd']) {
        await api.quietly('POST', path, { body: { metadata: { name } } });
      }
      const first = await api.get(`${path}?limit=1`);
      const token = encodeURIComponent(metadataOf(first).continue ?? '');
      await api.quietly('POST', path, { body: { metadata: { name: 'aa' } } });
      await api.get(`${path}?limit=1&continue=${token}`, { label: 'the second page' });
      await api.get(`${path}?continue=${token}`, { label: 'the rest' });
    }),
    conformanceCase('refuses options of a list that make no sense', async (api) => {
      const path = `${api.core}/secrets`;
      for (const query of [
        'limit=x',
        'limit=-1',
        'continue=nonsense',
        'continue=nonsense&resourceVersion=5',
        'resourceVersion=x',
        'resourceVersion=0&resourceVersionMatch=Exact',
        'resourceVersionMatch=Exact',
        'resourceVersion=5&resourceVersionMatch=Other',
        'resourceVersion=99999999999999',
        'resourceVersion=-1',
        'sendInitialEvents=true',
        'timeoutSeconds=x',
        'labelSelector=%3D%3D',
        'labelSelector=a%20in',
        'labelSelector=a%20in%20()',
        'labelSelector=a%3Db%2C%2Cc',
        'labelSelector=-bad',
        'labelSelector=a%3Dbad%20value',
        'fieldSelector=nonsense',
        'fieldSelector=spec.nodeName%3Dx',
        'fieldSelector=metadata.name',
      ]) {
        await api.get(`${path}?${query}`);
      }
    }),
    conformanceCase('reads at a version', async (api) => {
      await createSome(api);
      const path = `${api.core}/configmaps?labelSelector=test%3Dyes,app%3Db`;
      const { resourceVersion = '' } = metadataOf(await api.get(path));
      await api.get(`${path}&resourceVersion=0`);
      await api.get(`${path}&resourceVersion=${resourceVersion}`, { label: 'not older' });
      const exact = `${path}&resourceVersion=${resourceVersion}&resourceVersionMatch=Exact`;
      await api.quietly('DELETE', `${api.core}/configmaps/cm-2`);
      await api.get(exact, { label: 'exactly, after a change' });
      const newer = `${path}&resourceVersion=${resourceVersion}&resourceVersionMatch=NotOlderThan`;
      await api.get(newer, { label: 'not older, after a change' });
      await api.get(`${api.core}/configmaps/cm-1?resourceVersion=0`);
      await api.get(`${api.core}/configmaps/cm-1?resourceVersion=x`);
    }),
    conformanceCase('selects by labels with every operator', async (api) => {
      await createSome(api);
      const path = `${api.core}/configmaps?labelSelector=`;
      for (const selector of [
        'test=yes,app=a',
        'test==yes,app!=a',
        'test,app in (a,b)',
        'test,app notin (a)',
        'test,!app',
        'test,tier',
        'test,tier in (x, y),app',
        'test, app = a , tier!=x',
        'test=yes,app in (a),tier notin (x,y)',
        'test=',
      ]) {
        await api.get(path + encodeURIComponent(selector), { label: selector });
      }
    }),
    conformanceCase(
      'selects by fields',
      async (api) => {
        const path = `${api.core}/pods`;
        await api.quietly('POST', path, { body: buildGatedPod('one') });
        await api.quietly('POST', path, { body: buildGatedPod('two', { restartPolicy: 'Never' }) });
        for (const selector of [
          'metadata.name=one',
          'metadata.name!=one',
          `metadata.namespace=${api.ns}`,
          'status.phase=Pending',
          'status.phase=Running',
          'spec.restartPolicy=Never',
          'spec.nodeName=',
          'spec.serviceAccountName=default',
          'metadata.name=one,status.phase=Pending',
          'metadata.uid=x',
          'spec.containers=x',
        ]) {
          await api.get(`${path}?fieldSelector=${encodeURIComponent(selector)}`, {
            headers: { Accept: partialType },
          });
        }
        await api.get(`${api.core}/events?fieldSelector=involvedObject.name%3Dnobody`);
        await api.get(`${api.core}/secrets?fieldSelector=type%3DOpaque`);
        await api.get(`${api.core}/configmaps?fieldSelector=metadata.name%3Dabsent`);
      },
      { isOrdered: false },
    ),
    conformanceCase(
      'answers as a table',
      async (api) => {
        await api.quietly('POST', `${api.core}/configmaps`, {
          body: buildConfigMap('one', { metadata: { name: 'one', labels: { test: 'yes' } } }),
        });
        await api.quietly('POST', `${api.core}/secrets`, {
          body: { metadata: { name: 'one' }, stringData: { a: 'b' } },
        });
        await api.quietly('POST', `${api.core}/pods`, { body: buildGatedPod('one') });
        await api.quietly('POST', `${api.core}/services`, {
          body: {
            metadata: { name: 'one' },
            spec: {
              selector: { a: 'b' },
              ports: [
                { port: 80, name: 'x' },
                { port: 81, name: 'y', protocol: 'UDP' },
              ],
            },
          },
        });
        await api.quietly('POST', `${api.apps}/deployments`, {
          body: buildDeployment('one', { paused: true }),
        });
        const table = { headers: { Accept: tableType } };
        await api.get(`${api.core}/configmaps?labelSelector=test`, table);
        await api.get(`${api.core}/configmaps/one`, table);
        await api.get(`${api.core}/configmaps/one?includeObject=None`, table);
        await api.get(`${api.core}/configmaps/one?includeObject=Object`, table);
        await api.get(`${api.core}/configmaps/one?includeObject=Other`, table);
        await api.get(`${api.core}/secrets/one`, table);
        await api.get(`${api.core}/pods/one?includeObject=None`, table);
        await api.get(`${api.core}/services/one?includeObject=None`, table);
        await api.get(`${api.apps}/deployments/one?includeObject=None`, table);
        await api.get(`${api.apps}/replicasets?includeObject=None`, table);
        await api.get(`${api.core}/serviceaccounts?includeObject=None`, table);
        await api.get(`/api/v1/namespaces/${api.ns}?includeObject=None`, table);
        await api.get(`${api.core}/configmaps/absent`, table);
        for (const kind of ['statefulsets', 'daemonsets', 'controllerrevisions']) {
          await api.get(`${api.apps}/${kind}`, table);
        }
        for (const kind of [
          'endpoints',
          'events',
          'limitranges',
          'resourcequotas',
          'replicationcontrollers',
          'persistentvolumeclaims',
        ]) {
          await api.get(`${api.core}/${kind}`, table);
        }
        for (const path of [
          'batch/v1/namespaces/NS/jobs',
          'batch/v1/namespaces/NS/cronjobs',
          'networking.k8s.io/v1/namespaces/NS/ingresses',
          'networking.k8s.io/v1/namespaces/NS/networkpolicies',
          'policy/v1/namespaces/NS/poddisruptionbudgets',
          'coordination.k8s.io/v1/namespaces/NS/leases',
          'autoscaling/v2/namespaces/NS/horizontalpodautoscalers',
          'autoscaling/v1/namespaces/NS/horizontalpodautoscalers',
          'rbac.authorization.k8s.io/v1/namespaces/NS/roles',
          'rbac.authorization.k8s.io/v1/namespaces/NS/rolebindings',
          'events.k8s.io/v1/namespaces/NS/events',
          'discovery.k8s.io/v1/namespaces/NS/endpointslices?labelSelector=none',
        ]) {
          await api.get(`/apis/${path.replace('NS', api.ns)}`, table);
        }
      },
      { isOrdered: false },
    ),
    conformanceCase('answers with metadata only', async (api) => {
      await api.quietly('POST', `${api.core}/configmaps`, { body: buildConfigMap('one') });
      await api.get(`${api.core}/configmaps/one`, { headers: { Accept: onePartialType } });
      await api.get(`${api.core}/configmaps?fieldSelector=metadata.name%3Done`, {
        headers: { Accept: partialType },
      });
      await api.get(`${api.core}/configmaps/one`, { headers: { Accept: partialType } });
      await api.get(`${api.core}/configmaps?fieldSelector=metadata.name%3Done`, {
        headers: { Accept: onePartialType },
      });
    }),
  ],
};
