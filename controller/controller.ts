// The whole controller as one object: what main.ts starts, and what tests start in-process.

import type { Pod } from '../api/kubernetes.ts';
import { system } from '../api/names.ts';
import { KubeClient } from '../platform/kube/client.ts';
import { LeaderElection } from '../platform/kube/lease.ts';
import { ObservedTransport } from '../platform/kube/observed-transport.ts';
import { EventRecorder } from '../platform/kube/record-event.ts';
import type { Transport } from '../platform/kube/transport.ts';
import { systemClock, type Clock } from '../platform/process/clock.ts';
import type { Log } from '../platform/process/log.ts';
import { SampleCollector } from './autoscaler/collect-samples.ts';
import { AutoscalerLoop } from './autoscaler/loop.ts';
import { recordWake } from './autoscaler/record-wake.ts';
import { createCaches, startCaches, type Caches } from './caches.ts';
import { FunctionController } from './function/function-controller.ts';
import { ProofQueue } from './function/proof-queue.ts';
import { KeyRing } from './keys/key-ring.ts';
import { ControllerMetrics } from './metrics.ts';
import { ObjectWaiter } from './object-waiter.ts';
import { ClaimBook } from './pool/claim-book.ts';
import { PoolMetrics } from './pool/pool-metrics.ts';
import { WarmPool } from './pool/warm-pool.ts';
import { serveHttp, type HttpPorts } from './serve-http.ts';
import type { ControllerSettings } from './settings.ts';
import { StoreWatch } from './store/store-watch.ts';

export interface ControllerPorts {
  readonly transport: Transport;
  readonly log: Log;
  /** Unique per process: its name in the election. */
  readonly identity: string;
  readonly clock?: Clock;
}

export interface RunningController {
  /** Of the HTTP server. */
  readonly port: number;
  /** Resolves when caches are filled and samples are taken; leading comes when the election is won. Never rejects. */
  readonly ready: Promise<void>;
  /** Resolves when everything has stopped and the lease was given back. */
  stop(): Promise<void>;
}

const component = 'rouse-controller';

/** Resolves when it listens: from then on /readyz says what it still waits for, be it for ever. */
export async function startController(
  ports: ControllerPorts,
  settings: ControllerSettings,
): Promise<RunningController> {
  const { log, identity, clock = systemClock } = ports;
  const transport = new ObservedTransport(ports.transport, log);
  const client = new KubeClient(transport, { fieldManager: component });
  const stopping = new AbortController();
  const { signal } = stopping;
  const { systemNamespace, namespaceWatched } = settings;
  const caches = createCaches({ client, log, systemNamespace, namespaceWatched });
  const election = new LeaderElection({
    ...{ client, log, identity, clock },
    namespace: systemNamespace,
    name: system.controllerLease,
  });
  const events = new EventRecorder({ client, component, log, clock });
  const keyRing: KeyRing = new KeyRing({
    ...{ client, clock, log, namespace: systemNamespace },
    onChange: () => {
      parts.functions.lookAtAll();
      parts.pool.lookAtAll();
    },
  });
  const parts = wire({
    client,
    transport,
    caches,
    events,
    clock,
    log,
    keyRing,
    settings,
    election,
  });
  const server = await serveHttp(parts.http, settings);
  const keeping = keyRing.run(signal);
  const watchingStore = parts.store?.run(signal);
  const ready = Promise.all([startCaches(caches, signal), keyRing.first]).then(() => undefined);
  const leading = ready.then(() =>
    election.run(signal, async (term) => {
      await Promise.all([
        parts.functions.run(term),
        parts.proofs.run(term),
        parts.autoscaler.run(term),
        parts.pool.run(term),
      ]);
    }),
  );
  // Else a controller that never became ready could not be stopped.
  const aborted = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const isReady = ready.then(() => true);
  return {
    ...{ port: server.port, ready },
    stop: async () => {
      stopping.abort();
      const wasReady = await Promise.race([isReady, aborted.then(() => false)]);
      await Promise.all([wasReady ? leading : undefined, keeping, watchingStore, server.close()]);
    },
  };
}

