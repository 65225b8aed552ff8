// What becomes of a Function: Revision, Deployment, Service, proof and status.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  configMaps,
  deployments,
  endpointSlices,
  functions,
  pods,
  services,
} from '../../../api/resources.ts';
import {
  inlineFunction,
  listRevisions,
  startControllerCluster,
  waitForCondition,
  waitForEvent,
  waitForRevision,
  type ControllerCluster,
  type TestController,
} from '../../support/controller-cluster.ts';
import { Informer } from '../../../platform/kube/informer.ts';
import { waitFor } from '../../support/wait-for.ts';

let cluster: ControllerCluster;
let controller: TestController;

beforeAll(async () => {
  cluster = await startControllerCluster();
  controller = await cluster.startController();
});

afterAll(async () => {
  await controller?.stop();
  await cluster?.stop();
});

describe('a Function', () => {
  it('becomes Ready with a Revision, a sleeping Deployment, a Service and no pod', async () => {
    const { client } = cluster;
    await client.create(functions, inlineFunction('hello'));
    const found = await waitForCondition(client, 'hello', { status: 'True' });
    expect(found.status).toMatchObject({
      url: 'http://hello.default.localhost:8080',
      latestCreatedRevision: 'hello-00001',
      latestReadyRevision: 'hello-00001',
      replicas: 0,
      traffic: [{ revision: 'hello-00001', percent: 100 }],
    });
    const ref = { namespace: 'default', name: 'hello-00001' };
    expect((await client.get(deployments, ref)).spec.replicas).toBe(0);
    const service = await client.get(services, { namespace: 'default', name: 'hello' });
    expect(service.spec.selector).toBeUndefined();
    const slice = await client.get(endpointSlices, { namespace: 'default', name: 'hello-ipv4' });
    expect(slice.endpoints[0]?.addresses).toEqual(['127.0.0.1']);
    await waitFor(async () => (await client.list(pods)).items.length === 0, { what: 'no pod' });
    await waitForEvent(client, 'hello', /^RevisionReady: hello-00001 loaded in \d+ ms$/);
  });

  it('gets one Revision per template and none for a change of scaling', async () => {
    const { client } = cluster;
    await client.create(functions, inlineFunction('twice'));
    await waitForCondition(client, 'twice', { status: 'True' });
    const ref = { namespace: 'default', name: 'twice' };
    await client.patch(functions, ref, { spec: { scaling: { idleSeconds: 7 } } });
    await client.patch(functions, ref, {
      spec: { source: { inline: 'export const handler = () => 2' } },
    });
    const found = await waitForRevision(client, 'twice', 'twice-00002');
    expect(found.status?.traffic).toEqual([{ revision: 'twice-00002', percent: 100 }]);
    const made = await listRevisions(client, 'twice');
    expect(made.map((one) => one.spec.number)).toEqual([1, 2]);
  });
});

