// Which EndpointSlices a Service with a selector must have: one group of pods per set of port numbers.

import type { EndpointSlice, Pod, Service, ServicePort } from '../../api/kubernetes.ts';
import { buildControllerReference } from './derive-controller.ts';
import { isPodReady } from './derive-pod-state.ts';
import { buildCanonicalJson } from './derive-template-hash.ts';

export const serviceLabel = 'kubernetes.io/service-name';
export const managedByLabel = 'endpointslice.kubernetes.io/managed-by';
export const sliceManager = 'endpointslice-controller.k8s.io';
/** Endpoints in one slice, Kubernetes' own default. */
export const endpointsPerSliceMax = 100;

export interface SliceContent {
  readonly ports: NonNullable<EndpointSlice['ports']>;
  readonly endpoints: EndpointSlice['endpoints'];
}

/** Pods on the local cluster have a hostPort each, so most have a slice of their own; equal ports share one. */
export function deriveEndpointSlices(service: Service, pods: readonly Pod[]): SliceContent[] {
  const groups = new Map<
    string,
    { ports: SliceContent['ports']; endpoints: SliceContent['endpoints'] }
  >();
  for (const pod of [...pods].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))) {
    const address = addressOf(pod, service.spec.ports ?? []);
    if (address === undefined) continue;
    const key = buildCanonicalJson(address.ports);
    const group = groups.get(key) ?? { ports: address.ports, endpoints: [] };
    group.endpoints.push(buildEndpoint(service, pod, address.ip));
    groups.set(key, group);
  }
  return [...groups.values()].flatMap(({ ports, endpoints }) => {
    const slices: SliceContent[] = [];
    for (let from = 0; from < endpoints.length; from += endpointsPerSliceMax) {
      slices.push({ ports, endpoints: endpoints.slice(from, from + endpointsPerSliceMax) });
    }
    return slices;
  });
}

export function buildEndpointSlice(service: Service, content: SliceContent): EndpointSlice {
  const { name, namespace } = service.metadata;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      generateName: `${name}-`,
      ...(namespace !== undefined && { namespace }),
      labels: {
        ...service.metadata.labels,
        [serviceLabel]: name,
        [managedByLabel]: sliceManager,
      },
      ownerReferences: [buildControllerReference(service)],
    } as unknown as EndpointSlice['metadata'],
    addressType: 'IPv4',
    endpoints: content.endpoints,
    ports: content.ports,
  };
}

export interface SlicePlan {
  readonly create: SliceContent[];
  readonly update: { readonly slice: EndpointSlice; readonly content: SliceContent }[];
  readonly remove: EndpointSlice[];
}

/** Keeps slices whose ports are still wanted and rewrites their endpoints, so that a rollout churns few objects. */
export function planEndpointSlices(
  wanted: readonly SliceContent[],
  found: readonly EndpointSlice[],
): SlicePlan {
  const plan: SlicePlan = { create: [], update: [], remove: [] };
  const left = [...found];
  for (const content of wanted) {
    const ports = buildCanonicalJson(content.ports);
    const index = left.findIndex((one) => buildCanonicalJson(one.ports ?? []) === ports);
    const slice = index === -1 ? undefined : left.splice(index, 1)[0];
    if (slice === undefined) plan.create.push(content);
    else if (buildCanonicalJson(slice.endpoints ?? []) !== buildCanonicalJson(content.endpoints)) {
      plan.update.push({ slice, content });
    }
  }
  plan.remove.push(...left);
  return plan;
}

function buildEndpoint(service: Service, pod: Pod, ip: string): EndpointSlice['endpoints'][number] {
  const isTerminating = pod.metadata.deletionTimestamp !== undefined;
  const isServing = isPodReady(pod);
  const publishes = service.spec['publishNotReadyAddresses'] === true;
  const { name, namespace, uid } = pod.metadata;
  return {
    addresses: [ip],
    conditions: {
      ready: publishes || (isServing && !isTerminating),
      serving: isServing,
      terminating: isTerminating,
    },
    ...(pod.spec.nodeName !== undefined && { nodeName: pod.spec.nodeName }),
    targetRef: {
      kind: 'Pod',
      name,
      ...(namespace !== undefined && { namespace }),
      ...(uid !== undefined && { uid }),
    },
  };
}

/** `undefined` when the pod has ended, has no address yet, or lacks a named port. */
function addressOf(
  pod: Pod,
  servicePorts: readonly ServicePort[],
): { ip: string; ports: SliceContent['ports'] } | undefined {
  const phase = pod.status?.phase;
  const ip = pod.status?.podIP;
  if (ip === undefined || phase === 'Succeeded' || phase === 'Failed') return undefined;
  const ports: SliceContent['ports'] = [];
  for (const one of servicePorts) {
    const port = targetPortOf(pod, one);
    if (port === undefined) continue;
    // The API server makes a missing name empty: written here, so that what is wanted equals what is found.
    ports.push({ name: one.name ?? '', port, protocol: one.protocol ?? 'TCP' });
  }
  return ports.length === 0 && servicePorts.length > 0 ? undefined : { ip, ports };
}

/** The number a client must dial: the hostPort where the pod shares its node's address. */
function targetPortOf(
  pod: Pod,
  { targetPort, port, protocol = 'TCP' }: ServicePort,
): number | undefined {
  const wanted = targetPort ?? port;
  const all = pod.spec.containers.flatMap((one) => one.ports ?? []);
  const found = all.find(
    (one) =>
      (one.protocol ?? 'TCP') === protocol &&
      (typeof wanted === 'number' ? one.containerPort === wanted : one.name === wanted),
  );
  if (found !== undefined) return found.hostPort ?? found.containerPort;
  return typeof wanted === 'number' ? wanted : undefined;
}
