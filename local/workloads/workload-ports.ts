// What the workload controllers share: one client, one cache per collection, clock, log and Events.

import type {
  Deployment,
  EndpointSlice,
  KubeObject,
  Pod,
  ReplicaSet,
  Service,
} from '../../api/kubernetes.ts';
import { deployments, endpointSlices, pods, replicaSets, services } from '../../api/resources.ts';
import type { KubeClient } from '../../platform/kube/client.ts';
import { Informer } from '../../platform/kube/informer.ts';
import { EventRecorder, type EventInput } from '../../platform/kube/record-event.ts';
import type { Clock } from '../../platform/process/clock.ts';
import type { Log } from '../../platform/process/log.ts';
import { deriveController } from './derive-controller.ts';
import { serviceLabel } from './derive-endpoint-slices.ts';

export interface WorkloadPorts {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly pods: Informer<Pod>;
  readonly replicaSets: Informer<ReplicaSet>;
  readonly deployments: Informer<Deployment>;
  readonly services: Informer<Service>;
  readonly endpointSlices: Informer<EndpointSlice>;
  /** Writes an Event, later: never before what it reports has had its effect. */
  readonly recordEvent: (component: string, input: EventInput) => void;
}

/** Index of objects by the uid of their controller; `orphans` has those without one, by namespace. */
export const byController = 'controller';
export const byOrphan = 'orphan';
/** How long an Event waits: a wake's own writes go first. */
const eventDelayMs = 100;

export function createWorkloadPorts(options: {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Log;
}): WorkloadPorts {
  const { client, clock, log } = options;
  const informers = {
    pods: new Informer({ client, resource: pods, log, clock }),
    replicaSets: new Informer({ client, resource: replicaSets, log, clock }),
    deployments: new Informer({ client, resource: deployments, log, clock }),
    services: new Informer({ client, resource: services, log, clock }),
    endpointSlices: new Informer({ client, resource: endpointSlices, log, clock }),
  };
  for (const one of [informers.pods, informers.replicaSets]) {
    one.addIndex(byController, controllerKeys);
    one.addIndex(byOrphan, orphanKeys);
  }
  informers.endpointSlices.addIndex(serviceLabel, (one) => {
    const service = one.metadata.labels?.[serviceLabel];
    return service === undefined ? [] : [`${one.metadata.namespace}/${service}`];
  });
  const recorders = new Map<string, EventRecorder>();
  const recordEvent = (component: string, input: EventInput): void => {
    const recorder =
      recorders.get(component) ?? new EventRecorder({ client, component, log, clock });
    recorders.set(component, recorder);
    clock.setTimeout(() => recorder.record(input), eventDelayMs);
  };
  return { client, clock, log, ...informers, recordEvent };
}

function controllerKeys(object: KubeObject): string[] {
  const controller = deriveController(object);
  return controller === undefined ? [] : [controller.uid];
}

function orphanKeys(object: KubeObject): string[] {
  return deriveController(object) === undefined ? [object.metadata.namespace ?? ''] : [];
}

/** `namespace/name` -> both. */
export function splitKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
