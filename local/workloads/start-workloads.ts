// Starts every controller of the local cluster: what kube-controller-manager and the scheduler are elsewhere.

import { KubeClient } from '../../platform/kube/client.ts';
import type { Transport } from '../../platform/kube/transport.ts';
import { systemClock, type Clock } from '../../platform/process/clock.ts';
import type { Log } from '../../platform/process/log.ts';
import { DeploymentController } from './deployment-controller.ts';
import { EndpointSliceController } from './endpoint-slice-controller.ts';
import { runEventExpiry } from './event-expiry.ts';
import { GarbageCollector } from './garbage-collector.ts';
import { NamespaceController } from './namespace-controller.ts';
import { runNodeRegistration } from './node-registration.ts';
import { ReplicaSetController } from './replica-set-controller.ts';
import { ResourceMonitors } from './resource-monitors.ts';
import { Scheduler } from './scheduler.ts';
import { createWorkloadPorts } from './workload-ports.ts';

export interface WorkloadsOptions {
  readonly transport: Transport;
  readonly log: Log;
  /** Default `local`. */
  readonly nodeName?: string;
  readonly clock?: Clock;
}

export interface Workloads {
  /** Every cache has been filled once and every controller works. */
  readonly synced: Promise<void>;
  /** Resolves when no controller writes any more. */
  stop(): Promise<void>;
}

/** Level-triggered: starts from whatever state the API server has. */
export function startWorkloads(options: WorkloadsOptions): Workloads {
  const { transport, log, nodeName = 'local', clock = systemClock } = options;
  const client = new KubeClient(transport, { fieldManager: 'kube-controller-manager' });
  const stop = new AbortController();
  const { signal } = stop;
  const base = { client, clock, log };
  const ports = createWorkloadPorts(base);
  const collector = new GarbageCollector(base);
  const monitors = new ResourceMonitors({
    ...base,
    transport,
    onChange: (resource, change) => collector.receive(resource, change),
  });
  const controllers = [
    new DeploymentController(ports),
    new ReplicaSetController(ports),
    new Scheduler(ports, { nodeName, transport }),
    new EndpointSliceController(ports),
  ];
  const caches = [
    ports.pods,
    ports.replicaSets,
    ports.deployments,
    ports.services,
    ports.endpointSlices,
  ];
  for (const one of caches) one.start(signal);
  const cachesSynced = Promise.all(caches.map((one) => one.synced));
  const aborted = new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  const runControllers = async (): Promise<void> => {
    // A controller that acts on a half-filled cache would make pods that exist already.
    await Promise.race([cachesSynced, aborted]);
    await Promise.all(controllers.map((one) => one.run(signal)));
  };
  const namespaceController = new NamespaceController({
    ...base,
    allResources: () => monitors.all(),
  });
  const runs = [
    runControllers(),
    monitors.run(signal),
    collector.run(monitors, signal),
    namespaceController.run(signal),
    runEventExpiry(base, signal),
    runNodeRegistration({ ...base, nodeName }, signal),
  ];
  return {
    synced: Promise.all([cachesSynced, monitors.synced]).then(() => undefined),
    stop: async () => {
      stop.abort();
      await Promise.allSettled(runs);
    },
  };
}
