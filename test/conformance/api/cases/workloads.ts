// What the controllers of a cluster do: owners and their dependents, adoption, rollouts, namespaces that end.

import { conformanceCase, objectIn } from '../conformance-case.ts';
import type { CaseApi, ConformanceArea, Reply } from '../conformance-case.ts';
import {
  buildDeployment,
  buildGatedPod,
  buildPod,
  buildReplicaSet,
  pauseImage,
} from './build-objects.ts';

interface Found {
  metadata: {
    name: string;
    uid: string;
    deletionTimestamp?: string;
    ownerReferences?: { uid: string }[];
    labels?: Record<string, string>;
  };
  spec: { replicas?: number };
  status: Record<string, unknown>;
}

const itemsOf = (reply: Reply) => (reply.body as { items?: Found[] }).items ?? [];
const alive = (reply: Reply) =>
  itemsOf(reply).filter((one) => one.metadata.deletionTimestamp === undefined);
const statusOf = (reply: Reply) => (reply.body as Found).status ?? {};
const gated = (app: string) => ({
  replicas: 2,
  template: {
    metadata: { labels: { app } },
    spec: {
      schedulingGates: [{ name: 'example.com/wait' }],
      containers: [{ name: 'main', image: pauseImage }],
    },
  },
});
const running = (app: string, replicas = 1) => ({
  replicas,
  template: {
    metadata: { labels: { app } },
    spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'main', image: pauseImage }] },
  },
});
const owner = (
  kind: string,
  found: { metadata: { name: string; uid: string } },
  more: object = {},
) => ({
  apiVersion: 'v1',
  kind,
  name: found.metadata.name,
  uid: found.metadata.uid,
  ...more,
});

async function createOwned(api: CaseApi, more: object = {}): Promise<string> {
  const path = `${api.core}/configmaps`;
  const parent = objectIn(
    await api.quietly('POST', path, { body: { metadata: { name: 'parent' } } }),
  );
  const child = {
    metadata: { name: 'child', ownerReferences: [owner('ConfigMap', parent, more)] },
  };
  await api.quietly('POST', path, { body: child });
  return path;
}

const deletion = (propagationPolicy: string) => ({
  kind: 'DeleteOptions',
  apiVersion: 'v1',
  propagationPolicy,
});

