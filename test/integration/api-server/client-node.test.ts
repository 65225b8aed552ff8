// An independent client (@kubernetes/client-node) agrees with the server: lists, errors and an informer over changes.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  AppsV1Api,
  CoreV1Api,
  KubeConfig,
  KubernetesObjectApi,
  makeInformer,
} from '@kubernetes/client-node';
import { waitFor } from '../../support/wait-for.ts';
import { startTestCluster } from './start-server.ts';
import type { TestCluster } from './start-server.ts';

let cluster: TestCluster;
let config: KubeConfig;

beforeAll(async () => {
  cluster = await startTestCluster();
  config = new KubeConfig();
  config.loadFromFile(cluster.kubeconfig);
});
afterAll(() => cluster.close());

const namespace = 'default';

describe('@kubernetes/client-node', () => {
  it('creates, lists, replaces and deletes', async () => {
    const core = config.makeApiClient(CoreV1Api);
    const body = { metadata: { name: 'a', labels: { x: 'y' } }, data: { k: 'v' } };
    const made = await core.createNamespacedConfigMap({ namespace, body });
    expect(made.metadata?.creationTimestamp).toBeInstanceOf(Date);
    const list = await core.listNamespacedConfigMap({ namespace, labelSelector: 'x=y' });
    expect(list.items.map((one) => one.data)).toEqual([{ k: 'v' }]);
    const changed = { metadata: made.metadata ?? {}, data: {} };
    await core.replaceNamespacedConfigMap({ name: 'a', namespace, body: changed });
    const late = core.replaceNamespacedConfigMap({ name: 'a', namespace, body: made });
    await expect(late).rejects.toMatchObject({ code: 409 });
    const gone = await core.deleteNamespacedConfigMap({ name: 'a', namespace });
    expect(gone.status).toBe('Success');
    await expect(core.readNamespacedConfigMap({ name: 'a', namespace })).rejects.toMatchObject({
      code: 404,
    });
  });

  it('reads and writes scale', async () => {
    const apps = config.makeApiClient(AppsV1Api);
    const labels = { app: 'hello' };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    const spec = { replicas: 1, selector: { matchLabels: labels }, template };
    await apps.createNamespacedDeployment({
      namespace,
      body: { metadata: { name: 'hello' }, spec },
    });
    const scale = await apps.readNamespacedDeploymentScale({ name: 'hello', namespace });
    expect(scale.spec?.replicas).toBe(1);
    scale.spec = { replicas: 3 };
    const set = await apps.replaceNamespacedDeploymentScale({
      name: 'hello',
      namespace,
      body: scale,
    });
    expect(set.spec?.replicas).toBe(3);
  });

  it('finds kinds by discovery', async () => {
    const objects = KubernetesObjectApi.makeApiClient(config);
    const found = await objects.list('v1', 'Namespace');
    expect(found.items.map((one) => one.metadata?.name)).toContain('kube-system');
  });

  it('follows a collection with its informer', async () => {
    const core = config.makeApiClient(CoreV1Api);
    const seen: string[] = [];
    const informer = makeInformer(config, `/api/v1/namespaces/${namespace}/secrets`, () =>
      core.listNamespacedSecret({ namespace }),
    );
    for (const type of ['add', 'update', 'delete'] as const) {
      informer.on(type, (one) => void seen.push(`${type} ${one.metadata?.name}`));
    }
    informer.on('error', () => undefined);
    await informer.start();
    const body = { metadata: { name: 's' } };
    await core.createNamespacedSecret({ namespace, body });
    await waitFor(() => seen.length === 1, { what: 'the event of the create' });
    await core.patchNamespacedSecret({
      name: 's',
      namespace,
      body: [{ op: 'add', path: '/metadata/labels', value: { a: 'b' } }],
    });
    await core.deleteNamespacedSecret({ name: 's', namespace });
    await waitFor(() => seen.length === 3, { what: 'the events of all three' });
    await informer.stop();
    expect(seen).toEqual(['add s', 'update s', 'delete s']);
  });
});
