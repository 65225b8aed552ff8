// What the activator keeps of a cluster with many Functions, through the real client and informers.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { Activator } from '../../../activator/activator.ts';
import { BundleCache } from '../../../activator/bundle-cache.ts';
import { ControlKeys } from '../../../activator/control-keys.ts';
import type { PodView } from '../../../activator/derive-pod-view.ts';
import { followCluster } from '../../../activator/follow-cluster.ts';
import { createKubeCaches, type KubeCaches } from '../../../activator/kube-caches.ts';
import { KubeCluster } from '../../../activator/kube-cluster.ts';
import { limitDefaults } from '../../../activator/settings.ts';
import type { KubeObject } from '../../../api/kubernetes.ts';
import { KubeClient } from '../../../platform/kube/client.ts';
import type {
  KubeRequest,
  KubeResponse,
  Transport,
  WatchEvent,
} from '../../../platform/kube/transport.ts';
import { silentLog } from '../../../platform/process/log.ts';

/**
 * Lists are made when asked for, so that the server's copies don't count; watches say only what a
 * test has them say.
 */
class ListingTransport implements Transport {
  readonly requests: KubeRequest[] = [];
  /** By the plural of what is watched. */
  readonly watches = new Map<string, (event: WatchEvent) => void>();
  #make: (plural: string, index: number) => KubeObject | undefined;
  #answer: ((request: KubeRequest) => KubeResponse) | undefined;
  readonly #count: number;

  constructor(count: number, make: (plural: string, index: number) => KubeObject | undefined) {
    this.#count = count;
    this.#make = make;
  }

  answerWith(answer: (request: KubeRequest) => KubeResponse): void {
    this.#answer = answer;
  }

