// A parked process of the warm pool becomes a replica of another Deployment, and its process never notices.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { buildPodAddress } from '../../../api/build-pod-address.ts';
import type { Deployment, Pod, ReplicaSet } from '../../../api/kubernetes.ts';
import { annotations, claimGate, labels } from '../../../api/names.ts';
import { deployments, pods, replicaSets } from '../../../api/resources.ts';
import { postSpecialize, prepareBundle } from '../../../platform/pod/control-port.ts';
import { bundleOf, call, prepareNode } from '../../conformance/runtime/runtime-process.ts';
import { pidOf, startTestCluster, type TestCluster } from '../../support/test-cluster.ts';
import { waitFor } from '../../support/wait-for.ts';

const namespace = 'default';
interface Named {
  readonly name: string;
  readonly labels: Record<string, string>;
}

const pool: Named = { name: 'rouse-pool-node', labels: { [labels.pool]: 'node' } };
const revision: Named = { name: 'hello-00001', labels: { [labels.revision]: 'hello-00001' } };
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const rawKey = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');

function buildDeployment({ name, labels: own }: Named, more: object): Deployment {
  const requests = { cpu: '10m', memory: '64Mi' };
  const container = {
    name: 'function',
    image: 'rouse/runtime-node:test',
    env: [
      { name: 'ROUSE_POD_UID', valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } },
      { name: 'ROUSE_CONTROL_PUBLIC_KEY', value: rawKey },
    ],
    ports: [
      { name: 'http', containerPort: 8080 },
      { name: 'control', containerPort: 8081 },
    ],
    startupProbe: { tcpSocket: { port: 'control' }, periodSeconds: 1 },
    resources: { requests },
    resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }],
  };
  const spec = { containers: [container], automountServiceAccountToken: false, ...more };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas: 0,
      selector: { matchLabels: own },
      template: { metadata: { labels: own }, spec },
    },
  };
}