describe('a Function that cannot run', () => {
  it.each([
    ['syntax', 'export const handler = (', 'SyntaxError'],
    ['throws', 'throw new TypeError("no database")', undefined],
    ['exits', 'process.exit(7); export const handler = () => 1', undefined],
  ])('is not Ready, takes no traffic and says why: %s', async (name, inline, reason) => {
    const { client } = cluster;
    await client.create(functions, inlineFunction(name, { source: { inline } }));
    const found = await waitForCondition(client, name, { status: 'False' });
    expect(found.status?.traffic).toEqual([]);
    const condition = found.status?.conditions?.find((one) => one.type === 'RevisionReady');
    if (reason !== undefined) expect(condition?.reason).toBe(reason);
    expect(condition?.message).toContain(`${name}-00001`);
    await waitForEvent(client, name, new RegExp(`^${condition?.reason}: ${name}-00001`));
  });

  it('says that it ended while loading, and how', async () => {
    const found = await waitForCondition(cluster.client, 'exits', { status: 'False' });
    const ready = found.status?.conditions?.[0];
    expect(ready).toMatchObject({
      reason: 'ExitedWhileLoading',
      message: expect.stringContaining('exited with 7'),
    });
  });

  it('heals when its code is corrected', async () => {
    const { client } = cluster;
    const ref = { namespace: 'default', name: 'syntax' };
    const source = { inline: 'export const handler = () => 1' };
    await client.patch(functions, ref, { spec: { source } });
    const found = await waitForCondition(client, 'syntax', { status: 'True' });
    expect(found.status?.latestReadyRevision).toBe('syntax-00002');
  });

  it('leaves traffic on the former Revision when the next one cannot be loaded', async () => {
    const { client } = cluster;
    const ref = { namespace: 'default', name: 'hello' };
    await client.patch(functions, ref, { spec: { source: { inline: 'export const x = 1' } } });
    const found = await waitForCondition(client, 'hello', { status: 'False' });
    expect(found.status).toMatchObject({
      latestCreatedRevision: 'hello-00002',
      latestReadyRevision: 'hello-00001',
      traffic: [{ revision: 'hello-00001', percent: 100 }],
    });
  });

  it('waits for its ConfigMap, and follows what is in it', async () => {
    const { client } = cluster;
    const source = { configMap: { name: 'code' } };
    await client.create(functions, inlineFunction('mapped', { source }));
    const reason = 'SourceNotFound';
    const missing = await waitForCondition(client, 'mapped', { status: 'False', reason });
    expect(missing.status?.conditions?.[0]?.message).toContain('"code"');
    const metadata = { name: 'code', namespace: 'default' };
    const data = { 'index.js': 'import { n } from "./n.js"; export const handler = () => n' };
    await client.create(configMaps, {
      ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata },
      data: { ...data, 'n.js': 'export const n = 1' },
    });
    await waitForCondition(client, 'mapped', { status: 'True' });
    await client.patch(configMaps, metadata, { data: { 'n.js': 'export const n = 2' } });
    await waitForRevision(client, 'mapped', 'mapped-00002');
  });

  it('leaves a Service of its name alone, and takes its place when it goes', async () => {
    const { client } = cluster;
    const metadata = { name: 'taken', namespace: 'default' };
    await client.create(services, {
      ...{ apiVersion: 'v1', kind: 'Service', metadata },
      spec: { selector: { app: 'other' }, ports: [{ port: 5432 }] },
    });
    await client.create(functions, inlineFunction('taken'));
    const reason = 'ServiceNotOurs';
    await waitForCondition(client, 'taken', { type: 'RoutesReady', status: 'False', reason });
    const service = await client.get(services, metadata);
    expect(service.spec.selector).toEqual({ app: 'other' });
    expect(await client.getOrUndefined(endpointSlices, { ...metadata, name: 'taken-ipv4' })).toBe(
      undefined,
    );
    await client.delete(services, metadata);
    await waitForCondition(client, 'taken', { status: 'True' });
  });

  it('keeps its traffic when it names a Revision that is not there', async () => {
    const { client } = cluster;
    const ref = { namespace: 'default', name: 'twice' };
    const traffic = [{ revision: 'twice-00009', percent: 100 }];
    await client.patch(functions, ref, { spec: { traffic } });
    const reason = 'RevisionNotFound';
    const found = await waitForCondition(client, 'twice', { status: 'False', reason });
    expect(found.status?.traffic).toEqual([{ revision: 'twice-00002', percent: 100 }]);
    const split = [
      { revision: 'latest', percent: 10 },
      { revision: 'twice-00001', percent: 90 },
    ];
    await client.patch(functions, ref, { spec: { traffic: split } });
    const healed = await waitForCondition(client, 'twice', { status: 'True' });
    expect(healed.status?.traffic).toEqual([
      { revision: 'twice-00002', percent: 10 },
      { revision: 'twice-00001', percent: 90 },
    ]);
  });

  it('names the runtimes there are when its own is not installed', async () => {
    const { client } = cluster;
    await client.create(functions, inlineFunction('snake', { runtime: 'python' }));
    const reason = 'RuntimeNotInstalled';
    await waitForCondition(client, 'snake', { type: 'RevisionReady', status: 'False', reason });
    expect(await listRevisions(client, 'snake')).toEqual([]);
  });
});

