// The warm pool over an API server that a test writes: objects shown in its caches, writes recorded and held back.

import { Registry } from 'prom-client';
import type { Deployment, KubeObject, Pod, ReplicaSet } from '../../api/kubernetes.ts';
import {
  annotations,
  claimGate,
  functionContainer,
  labels,
  managedByRouse,
} from '../../api/names.ts';
import type { Revision } from '../../api/revision.ts';
import { createCaches, startCaches } from '../../controller/caches.ts';
import { buildDeployment } from '../../controller/function/build-deployment.ts';
import { digestOf } from '../../controller/function/digest-template.ts';
import {
  buildParkedTemplate,
  buildPoolTemplate,
} from '../../controller/pool/build-pool-objects.ts';
import { ClaimBook } from '../../controller/pool/claim-book.ts';
import { PoolMetrics } from '../../controller/pool/pool-metrics.ts';
import { WarmPool } from '../../controller/pool/warm-pool.ts';
import { KubeClient } from '../../platform/kube/client.ts';
import { EventRecorder } from '../../platform/kube/record-event.ts';
import type {
  KubeRequest,
  KubeResponse,
  Transport,
  WatchEvent,
} from '../../platform/kube/transport.ts';
import { silentLog } from '../../platform/process/log.ts';
import { FakeClock } from './fake-clock.ts';

type Answer = (request: KubeRequest) => KubeResponse | Promise<KubeResponse>;

/** Shows what the test puts there. Writes change nothing by themselves. */
class WrittenServer implements Transport {
  /** All but events. */
  readonly writes: KubeRequest[] = [];
  answer: Answer = ({ body }) => ({ status: 200, body });
  readonly #watches = new Map<string, (event: WatchEvent) => void>();
  #version = 100;

  async request(request: KubeRequest): Promise<KubeResponse> {
    if (request.method === 'GET') {
      const metadata = { resourceVersion: '1' };
      return { status: 200, body: { kind: 'List', metadata, items: [] } };
    }
    if (request.path.endsWith('/events')) return { status: 201, body: {} };
    this.writes.push(request);
    return this.answer(request);
  }

  async watch(request: KubeRequest, onEvent: (event: WatchEvent) => void): Promise<void> {
    this.#watches.set(request.path.split('/').at(-1) ?? '', onEvent);
    await new Promise<void>((resolve) => {
      request.signal?.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  get isWatched(): boolean {
    return this.#watches.has('pods') && this.#watches.has('deployments');
  }

  show(plural: string, object: KubeObject, type: 'MODIFIED' | 'DELETED' = 'MODIFIED'): void {
    this.#version += 1;
    const metadata = { ...object.metadata, resourceVersion: String(this.#version) };
    this.#watches.get(plural)?.({ type, object: { ...object, metadata } });
  }
}

const settings = {
  ...{ runtimeImages: { node: 'node-image' }, controlPublicKey: 'key', poolMin: 1, poolMax: 5 },
};

export async function startPoolWorld() {
  const clock = new FakeClock();
  const server = new WrittenServer();
  const client = new KubeClient(server);
  const log = silentLog;
  const caches = createCaches({ client, log, systemNamespace: 'rouse-system' });
  const stop = new AbortController();
  await startCaches(caches, stop.signal);
  while (!server.isWatched) await clock.advance(0);
  const book = new ClaimBook();
  const events = new EventRecorder({ client, component: 'test', log, clock });
  const metrics = new PoolMetrics(new Registry(), caches);
  const pool = new WarmPool({ client, caches, events, clock, log, settings, book, metrics });
  const terms: Promise<void>[] = [];
  return {
    ...{ clock, server, caches, book, pool, settings },
    lead(): AbortController {
      const term = new AbortController();
      stop.signal.addEventListener('abort', () => term.abort());
      terms.push(pool.run(term.signal));
      return term;
    },
    async stop(): Promise<void> {
      stop.abort();
      await Promise.all(terms);
    },
  };
}

export type PoolWorld = Awaited<ReturnType<typeof startPoolWorld>>;

const poolUid = 'pool-uid';

export function buildParkedPod(name: string, over: { restarts?: number } = {}): Pod {
  const { restarts = 0 } = over;
  return {
    ...{ apiVersion: 'v1', kind: 'Pod' },
    metadata: {
      ...{ name, namespace: 'shop', uid: `uid-of-${name}` },
      labels: { [labels.pool]: 'node', [labels.managedBy]: managedByRouse },
      ownerReferences: [
        { apiVersion: 'v1', kind: 'PodTemplate', name: 'pool', uid: poolUid, controller: true },
      ],
    },
    spec: { containers: [{ name: functionContainer, image: 'node-image' }] },
    status: {
      phase: 'Running',
      containerStatuses: [
        { name: functionContainer, image: 'node-image', ready: true, restartCount: restarts },
      ],
    },
  } as Pod;
}

/** What the caches must hold of a Revision, for its pods to be adopted: asleep, and with room in its ReplicaSet. */
export function showRevision(
  { server, settings: given }: PoolWorld,
  revision: Revision,
  replicas: number,
): void {
  const number = { 'deployment.kubernetes.io/revision': '1' };
  const built = buildDeployment(revision, given);
  const { name, labels: own } = built.metadata;
  const uid = `${name}-deployment`;
  const deployment: Deployment = {
    ...built,
    metadata: { ...built.metadata, uid, annotations: number },
    spec: { ...built.spec, replicas },
  };
  const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name, uid, controller: true };
  const set = {
    ...{ apiVersion: 'apps/v1', kind: 'ReplicaSet' },
    metadata: {
      ...{ name: `${name}-abc`, namespace: 'shop', uid: `${name}-set`, annotations: number },
      labels: { ...own, 'pod-template-hash': 'abc' },
      ownerReferences: [owner],
    },
    spec: { ...built.spec, replicas },
  } as ReplicaSet;
  server.show('revisions', revision);
  server.show('deployments', deployment);
  server.show('replicasets', set);
}

/** `isOld`: made for another image or key. */
export function showPool(
  { server, settings: given }: PoolWorld,
  over: { size?: number; isOld?: boolean } = {},
): void {
  const { size = 0, isOld = false } = over;
  const template = buildParkedTemplate('node', given);
  const digest = isOld ? 'old' : digestOf(template);
  const pool = buildPoolTemplate({ namespace: 'shop', runtime: 'node' }, size, {
    template,
    digest,
  });
  server.show('podtemplates', { ...pool, metadata: { ...pool.metadata, uid: poolUid } });
}

export function buildGatedPod(name: string, revision: Revision): Pod {
  const pod = buildOwnPod(name, revision);
  const spec = { ...pod.spec, schedulingGates: [{ name: claimGate }] };
  return { ...pod, spec, status: { phase: 'Pending' } };
}

export function buildAdoptedPod(name: string, revision: Revision): Pod {
  const pod = buildOwnPod(name, revision);
  const notes = { [annotations.adopted]: revision.metadata.name };
  return { ...pod, metadata: { ...pod.metadata, annotations: notes } };
}

function buildOwnPod(name: string, revision: Revision): Pod {
  const parked = buildParkedPod(name);
  const own = { [labels.revision]: revision.metadata.name, [labels.managedBy]: managedByRouse };
  const set = `${revision.metadata.name}-set`;
  const owner = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    name: set,
    uid: set,
    controller: true,
  };
  return { ...parked, metadata: { ...parked.metadata, labels: own, ownerReferences: [owner] } };
}