describe('a parked process', () => {
  let cluster: TestCluster;
  let parked: Pod;
  let environment: string;
  let set: ReplicaSet;
  const read = (): Promise<Pod> =>
    cluster.client.get(pods, { namespace, name: parked.metadata.name });
  const podsOf = async (one: Named): Promise<Pod[]> => {
    const [[key, value] = []] = Object.entries(one.labels);
    return (await cluster.client.list(pods, { namespace, labelSelector: `${key}=${value}` })).items;
  };
  const scale = ({ name }: Named, replicas: number) =>
    cluster.client.patch(
      deployments,
      { namespace, name },
      { spec: { replicas } },
      { subresource: 'scale' },
    );
  const portOf = (name: string): number =>
    parked.spec.containers[0]?.ports?.find((one) => one.name === name)?.hostPort ?? 0;
  const statusOf = async ({ name }: Named) =>
    (await cluster.client.get(deployments, { namespace, name })).status;

  beforeAll(async () => {
    const { command, args } = await prepareNode();
    const runtimes = { 'rouse/runtime-node': { command: [command, ...args] } };
    cluster = await startTestCluster({ runtimes });
    await cluster.client.create(deployments, buildDeployment(pool, {}));
    const gated = { schedulingGates: [{ name: claimGate }] };
    await cluster.client.create(deployments, buildDeployment(revision, gated));
  });
  afterAll(() => cluster.remove());

  it('is ready as soon as its control port listens, and holds nothing', async () => {
    await scale(pool, 1);
    await waitFor(async () => (await statusOf(pool))?.readyReplicas === 1, {
      what: 'a parked pod',
    });
    [parked] = (await podsOf(pool)) as [Pod];
    environment = readFileSync(`/proc/${pidOf(parked)}/environ`, 'utf8');
    expect(environment).not.toContain('ROUSE_FUNCTION=');
    const answer = await call(portOf('control'), '/ready');
    expect([answer.status, JSON.parse(answer.text)]).toEqual([503, { state: 'waiting' }]);
  });

  it('is counted for the Deployment that adopts it, in place of its gated pod', async () => {
    const code = "export const handler = async () => ({ statusCode: 200, body: 'claimed' });";
    const claimed = await postSpecialize({
      address: buildPodAddress(parked, 'control')!,
      podUid: parked.metadata.uid ?? '',
      privateKey,
      bundle: prepareBundle(bundleOf(code)),
      timeoutMs: 10_000,
    });
    expect(claimed.status).toBe(200);
    await scale(revision, 1);
    const gated = await waitFor(async () => (await podsOf(revision))[0], { what: 'a gated pod' });
    expect(gated.status?.conditions).toEqual([
      expect.objectContaining({
        type: 'PodScheduled',
        status: 'False',
        reason: 'SchedulingGated',
        message: 'Scheduling is blocked due to non-empty scheduling gates',
      }),
    ]);
    const sets = await cluster.client.list(replicaSets, { namespace });
    const owner = gated.metadata.ownerReferences?.[0];
    set = sets.items.find((one) => one.metadata.uid === owner?.uid) as ReplicaSet;
    const json = [
      { op: 'test', path: '/metadata/uid', value: parked.metadata.uid },
      { op: 'replace', path: '/metadata/labels', value: set.spec.template.metadata?.labels },
      { op: 'replace', path: '/metadata/ownerReferences', value: [owner] },
      { op: 'add', path: '/metadata/annotations', value: { [annotations.adopted]: revision.name } },
    ];
    await cluster.client.patch(pods, { namespace, name: parked.metadata.name }, json, {
      type: 'json',
    });
    await waitFor(
      async () => {
        const [status, mine, others] = [
          await statusOf(revision),
          await podsOf(revision),
          await podsOf(pool),
        ];
        const isCounted = status?.readyReplicas === 1 && status.replicas === 1;
        return isCounted && mine.length === 1 && others.length === 1;
      },
      { what: 'the Deployment to have the claimed pod, and the pool another' },
    );
    expect((await podsOf(revision))[0]?.metadata.uid).toBe(parked.metadata.uid);
    expect((await call(portOf('http'), '/')).text).toBe('claimed');
  });

  it('is resized without a restart, and its environment is not made anew', async () => {
    const resources = { requests: { cpu: '200m', memory: '64Mi' }, limits: { cpu: '1' } };
    const body = { spec: { containers: [{ name: 'function', resources }] } };
    const ref = { namespace, name: parked.metadata.name };
    const options = { type: 'strategic', subresource: 'resize' } as const;
    await cluster.client.patch(pods, ref, body, options);
    const resized = await waitFor(
      async () => {
        const pod = await read();
        const [status] = pod.status?.containerStatuses ?? [];
        return status?.resources?.limits?.['cpu'] === '1' ? pod : undefined;
      },
      { what: 'the status to have the new resources' },
    );
    const [status] = resized.status?.containerStatuses ?? [];
    expect(status).toMatchObject({
      restartCount: 0,
      ready: true,
      allocatedResources: { cpu: '200m', memory: '64Mi' },
    });
    expect(resized.status).toMatchObject({ observedGeneration: 2, qosClass: 'Burstable' });
    expect(pidOf(resized)).toBe(pidOf(parked));
    expect(readFileSync(`/proc/${pidOf(parked)}/environ`, 'utf8')).toBe(environment);
    expect((await call(portOf('http'), '/')).text).toBe('claimed');
  });

  it('stays when its Deployment gives up a pod that still waits for its gate', async () => {
    await scale(revision, 2);
    await waitFor(async () => (await podsOf(revision)).length === 2, { what: 'a second pod' });
    await scale(revision, 1);
    await waitFor(async () => (await podsOf(revision)).length === 1, { what: 'one to go' });
    expect((await podsOf(revision))[0]?.metadata.uid).toBe(parked.metadata.uid);
  });

  it('is let go when its labels no longer fit, goes on running, and is replaced', async () => {
    const ref = { namespace, name: parked.metadata.name };
    await cluster.client.patch(pods, ref, { metadata: { labels: { [labels.revision]: 'other' } } });
    await waitFor(async () => (await read()).metadata.ownerReferences === undefined, {
      what: 'the release',
    });
    const next = await waitFor(async () => (await podsOf(revision))[0], { what: 'another pod' });
    expect(next.spec.schedulingGates).toEqual([{ name: claimGate }]);
    expect((await call(portOf('http'), '/')).text).toBe('claimed');
  });
});