describe('a Function from an image', () => {
  it.each([
    ['listens', 'test/listener', 'True', undefined],
    ['quits', 'test/quitter', 'False', 'ExitedWhileLoading'],
  ] as const)('is tried out by connecting: %s', async (name, image, status, reason) => {
    const { client } = cluster;
    const spec = { image, runtime: undefined, source: undefined };
    await client.create(functions, inlineFunction(name, spec));
    await waitForCondition(client, name, { status, ...(reason && { reason }) });
  });

  it('is proved by one pod together with all whose pods would be the same', async () => {
    const { client } = cluster;
    const names = Array.from({ length: 10 }, (_, number) => `same-${number}`);
    const spec = { image: 'test/listener', env: [{ name: 'A', value: 'same' }] };
    const proved = new Set<string | undefined>();
    const informer = new Informer({ client, resource: pods, namespace: 'default' });
    const stopper = new AbortController();
    informer.onChange(({ object: { metadata } }) => {
      if (metadata.labels?.['rouse.dev/function']?.startsWith('same-')) proved.add(metadata.uid);
    });
    informer.start(stopper.signal);
    try {
      await informer.synced;
      const wanted = { ...spec, runtime: undefined, source: undefined };
      await Promise.all(
        names.map((name) => client.create(functions, inlineFunction(name, wanted))),
      );
      await Promise.all(names.map((name) => waitForCondition(client, name, { status: 'True' })));
    } finally {
      stopper.abort();
    }
    expect(proved.size).toBe(1);
  });

  it('is told for each one of them why it does not start', async () => {
    const { client } = cluster;
    const spec = { image: 'test/quitter', runtime: undefined, source: undefined };
    const names = Array.from({ length: 3 }, (_, number) => `quits-${number}`);
    await Promise.all(names.map((name) => client.create(functions, inlineFunction(name, spec))));
    for (const name of names) {
      const found = await waitForCondition(client, name, { status: 'False' });
      const ready = found.status?.conditions?.find((one) => one.type === 'Ready');
      expect(ready?.message).toContain(`${name}-00001`);
    }
  });
});

describe('a Function that is deleted', () => {
  it('takes everything with it, and its name can be used again', async () => {
    const { client } = cluster;
    const ref = { namespace: 'default', name: 'twice' };
    await client.delete(functions, ref);
    await waitFor(
      async () => {
        const left = await Promise.all([
          listRevisions(client, 'twice'),
          client.list(deployments, { labelSelector: 'rouse.dev/function=twice' }),
          client.list(services, { labelSelector: 'rouse.dev/function=twice' }),
          client.list(pods, { labelSelector: 'rouse.dev/function=twice' }),
        ]);
        return left.every((one) => (Array.isArray(one) ? one : one.items).length === 0);
      },
      { what: 'children of twice to be gone' },
    );
    await client.create(functions, inlineFunction('twice'));
    await waitForCondition(client, 'twice', { status: 'True' });
  });

  it('may be made anew at once', async () => {
    const { client } = cluster;
    const ref = { namespace: 'default', name: 'twice' };
    const source = { inline: 'export const handler = () => 3' };
    await client.delete(functions, ref);
    await client.create(functions, inlineFunction('twice', { source }));
    await waitForCondition(client, 'twice', { status: 'True' });
    const made = await waitFor(
      async () => {
        const all = await listRevisions(client, 'twice');
        return all.length === 1 && all;
      },
      { what: 'the former Revision to be gone' },
    );
    const fresh = await client.get(functions, ref);
    expect(made[0]?.metadata.ownerReferences?.[0]?.uid).toBe(fresh.metadata.uid);
  });

  it('shares no Revision name with pods that are still up from before', async () => {
    const { client } = cluster;
    const revision = 'outlived-00003';
    const labels = {
      ...{ 'rouse.dev/function': 'outlived', 'rouse.dev/revision': revision },
      'app.kubernetes.io/managed-by': 'rouse',
    };
    const pod = { name: 'outlived-pod', namespace: 'default' };
    await client.create(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...pod, labels },
      spec: { containers: [{ name: 'function', image: 'test/listener' }] },
    });
    await client.create(functions, inlineFunction('outlived'));
    const made = await waitForCondition(client, 'outlived', { status: 'True' });
    expect(made.status?.latestReadyRevision).toBe('outlived-00004');
    await client.delete(pods, pod);
  });
});