interface WireInput {
  readonly client: KubeClient;
  readonly transport: ObservedTransport;
  readonly caches: Caches;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly log: Log;
  readonly keyRing: KeyRing;
  readonly settings: ControllerSettings;
  readonly election: LeaderElection;
}

interface Parts {
  readonly functions: FunctionController;
  readonly proofs: ProofQueue;
  readonly autoscaler: AutoscalerLoop;
  readonly pool: WarmPool;
  /** Only where there is a Redis. */
  readonly store: StoreWatch | undefined;
  readonly http: HttpPorts;
}

/** Only the order in which parts need each other; nothing starts here. */
function wire(input: WireInput): Parts {
  const { client, transport, caches, events, clock, log, keyRing, election } = input;
  const settings = {
    ...input.settings,
    get controlPublicKey() {
      return keyRing.keys.controlPublicKey;
    },
  };
  const metrics = new ControllerMetrics();
  const podWaiter = new ObjectWaiter<Pod>(caches.pods);
  const shared = { client, caches, events, clock, settings };
  const proofs = new ProofQueue(
    {
      ...{ ...shared, podWaiter, readPrivateKey: () => keyRing.keys.controlPrivateKey },
      observe: (verdict, durationMs) => metrics.proved(verdict, durationMs),
    },
    log,
  );
  const prove = (key: string): void => proofs.add(key);
  const functions = new FunctionController(
    { ...shared, prove, statusesSent: new WeakMap(), failuresTold: new Map() },
    log,
    metrics,
  );
  const pool = new WarmPool({
    ...{ ...shared, log, book: new ClaimBook() },
    metrics: new PoolMetrics(metrics.registry, caches),
  });
  const samples: SampleCollector = new SampleCollector({
    ...{ caches, clock },
    onPoke: (key) => autoscaler.poke(key),
    onClaim: (claim) => pool.claim(claim),
    onWake: (key, wake) => {
      if (!election.isLeader) return;
      recordWake(key, wake, shared).catch((error: unknown) =>
        log.warn({ error, key }, 'the end of a wake was not recorded'),
      );
    },
  });
  const autoscaler = new AutoscalerLoop({
    ...{ ...shared, samples, log },
    observe: (reason) => metrics.scaled(reason),
  });
  metrics.follow({
    isLeader: () => election.isLeader,
    reconcilesWaiting: () => functions.size,
    proofsWaiting: () => proofs.size,
    functions: () => caches.functions.list().length,
    apiProblems: () => transport.problems,
  });
  const { redis, systemNamespace } = settings;
  const isLeader = (): boolean => election.isLeader;
  const storePorts = { client, events, clock, log, systemNamespace, isLeader };
  const store = redis && new StoreWatch(redis, { ...storePorts, registry: metrics.registry });
  const http = wireHttp({ transport, caches, keyRing, metrics, samples, store });
  return { functions, proofs, autoscaler, pool, store, http };
}

interface HttpInput extends Pick<WireInput, 'transport' | 'caches' | 'keyRing'> {
  readonly metrics: ControllerMetrics;
  readonly samples: SampleCollector;
  readonly store: StoreWatch | undefined;
}

function wireHttp(input: HttpInput): HttpPorts {
  const { transport, caches, keyRing, metrics, samples, store } = input;
  const isFilled = (): boolean =>
    Object.values(caches).every((one: { isSynced: boolean }) => one.isSynced);
  return {
    readToken: () => keyRing.token,
    metrics: metrics.registry,
    findObstacle: () => {
      if (isFilled() && keyRing.obstacle === undefined) return undefined;
      const why = isFilled() ? keyRing.obstacle : 'caches are being filled';
      return transport.problemText ?? why;
    },
    findProblem: () =>
      [transport.problemText, store?.problem].filter((one) => one !== undefined).join('\n') ||
      undefined,
    onReport: (report: Parameters<SampleCollector['add']>[0]) => {
      metrics.reported('ok');
      samples.add(report);
    },
    onRefused: (status: number) => {
      metrics.reported('refused');
      if (status === 401) keyRing.lookSoon();
    },
  };
}
