// The whole controller as one object: what main.ts starts, and what tests start in-process.

import type { Pod } from '../api/kubernetes.ts';
import { system } from '../api/names.ts';
import { KubeClient } from '../platform/kube/client.ts';
import { LeaderElection } from '../platform/kube/lease.ts';
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
import { ensureKeys, type Keys } from './keys/ensure-keys.ts';
import { ControllerMetrics } from './metrics.ts';
import { ObjectWaiter } from './object-waiter.ts';
import { serveHttp } from './serve-http.ts';
import type { ControllerSettings } from './settings.ts';
import { waitForKinds } from './wait-for-kinds.ts';

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
  /** Resolves when everything has stopped and the lease was given back. */
  stop(): Promise<void>;
}

const component = 'rouse-controller';

/** Resolves when caches are filled and samples are taken; leading comes when the election is won. */
export async function startController(
  ports: ControllerPorts,
  settings: ControllerSettings,
): Promise<RunningController> {
  const { log, transport, identity, clock = systemClock } = ports;
  const client = new KubeClient(transport, { fieldManager: component });
  const stopping = new AbortController();
  const { signal } = stopping;
  const { systemNamespace, namespaceWatched } = settings;
  await waitForKinds({ client, log, namespace: namespaceWatched }, signal);
  const keys = await ensureKeys(client, systemNamespace);
  const caches = createCaches({ client, log, systemNamespace, namespaceWatched });
  const election = new LeaderElection({
    ...{ client, log, identity, clock },
    namespace: systemNamespace,
    name: system.controllerLease,
  });
  const events = new EventRecorder({ client, component, log, clock });
  const parts = wire({ client, caches, events, clock, log, keys, settings, election });
  await startCaches(caches, signal);
  const server = await serveHttp(parts.http, settings);
  const leading = election.run(signal, async (term) => {
    await Promise.all([
      parts.functions.run(term),
      parts.proofs.run(term),
      parts.autoscaler.run(term),
    ]);
  });
  return {
    port: server.port,
    stop: async () => {
      stopping.abort();
      await Promise.all([leading, server.close()]);
    },
  };
}

interface WireInput {
  readonly client: KubeClient;
  readonly caches: Caches;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly log: Log;
  readonly keys: Keys;
  readonly settings: ControllerSettings;
  readonly election: LeaderElection;
}

interface Parts {
  readonly functions: FunctionController;
  readonly proofs: ProofQueue;
  readonly autoscaler: AutoscalerLoop;
  readonly http: Parameters<typeof serveHttp>[0];
}

/** Only the order in which parts need each other; nothing starts here. */
function wire(input: WireInput): Parts {
  const { client, caches, events, clock, log, keys, election } = input;
  const { controlPublicKey, controlPrivateKey: privateKey, internalToken } = keys;
  const settings = { ...input.settings, controlPublicKey };
  const metrics = new ControllerMetrics();
  const podWaiter = new ObjectWaiter<Pod>(caches.pods);
  const shared = { client, caches, events, clock, settings };
  const proofs = new ProofQueue(
    {
      ...{ ...shared, podWaiter, privateKey },
      observe: (verdict, durationMs) => metrics.proved(verdict, durationMs),
    },
    log,
  );
  const prove = (key: string): void => proofs.add(key);
  const functions = new FunctionController(
    { ...shared, prove, statusesSent: new WeakMap() },
    log,
    metrics,
  );
  const samples: SampleCollector = new SampleCollector({
    ...{ caches, clock },
    onPoke: (key) => autoscaler.poke(key),
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
  });
  const http = {
    internalToken,
    metrics: metrics.registry,
    isReady: () => Object.values(caches).every((one: { isSynced: boolean }) => one.isSynced),
    onReport: (report: Parameters<SampleCollector['add']>[0]) => {
      metrics.reported('ok');
      samples.add(report);
    },
    onRefused: () => metrics.reported('refused'),
  };
  return { functions, proofs, autoscaler, http };
}
