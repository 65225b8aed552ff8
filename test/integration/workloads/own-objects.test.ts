// Who owns what: adoption as the warm pool does it, garbage collection, namespaces, EndpointSlices.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ConfigMap, Deployment, KubeObject, Pod } from '../../../api/kubernetes.ts';
import {
  configMaps,
  deployments,
  endpointSlices,
  namespaces,
  pods,
  replicaSets,
  services,
} from '../../../api/resources.ts';
import {
  buildTestPod,
  isAlive,
  pidOf,
  startTestCluster,
  waitForPod,
  type TestCluster,
} from '../../support/test-cluster.ts';
import { waitFor } from '../../support/wait-for.ts';

const namespace = 'default';

function buildGated(name: string): Deployment {
  const labels = { app: name };
  const spec = {
    schedulingGates: [{ name: 'rouse.dev/claim' }],
    containers: [{ name: 'main', image: 'test/sleeper' }],
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec },
    },
  };
}

describe('ownership', () => {
  let cluster: TestCluster;
  const podsOf = async (selector: string): Promise<Pod[]> =>
    (await cluster.client.list(pods, { namespace, labelSelector: selector })).items;
  const map = (name: string, owners: KubeObject[] = []): ConfigMap => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name,
      namespace,
      ownerReferences: owners.map((owner) => ({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        name: owner.metadata.name,
        uid: owner.metadata.uid ?? '',
        blockOwnerDeletion: true,
      })),
    },
  });
  const exists = async (name: string): Promise<boolean> =>
    (await cluster.client.getOrUndefined(configMaps, { namespace, name })) !== undefined;
  const gone = (name: string) =>
    waitFor(async () => !(await exists(name)), { what: `${name} to go` });

  beforeAll(async () => {
    cluster = await startTestCluster();
  });

  afterAll(() => cluster.remove());

  it('keeps a gated pod pending without a process, and starts it when the gate is lifted', async () => {
    const gates = { schedulingGates: [{ name: 'test/gate' }] };
    await cluster.client.create(pods, buildTestPod('gated', {}, gates));
    const pod = await waitForPod(cluster.client, 'gated', (one) => one.status?.conditions);
    expect(pod.spec.nodeName).toBeUndefined();
    expect(pod.status?.phase).toBe('Pending');
    expect(pod.status?.conditions).toEqual([
      expect.objectContaining({ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }),
    ]);
    const ref = { namespace, name: 'gated' };
    await cluster.client.patch(pods, ref, { spec: { schedulingGates: null } });
    await waitForPod(cluster.client, 'gated', (one) => one.status?.phase === 'Running');
  });

  it('takes a claimed pod instead of the gated one, and the pool makes another', async () => {
    await cluster.client.create(deployments, buildGated('revision'));
    const pool = buildGated('pool');
    delete pool.spec.template.spec.schedulingGates;
    await cluster.client.create(deployments, { ...pool, spec: { ...pool.spec, replicas: 1 } });
    const [parked] = await waitFor(
      async () => {
        const all = await podsOf('app=pool');
        return all[0]?.status?.phase === 'Running' ? all : undefined;
      },
      { what: 'a parked pod' },
    );
    const pid = pidOf(parked!);
    const scale = { spec: { replicas: 1 } };
    const ref = { namespace, name: 'revision' };
    await cluster.client.patch(deployments, ref, scale, { subresource: 'scale' });
    const set = await waitFor(
      async () => {
        const list = await cluster.client.list(replicaSets, {
          namespace,
          labelSelector: 'app=revision',
        });
        return list.items.find((one) => one.spec.replicas === 1);
      },
      { what: 'the ReplicaSet to want one' },
    );
    const { name, uid = '' } = set.metadata;
    const body = {
      metadata: {
        labels: { ...set.spec.template.metadata?.labels },
        ownerReferences: [
          {
            apiVersion: 'apps/v1',
            kind: 'ReplicaSet',
            name,
            uid,
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      },
    };
    const claimed = parked?.metadata.name ?? '';
    await cluster.client.patch(pods, { namespace, name: claimed }, body);
    await waitFor(
      async () => {
        const mine = await podsOf('app=revision');
        const others = await podsOf('app=pool');
        return mine.length === 1 && mine[0]?.metadata.name === claimed && others.length === 1;
      },
      { what: 'one claimed pod and one new parked pod' },
    );
    expect(isAlive(pid)).toBe(true);
    const status = await waitFor(
      async () => {
        const one = await cluster.client.get(deployments, ref);
        return one.status?.availableReplicas === 1 ? one.status : undefined;
      },
      { what: 'the Deployment to count it' },
    );
    expect(status.replicas).toBe(1);
  });

  it('releases a pod whose labels changed, and adopts one without an owner', async () => {
    const one = buildGated('owner');
    await cluster.client.create(deployments, { ...one, spec: { ...one.spec, replicas: 1 } });
    const [first] = await waitFor(
      async () => ((await podsOf('app=owner')).length === 1 ? podsOf('app=owner') : undefined),
      { what: 'a pod' },
    );
    const ref = { namespace, name: first?.metadata.name ?? '' };
    await cluster.client.patch(pods, ref, { metadata: { labels: { app: 'free' } } });
    await waitFor(
      async () =>
        (await cluster.client.get(pods, ref)).metadata.ownerReferences === undefined ||
        (await cluster.client.get(pods, ref)).metadata.ownerReferences?.length === 0,
      { what: 'the release' },
    );
    await waitFor(async () => (await podsOf('app=owner')).length === 1, { what: 'another pod' });
    await cluster.client.patch(pods, ref, { metadata: { labels: { app: 'owner' } } });
    await waitFor(async () => (await podsOf('app=owner')).length === 1, {
      what: 'one too many to go',
    });
  });

  it('deletes a Deployment with everything below it', async () => {
    const one = buildGated('cascade');
    delete one.spec.template.spec.schedulingGates;
    await cluster.client.create(deployments, { ...one, spec: { ...one.spec, replicas: 1 } });
    const pod = await waitFor(
      async () => (await podsOf('app=cascade')).find((found) => found.status?.phase === 'Running'),
      { what: 'a running pod' },
    );
    await cluster.client.delete(deployments, { namespace, name: 'cascade' });
    await waitFor(async () => (await podsOf('app=cascade')).length === 0, {
      what: 'the pod to go',
    });
    const sets = await cluster.client.list(replicaSets, {
      namespace,
      labelSelector: 'app=cascade',
    });
    expect(sets.items).toEqual([]);
    expect(isAlive(pidOf(pod))).toBe(false);
  });

  it('deletes dependents in the background', async () => {
    const owner = await cluster.client.create(configMaps, map('owner-1'));
    const middle = await cluster.client.create(configMaps, map('middle-1', [owner]));
    await cluster.client.create(configMaps, map('leaf-1', [middle]));
    await cluster.client.delete(configMaps, { namespace, name: 'owner-1' });
    expect(await exists('owner-1')).toBe(false);
    await gone('middle-1');
    await gone('leaf-1');
  });

  it('deletes dependents first in the foreground', async () => {
    const owner = await cluster.client.create(configMaps, map('owner-2'));
    const dependent = map('held-2', [owner]);
    dependent.metadata.finalizers = ['test.dev/hold'];
    await cluster.client.create(configMaps, dependent);
    const foreground = { propagationPolicy: 'Foreground' } as const;
    await cluster.client.delete(configMaps, { namespace, name: 'owner-2' }, foreground);
    const ref = { namespace, name: 'held-2' };
    await waitFor(
      async () => (await cluster.client.get(configMaps, ref)).metadata.deletionTimestamp,
      { what: 'the dependent to be deleted' },
    );
    expect(await exists('owner-2')).toBe(true);
    await cluster.client.patch(configMaps, ref, { metadata: { finalizers: null } });
    await gone('held-2');
    await gone('owner-2');
  });

  it('leaves dependents alone when it is told to orphan them', async () => {
    const owner = await cluster.client.create(configMaps, map('owner-3'));
    await cluster.client.create(configMaps, map('orphan-3', [owner]));
    const orphan = { propagationPolicy: 'Orphan' } as const;
    await cluster.client.delete(configMaps, { namespace, name: 'owner-3' }, orphan);
    await gone('owner-3');
    const left = await cluster.client.get(configMaps, { namespace, name: 'orphan-3' });
    expect(left.metadata.ownerReferences ?? []).toEqual([]);
  });

  it('deletes an object whose owner never was, and keeps one that has another owner', async () => {
    const owner = await cluster.client.create(configMaps, map('owner-4'));
    const ghost: KubeObject = { ...owner, metadata: { name: 'ghost', uid: 'no-such-uid' } };
    await cluster.client.create(configMaps, map('dangling-4', [ghost]));
    await cluster.client.create(configMaps, map('shared-4', [ghost, owner]));
    await gone('dangling-4');
    await waitFor(
      async () =>
        (await cluster.client.get(configMaps, { namespace, name: 'shared-4' })).metadata
          .ownerReferences?.length === 1,
      { what: 'the dead owner to be struck off' },
    );
  });

  it('empties a namespace, then removes it', async () => {
    const metadata = { name: 'short-lived' };
    await cluster.client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata });
    const inside = {
      ...buildTestPod('inside', {}),
      metadata: { name: 'inside', namespace: 'short-lived' },
    };
    await cluster.client.create(pods, inside);
    await cluster.client.create(configMaps, {
      ...map('inside'),
      metadata: { name: 'inside', namespace: 'short-lived' },
    });
    await cluster.client.delete(namespaces, metadata);
    await waitFor(
      async () => (await cluster.client.getOrUndefined(namespaces, metadata)) === undefined,
      { what: 'the namespace to go' },
    );
    expect((await cluster.client.list(pods, { namespace: 'short-lived' })).items).toEqual([]);
  });

  it('writes nothing when nothing happens', async () => {
    const ports = [{ containerPort: 8080 }];
    const pod = { ...buildTestPod('still', { ports }) };
    pod.metadata.labels = { app: 'still' };
    await cluster.client.create(services, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'still', namespace },
      spec: { selector: { app: 'still' }, ports: [{ port: 80, targetPort: 8080 }] },
    });
    await cluster.client.create(pods, pod);
    const one = buildGated('still-too');
    delete one.spec.template.spec.schedulingGates;
    await cluster.client.create(deployments, { ...one, spec: { ...one.spec, replicas: 2 } });
    const version = async () =>
      (await cluster.client.list(pods, { namespace })).metadata.resourceVersion;
    let before = await version();
    let quietSince = performance.now();
    await waitFor(
      async () => {
        const now = await version();
        if (now !== before) quietSince = performance.now();
        before = now;
        return performance.now() - quietSince > 1_000;
      },
      { what: 'a second without a write', deadlineMs: 5_000 },
    );
    expect(await podsOf('app=still-too')).toHaveLength(2);
  });

  it('lists the addresses of a Service with a selector', async () => {
    const ports = [{ name: 'http', containerPort: 8080 }];
    const pod = { ...buildTestPod('served', { ports }) };
    pod.metadata.labels = { app: 'served' };
    await cluster.client.create(services, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'served', namespace },
      spec: { selector: { app: 'served' }, ports: [{ name: 'web', port: 80, targetPort: 'http' }] },
    });
    const made = await cluster.client.create(pods, pod);
    const labelSelector = 'kubernetes.io/service-name=served';
    const slice = await waitFor(
      async () => {
        const list = await cluster.client.list(endpointSlices, { namespace, labelSelector });
        return list.items.find((one) => one.endpoints[0]?.conditions?.ready === true);
      },
      { what: 'a ready endpoint' },
    );
    const port = made.spec.containers[0]?.ports?.[0]?.hostPort;
    expect(slice.ports).toEqual([{ name: 'web', port, protocol: 'TCP' }]);
    expect(slice.endpoints[0]).toMatchObject({ addresses: ['127.0.0.1'], nodeName: 'local' });
    await cluster.client.delete(services, { namespace, name: 'served' });
    await waitFor(
      async () =>
        (await cluster.client.list(endpointSlices, { namespace, labelSelector })).items.length ===
        0,
      { what: 'the slice to go' },
    );
  });
});
