// The activator's process: reads settings, wires, starts and stops; nothing else.

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApiProblemsGauge } from '../platform/kube/api-problems-gauge.ts';
import { KubeClient } from '../platform/kube/client.ts';
import { loadTransport } from '../platform/kube/kubeconfig.ts';
import { ObservedTransport } from '../platform/kube/observed-transport.ts';
import { createLog, type Log } from '../platform/process/log.ts';
import { announceReady, onShutdown } from '../platform/process/shutdown.ts';
import { trimMemoryWhileResting } from '../platform/process/trim-memory.ts';
import { Activator, monotonicClock } from './activator.ts';
import { createAdminServer } from './admin-server.ts';
import { BundleCache } from './bundle-cache.ts';
import { createClaimPod } from './claim-pod.ts';
import { createCodePorts } from './code-ports.ts';
import { ControlKeys } from './control-keys.ts';
import { followCluster } from './follow-cluster.ts';
import { createKnockPod } from './knock-pod.ts';
import { createKubeCaches, type KubeCaches } from './kube-caches.ts';
import { KubeCluster } from './kube-cluster.ts';
import { listControllers } from './list-controllers.ts';
import { rehearse } from './rehearse.ts';
import { readSettings, type Settings } from './settings.ts';
import { startTracing } from './tracing.ts';
import { warmUp, warmUpClaim } from './warm-up.ts';

/** The last spans may take so long to send; a collector that is away must not hold an activator. */
const tracingStopMs = 1_500;

async function main(settings: Settings, log: Log): Promise<void> {
  const { identity, limits, systemNamespace, namespaceWatched } = settings;
  const transport = new ObservedTransport(loadTransport(process.env), log);
  const client = new KubeClient(transport, { fieldManager: 'rouse-activator' });
  const { podRequestsMax } = limits;
  const namespaces = { systemNamespace, namespaceWatched };
  const caches: KubeCaches = createKubeCaches({
    ...{ client, ...namespaces, podRequestsMax, log },
    hasPool: settings.hasPool,
    onRevision: (revision) => bundles.offer(revision),
  });
  const cluster = new KubeCluster(client, caches);
  const bundles = new BundleCache(cluster, settings.bundleCacheBytesMax);
  const keys = new ControlKeys(log);
  const claimPod = settings.hasPool ? createClaimPod(limits) : undefined;
  const tracing = await startTracing(settings.tracing, { identity, clock: monotonicClock, log });
  const activator = new Activator({
    cluster,
    knockPod: createKnockPod({
      readBundle: (namespace, revision) => bundles.get(namespace, revision),
      readKey: () => keys.read(),
      loadTimeoutMs: limits.wakeTimeoutMs,
    }),
    pool: claimPod && { claimPod, ...createCodePorts(bundles, keys) },
    prefetch: (namespace, revision) => void bundles.get(namespace, revision).catch(() => undefined),
    identity,
    findControllers: () => listControllers(caches.controllers.list()),
    readToken: () => keys.token,
    domain: settings.domain,
    ...{ limits, log, tracing },
  });
  createApiProblemsGauge('rouse_activator_', activator.metrics.registry, () => transport.problems);
  const ending = new AbortController();
  // Goes on while draining: a pod that still works for us must not count as idle.
  const reporting = new AbortController();
  let isSynced = false;
  const admin = createAdminServer({
    registry: activator.metrics.registry,
    findObstacle: () => {
      if (ending.signal.aborted || activator.isDraining) return 'shutting down';
      if (!isSynced) return transport.problemText ?? 'waiting for the Kubernetes API';
      return keys.isThere ? undefined : 'waiting for the keys that the controller makes';
    },
    findProblem: () => transport.problemText,
  });
  onShutdown({
    log,
    graceMs: settings.drainDelayMs + settings.drainTimeoutMs + 2_000,
    stop: async (why) => {
      log.info({ why }, 'stopping');
      ending.abort();
      activator.leave();
      await new Promise((resolve) => setTimeout(resolve, settings.drainDelayMs));
      await activator.drain(settings.drainTimeoutMs);
      reporting.abort();
      await tracing?.stop(tracingStopMs);
    },
  });
  const adminPort = await listen(admin, settings.adminHost, settings.adminPort);
  // While the caches fill.
  await Promise.all([followCluster({ caches, activator, bundles, keys }), rehearse(limits, log)]);
  isSynced = true;
  activator.reporter.start(reporting.signal);
  const port = await listen(activator.server, settings.gatewayHost, settings.gatewayPort);
  const address = { host: settings.adminHost, port: adminPort };
  await Promise.all([keys.read(), warmUp(address), warmUpClaim(address, keys, claimPod)]);
  announceReady(log, { port, adminPort });
  trimMemoryWhileResting();
}

/** Gives the port, which matters when 0 was asked for. */
function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

const log = createLog({ component: 'activator' });
try {
  const settings = readSettings(process.env);
  await main(settings, createLog({ component: 'activator', level: settings.logLevel }));
} catch (error) {
  log.error({ error }, 'could not start');
  process.exit(1);
}