  request(request: KubeRequest): Promise<KubeResponse> {
    this.requests.push(request);
    if (this.#answer !== undefined) return Promise.resolve(this.#answer(request));
    const plural = request.path.split('/').at(-1) ?? '';
    const items = Array.from({ length: this.#count }, (_, index) => this.#make(plural, index));
    const found = items.filter((one) => one !== undefined);
    // Through text, as over HTTP: no string or object is shared with the maker.
    const body: unknown = JSON.parse(
      JSON.stringify({ kind: 'List', metadata: { resourceVersion: '1' }, items: found }),
    );
    return Promise.resolve({ status: 200, body });
  }

  watch(request: KubeRequest, onEvent: (event: WatchEvent) => void): Promise<void> {
    this.watches.set(request.path.split('/').at(-1) ?? '', onEvent);
    return new Promise((resolve) => request.signal?.addEventListener('abort', () => resolve()));
  }
}

const functionsCount = 500;
const metadata = (name: string) => ({
  name,
  namespace: 'default',
  uid: `uid-${name}`,
  resourceVersion: '7',
  generation: 1,
  labels: { 'rouse.dev/function': name, 'rouse.dev/revision': `${name}-00001` },
  annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 'x'.repeat(20_000) },
  managedFields: Array.from({ length: 20 }, (_, index) => ({ manager: 'kubectl', index })),
});

function makeObject(plural: string, index: number): KubeObject | undefined {
  const name = `function-${index}`;
  const code = `export const handler = () => ${index} // ${'x'.repeat(20_000)}`;
  const base = { apiVersion: 'v1', kind: plural };
  const concurrency = { target: 100, limit: index % 2 };
  if (plural === 'functions') {
    const traffic = [{ revision: `${name}-00001`, percent: 100 }];
    const conditions = [{ type: 'RevisionReady', status: 'True', message: 'y'.repeat(500) }];
    return {
      ...base,
      metadata: metadata(name),
      spec: { source: { inline: code }, timeoutSeconds: 60, concurrency },
      status: { traffic, conditions, observedGeneration: 1 },
    } as KubeObject;
  }
  if (plural === 'revisions') {
    return {
      ...base,
      metadata: metadata(`${name}-00001`),
      spec: { functionName: name, files: { 'a.js': code }, timeoutSeconds: 60, concurrency },
    } as KubeObject;
  }
  if (plural === 'deployments') {
    const containers = [{ name: 'function', env: Array.from({ length: 20 }, () => ({ name })) }];
    return {
      ...base,
      metadata: metadata(`${name}-00001`),
      spec: { replicas: 0, template: { spec: { containers } } },
    } as KubeObject;
  }
  return undefined;
}

async function follow(transport: Transport, bytesMax = 0) {
  const client = new KubeClient(transport);
  const caches: KubeCaches = createKubeCaches({
    client,
    hasPool: true,
    onRevision: (revision) => bundles.offer(revision),
    systemNamespace: 'rouse-system',
    podRequestsMax: 1_000,
    log: silentLog,
  });
  const cluster = new KubeCluster(client, caches);
  const bundles = new BundleCache(cluster, bytesMax);
  const keys = new ControlKeys(silentLog);
  const activator = new Activator({
    cluster,
    knockPod: () => Promise.reject(new Error('no pods here')),
    prefetch: () => undefined,
    identity: 'test',
    findControllers: () => [],
    readToken: () => undefined,
    domain: 'example.com',
    limits: limitDefaults,
    log: silentLog,
  });
  await followCluster({ caches, activator, bundles, keys });
  return { activator, cluster, caches, bundles };
}

describe('the caches', () => {
  it('take less than 10 KB of heap per Function', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    await follow(new ListingTransport(1, makeObject));
    collect();
    const before = process.memoryUsage().heapUsed;
    const kept = await follow(new ListingTransport(functionsCount, makeObject));
    collect();
    const bytes = (process.memoryUsage().heapUsed - before) / functionsCount;
    expect(kept.caches.functions.list()).toHaveLength(functionsCount);
    expect(kept.cluster.findFunction('default', 'function-7')?.traffic[0]?.percent).toBe(100);
    expect(kept.cluster.findLimits('default', 'function-7-00001')?.podRequestsMax).toBe(1);
    expect(kept.cluster.findLimits('default', 'function-8-00001')?.podRequestsMax).toBe(1_000);
    expect(kept.activator.revisions.size).toBe(0);
    expect(bytes).toBeLessThan(10_000);
  });

  it('know which Revisions a parked pod may serve, and keep their code in memory', async () => {
    const transport = new ListingTransport(3, (plural, index) => {
      const made = makeObject(plural, index) as { spec?: object } & KubeObject;
      if (plural === 'revisions') made.spec = { ...made.spec, runtime: 'node', pool: index !== 1 };
      return made;
    });
    const { cluster, bundles } = await follow(transport, 1_000_000);
    const runtimes = [0, 1, 2].map((index) => {
      return cluster.findLimits('default', `function-${index}-00001`)?.poolRuntime;
    });
    expect(runtimes).toEqual(['node', undefined, 'node']);
    const found = bundles.find('default', 'function-0-00001');
    expect(found?.revisionUid).toBe('uid-function-0-00001');
    expect(found?.body.length).toBeGreaterThan(20_000);
    const object = makeObject('revisions', 0);
    transport.watches.get('revisions')?.({ type: 'DELETED', object });
    expect(bundles.find('default', 'function-0-00001')).toBeUndefined();
  });

  it('take less than 4 KB per idle Function with 5,000 of them, the code of small ones included', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const small = (plural: string, index: number): KubeObject | undefined => {
      const made = makeObject(plural, index) as { spec?: object } & KubeObject;
      const files = { 'index.mjs': `export const handler = () => 'hello ${index}'` };
      if (plural === 'revisions') made.spec = { ...made.spec, runtime: 'node', files };
      return made;
    };
    const used = (): number => {
      collect();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    await follow(new ListingTransport(1, small), 64e6);
    const before = used();
    const kept = await follow(new ListingTransport(5_000, small), 64e6);
    const bytes = (used() - before) / 5_000;
    expect(kept.bundles.find('default', 'function-4999-00001')).toBeDefined();
    expect(bytes).toBeLessThan(4_096);
  });
});

describe('following the cluster', () => {
  it('refuses those who wait for a Revision as soon as it is deleted', async () => {
    const transport = new ListingTransport(1, makeObject);
    const { activator } = await follow(transport);
    const name = 'function-0-00001';
    const refused: string[] = [];
    activator.revisions.getOrMake('default', name, undefined).queue.push({
      ...{ bytes: 1, enteredAtMs: 0, deadlineAtMs: performance.now() + 60_000 },
      onGrant: () => undefined,
      onExpire: () => undefined,
      onRefuse: (error) => void refused.push(error.message),
    });
    const object = makeObject('revisions', 0);
    transport.watches.get('revisions')?.({ type: 'DELETED', object });
    expect(refused).toEqual([expect.stringContaining('was deleted while the request waited')]);
  });
});

describe('lifting a gate', () => {
  it('tests the pod and the gate in the call that removes it', async () => {
    const transport = new ListingTransport(1, makeObject);
    const { cluster } = await follow(transport);
    transport.requests.length = 0;
    transport.answerWith(() => ({ status: 200, body: {} }));
    const pod = { namespace: 'default', name: 'pod-1', uid: 'u', gateIndex: 1 } as PodView;
    await cluster.liftGate(pod);
    const path = '/spec/schedulingGates/1';
    expect(transport.requests).toMatchObject([
      {
        method: 'PATCH',
        path: '/api/v1/namespaces/default/pods/pod-1',
        contentType: 'application/json-patch+json',
        body: [
          { op: 'test', path: '/metadata/uid', value: 'u' },
          { op: 'test', path, value: { name: 'rouse.dev/claim' } },
          { op: 'remove', path },
        ],
      },
    ]);
  });
});

describe('raising from zero', () => {
  const scale = (replicas: number, resourceVersion: string): KubeResponse => ({
    status: 200,
    body: { metadata: { name: 'a', resourceVersion }, spec: replicas === 0 ? {} : { replicas } },
  });
  const conflict: KubeResponse = { status: 409, body: { kind: 'Status', reason: 'Conflict' } };

  it('writes over the version that wants zero, in one call', async () => {
    const transport = new ListingTransport(1, makeObject);
    const { cluster } = await follow(transport);
    transport.requests.length = 0;
    transport.answerWith(() => scale(1, '8'));
    await cluster.raiseFromZero('default', 'function-0-00001');
    expect(transport.requests).toHaveLength(1);
    expect(transport.requests[0]).toMatchObject({
      method: 'PATCH',
      path: '/apis/apps/v1/namespaces/default/deployments/function-0-00001/scale',
      body: { metadata: { resourceVersion: '7' }, spec: { replicas: 1 } },
    });
  });

  it('leaves alone what an autoscaler has raised in the meantime', async () => {
    const transport = new ListingTransport(1, makeObject);
    const { cluster } = await follow(transport);
    transport.requests.length = 0;
    transport.answerWith((request) => (request.method === 'PATCH' ? conflict : scale(3, '9')));
    await cluster.raiseFromZero('default', 'function-0-00001');
    expect(transport.requests.map((one) => one.method)).toEqual(['PATCH', 'GET']);
  });

  it('writes nothing over a scale that the cache shows to be up already', async () => {
    const transport = new ListingTransport(1, (plural, index) => {
      const made = makeObject(plural, index) as { spec?: { replicas?: number } } & KubeObject;
      if (plural === 'deployments' && made.spec !== undefined) made.spec.replicas = 5;
      return made;
    });
    const { cluster } = await follow(transport);
    transport.requests.length = 0;
    transport.answerWith(() => scale(1, '8'));
    await cluster.raiseFromZero('default', 'function-0-00001');
    expect(transport.requests).toEqual([]);
  });

  it('tries again over a newer version that still wants zero', async () => {
    const transport = new ListingTransport(1, makeObject);
    const { cluster } = await follow(transport);
    transport.requests.length = 0;
    let patches = 0;
    transport.answerWith((request) => {
      if (request.method === 'GET') return scale(0, '9');
      patches += 1;
      return patches === 1 ? conflict : scale(1, '10');
    });
    await cluster.raiseFromZero('default', 'function-0-00001');
    expect(transport.requests.at(-1)?.body).toMatchObject({ metadata: { resourceVersion: '9' } });
  });

  it('fails when there is no Deployment', async () => {
    const transport = new ListingTransport(0, makeObject);
    const { cluster } = await follow(transport);
    transport.answerWith(() => ({ status: 404, body: { kind: 'Status', reason: 'NotFound' } }));
    await expect(cluster.raiseFromZero('default', 'none')).rejects.toMatchObject({ status: 404 });
  });
});