export const workloads: ConformanceArea = {
  name: 'workloads',
  cases: [
    conformanceCase('collects dependents in the background', async (api) => {
      const path = await createOwned(api);
      await api.delete(`${path}/parent`, deletion('Background'));
      await api.until(`${path}/child`, (reply) => reply.status === 404);
      await api.get(`${path}/child`);
    }),
    conformanceCase(
      'collects dependents before their owner',
      async (api) => {
        const path = await createOwned(api, { blockOwnerDeletion: true });
        await api.quietly('PATCH', `${path}/child`, {
          body: { metadata: { finalizers: ['example.com/hold'] } },
          headers: { 'Content-Type': 'application/merge-patch+json' },
        });
        await api.delete(`${path}/parent`, deletion('Foreground'));
        await api.until(
          `${path}/child`,
          (reply) => objectIn(reply).metadata['deletionTimestamp'] !== undefined,
        );
        await api.get(`${path}/parent`);
        await api.get(`${path}/child`);
        await api.patch(`${path}/child`, 'merge', { metadata: { finalizers: null } });
        await api.until(`${path}/parent`, (reply) => reply.status === 404);
      },
      { isOrdered: false },
    ),
    conformanceCase(
      'does not wait for dependents that do not block',
      async (api) => {
        const path = await createOwned(api);
        await api.quietly('PATCH', `${path}/child`, {
          body: { metadata: { finalizers: ['example.com/hold'] } },
          headers: { 'Content-Type': 'application/merge-patch+json' },
        });
        await api.delete(`${path}/parent`, deletion('Foreground'));
        await api.until(`${path}/parent`, (reply) => reply.status === 404);
        await api.until(
          `${path}/child`,
          (reply) => objectIn(reply).metadata['deletionTimestamp'] !== undefined,
        );
        await api.patch(`${path}/child`, 'merge', { metadata: { finalizers: null } });
      },
      { isOrdered: false },
    ),
    conformanceCase(
      'leaves dependents as orphans',
      async (api) => {
        const path = await createOwned(api);
        await api.delete(`${path}/parent`, deletion('Orphan'));
        await api.until(`${path}/parent`, (reply) => reply.status === 404);
        await api.get(`${path}/child`);
      },
      { isOrdered: false },
    ),
    conformanceCase('collects what names an owner that is not there', async (api) => {
      const path = `${api.core}/configmaps`;
      const absent = { metadata: { name: 'nobody', uid: '00000000-0000-0000-0000-000000000001' } };
      await api.post(path, {
        metadata: { name: 'child', ownerReferences: [owner('ConfigMap', absent)] },
      });
      await api.until(`${path}/child`, (reply) => reply.status === 404);
    }),
    conformanceCase(
      'keeps a dependent while one owner is left',
      async (api) => {
        const path = `${api.core}/configmaps`;
        const one = objectIn(
          await api.quietly('POST', path, { body: { metadata: { name: 'one' } } }),
        );
        const two = objectIn(
          await api.quietly('POST', path, { body: { metadata: { name: 'two' } } }),
        );
        await api.quietly('POST', path, {
          body: {
            metadata: {
              name: 'child',
              ownerReferences: [owner('ConfigMap', one), owner('ConfigMap', two)],
            },
          },
        });
        await api.quietly('DELETE', `${path}/one`);
        await api.until(
          `${path}/child`,
          (reply) => (reply.body as Found).metadata.ownerReferences?.length === 1,
        );
        await api.get(`${path}/child`);
      },
      { isOrdered: false },
    ),
    conformanceCase(
      'makes and removes the pods of a ReplicaSet',
      async (api) => {
        const path = `${api.apps}/replicasets`;
        await api.post(path, buildReplicaSet('one', gated('one')));
        await api.until(`${path}/one`, (reply) => statusOf(reply)['fullyLabeledReplicas'] === 2);
        await api.get(`${path}/one`);
        const pods = await api.until(`${api.core}/pods`, (reply) => itemsOf(reply).length === 2);
        await api.get(`${api.core}/pods/${itemsOf(pods)[0]?.metadata.name}`);
        await api.patch(`${path}/one/scale`, 'merge', { spec: { replicas: 1 } });
        await api.until(`${api.core}/pods`, (reply) => alive(reply).length === 1);
        await api.until(
          `${path}/one`,
          (reply) =>
            statusOf(reply)['replicas'] === 1 && statusOf(reply)['observedGeneration'] === 2,
        );
        await api.get(`${path}/one`);
        await api.get(`${path}/one/scale`);
      },
      { isOrdered: false },
    ),
    conformanceCase(
      'adopts and releases pods',
      async (api) => {
        const path = `${api.apps}/replicasets`;
        await api.quietly('POST', `${api.core}/pods`, {
          body: buildGatedPod('loose', {}, { labels: { app: 'one' } }),
        });
        await api.quietly('POST', path, {
          body: buildReplicaSet('one', { ...gated('one'), replicas: 1 }),
        });
        await api.until(
          `${api.core}/pods/loose`,
          (reply) => (reply.body as Found).metadata.ownerReferences?.length === 1,
        );
        await api.get(`${api.core}/pods/loose`);
        await api.patch(`${api.core}/pods/loose`, 'merge', {
          metadata: { labels: { app: 'free' } },
        });
        await api.until(
          `${api.core}/pods/loose`,
          (reply) => (reply.body as Found).metadata.ownerReferences === undefined,
        );
        await api.get(`${api.core}/pods/loose`);
        await api.until(
          `${api.core}/pods?labelSelector=app%3Done`,
          (reply) => itemsOf(reply).length === 1,
        );
      },
      { isOrdered: false },
    ),
    conformanceCase(
      'makes, adopts and releases the ReplicaSets of a Deployment',
      async (api) => {
        const sets = `${api.apps}/replicasets`;
        await api.post(`${api.apps}/deployments`, buildDeployment('one', gated('one')));
        const found = await api.until(
          sets,
          (reply) =>
            statusOf({ ...reply, body: itemsOf(reply)[0] ?? {} })['fullyLabeledReplicas'] === 2,
        );
        const name = itemsOf(found)[0]?.metadata.name ?? '';
        await api.get(`${sets}/${name}`);
        await api.until(
          `${api.apps}/deployments/one`,
          (reply) =>
            statusOf(reply)['unavailableReplicas'] === 2 &&
            statusOf(reply)['observedGeneration'] === 1 &&
            statusOf(reply)['updatedReplicas'] === 2 &&
            JSON.stringify(reply.body).includes('MinimumReplicas'),
        );
        await api.get(`${api.apps}/deployments/one`);
        await api.delete(`${api.apps}/deployments/one`, deletion('Orphan'));
        await api.until(`${api.apps}/deployments/one`, (reply) => reply.status === 404);
        await api.get(`${sets}/${name}`);
        await api.post(`${api.apps}/deployments`, buildDeployment('one', gated('one')));
        await api.until(
          `${sets}/${name}`,
          (reply) => (reply.body as Found).metadata.ownerReferences?.length === 1,
        );
        await api.get(`${sets}/${name}`);
      },
      { isOrdered: false },
    ),
    conformanceCase(
      'runs a Deployment',
      async (api) => {
        const path = `${api.apps}/deployments`;
        await api.quietly('POST', path, { body: buildDeployment('one', running('one')) });
        const isReady = (reply: Reply) =>
          statusOf(reply)['availableReplicas'] === 1 &&
          JSON.stringify(statusOf(reply)).includes('NewReplicaSetAvailable') &&
          !JSON.stringify(statusOf(reply)).includes('"status":"False"');
        await api.until(`${path}/one`, isReady);
        await api.get(`${path}/one`);
        await api.get(`${path}/one/scale`);
        const pods = await api.until(`${api.core}/pods`, (reply) => itemsOf(reply).length === 1);
        await api.get(`${api.core}/pods/${itemsOf(pods)[0]?.metadata.name}`);
        await api.patch(`${path}/one`, 'merge', {
          spec: { template: { metadata: { annotations: { again: 'yes' } } } },
        });
        await api.until(
          `${path}/one`,
          (reply) =>
            isReady(reply) &&
            statusOf(reply)['observedGeneration'] === 2 &&
            statusOf(reply)['updatedReplicas'] === 1 &&
            statusOf(reply)['replicas'] === 1,
        );
        await api.get(`${path}/one`);
        await api.patch(`${path}/one/scale`, 'merge', { spec: { replicas: 0 } });
        await api.until(
          `${path}/one`,
          (reply) =>
            statusOf(reply)['replicas'] === undefined &&
            statusOf(reply)['observedGeneration'] === 3,
        );
        await api.get(`${path}/one`);
      },
      { isOrdered: false },
    ),
    conformanceCase(
      'pauses a Deployment',
      async (api) => {
        const path = `${api.apps}/deployments`;
        await api.quietly('POST', path, {
          body: buildDeployment('one', { ...gated('one'), replicas: 0 }),
        });
        await api.until(
          `${path}/one`,
          (reply) =>
            statusOf(reply)['observedGeneration'] === 1 &&
            JSON.stringify(reply.body).includes('Available'),
        );
        await api.patch(`${path}/one`, 'merge', { spec: { paused: true } });
        await api.until(`${path}/one`, (reply) =>
          JSON.stringify(reply.body).includes('DeploymentPaused'),
        );
        await api.get(`${path}/one`);
        await api.patch(`${path}/one`, 'merge', { spec: { paused: null } });
        await api.until(
          `${path}/one`,
          (reply) =>
            JSON.stringify(reply.body).includes('DeploymentResumed') ||
            JSON.stringify(reply.body).includes('NewReplicaSetAvailable'),
        );
      },
      { isOrdered: false, without: ['status'] },
    ),
    conformanceCase(
      'ends a namespace with all that is in it',
      async (api) => {
        const name = `${api.ns}-more`;
        await api.post('/api/v1/namespaces', { metadata: { name } });
        const inside = `/api/v1/namespaces/${name}`;
        await api.quietly('POST', `${inside}/configmaps`, {
          body: { metadata: { name: 'held', finalizers: ['example.com/hold'] } },
        });
        await api.delete(inside);
        await api.until(inside, (reply) => JSON.stringify(reply.body).includes('Terminating'));
        await api.get(inside);
        await api.post(`${inside}/configmaps`, { metadata: { name: 'late' } });
        await api.delete(inside);
        await api.quietly('PATCH', `${inside}/configmaps/held`, {
          body: { metadata: { finalizers: null } },
          headers: { 'Content-Type': 'application/merge-patch+json' },
        });
        await api.until(inside, (reply) => reply.status === 404);
        await api.get(inside);
        await api.delete('/api/v1/namespaces/default?dryRun=All');
      },
      { isOrdered: false, without: ['status'] },
    ),
    conformanceCase(
      'runs a pod and ends it',
      async (api) => {
        const path = `${api.core}/pods`;
        await api.post(path, buildPod('one'));
        await api.until(
          `${path}/one`,
          (reply) =>
            statusOf(reply)['phase'] === 'Running' &&
            JSON.stringify(statusOf(reply)).includes('"ready":true'),
        );
        await api.get(`${path}/one`);
        await api.patch(`${path}/one`, 'merge', {
          spec: { containers: [{ name: 'other', image: pauseImage }] },
        });
        await api.patch(`${path}/one`, 'merge', { spec: { terminationGracePeriodSeconds: 5 } });
        await api.patch(`${path}/one`, 'merge', { spec: { activeDeadlineSeconds: 1000 } });
        await api.delete(`${path}/one`, { gracePeriodSeconds: 0 });
        await api.until(`${path}/one`, (reply) => reply.status === 404);
      },
      { isOrdered: false },
    ),
  ],
};
