// Which columns kubectl shows for the core kinds, and what stands in them.

import type {
  ConfigMap,
  EndpointSlice,
  KubeEvent,
  KubeObject,
  Lease,
  Pod,
  Secret,
  Service,
} from '../../../api/kubernetes.ts';
import { buildAge } from './build-age.ts';
import { buildLabelText } from './build-label-text.ts';
import { buildPodCells, buildPodRowConditions } from './build-pod-cells.ts';

/** Columns are strings unless `:integer` or so says more; those that only `-o wide` shows begin with `+`. */
export interface KindTable<T = never> {
  readonly columns: readonly string[];
  readonly cells: (object: T, nowMs: number) => unknown[];
  readonly conditions?: (object: T) => object[] | undefined;
}

const age = (object: KubeObject, nowMs: number): string =>
  buildAge(object.metadata.creationTimestamp, nowMs);

const pods: KindTable<Pod> = {
  columns: [
    'Name',
    'Ready',
    'Status',
    'Restarts',
    'Age',
    '+IP',
    '+Node',
    '+Nominated Node',
    '+Readiness Gates',
  ],
  cells: buildPodCells,
  conditions: buildPodRowConditions,
};

const services: KindTable<Service> = {
  columns: ['Name', 'Type', 'Cluster-IP', 'External-IP', 'Port(s)', 'Age', '+Selector'],
  cells: (service, nowMs) => [
    service.metadata.name,
    service.spec.type ?? 'ClusterIP',
    service.spec.clusterIPs?.[0] ?? service.spec.clusterIP ?? '<none>',
    externalAddress(service),
    portText(service),
    age(service, nowMs),
    buildLabelText(service.spec.selector),
  ],
};

function externalAddress(service: Service): string {
  const ips = (service.spec['externalIPs'] ?? []) as string[];
  switch (service.spec.type) {
    case 'LoadBalancer': {
      const all = [...loadBalancerAddresses(service), ...ips];
      return all.length === 0 ? '<pending>' : all.join(',');
    }
    case 'ExternalName':
      return (service.spec['externalName'] ?? '') as string;
    default:
      return ips.length === 0 ? '<none>' : ips.join(',');
  }
}

function loadBalancerAddresses(service: Service): string[] {
  const { status } = service as Service & {
    status?: { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } };
  };
  return (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip ?? hostname ?? '');
}

function portText(service: Service): string {
  const ports = (service.spec.ports ?? []) as {
    port: number;
    nodePort?: number;
    protocol?: string;
  }[];
  const texts = ports.map(({ port, nodePort = 0, protocol = 'TCP' }) =>
    nodePort > 0 ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`,
  );
  return texts.length === 0 ? '<none>' : texts.join(',');
}

const namespaces: KindTable<KubeObject & { status?: { phase?: string } }> = {
  columns: ['Name', 'Status', 'Age'],
  cells: (one, nowMs) => [one.metadata.name, one.status?.phase ?? '', age(one, nowMs)],
};

const configMaps: KindTable<ConfigMap> = {
  columns: ['Name', 'Data', 'Age'],
  cells: (one, nowMs) => [
    one.metadata.name,
    Object.keys(one.data ?? {}).length + Object.keys(one.binaryData ?? {}).length,
    age(one, nowMs),
  ],
};

const secrets: KindTable<Secret> = {
  columns: ['Name', 'Type', 'Data', 'Age'],
  cells: (one, nowMs) => [
    one.metadata.name,
    one.type ?? '',
    Object.keys(one.data ?? {}).length,
    age(one, nowMs),
  ],
};

const serviceAccounts: KindTable<KubeObject> = {
  columns: ['Name', 'Age'],
  cells: (one, nowMs) => [one.metadata.name, age(one, nowMs)],
};

const leases: KindTable<Lease> = {
  columns: ['Name', 'Holder', 'Age'],
  cells: (one, nowMs) => [one.metadata.name, one.spec.holderIdentity ?? '', age(one, nowMs)],
};

/** As many endpoints or ports are spelled out; the rest is only counted. */
const listedMax = 3;

function listWithMore(list: string[]): string {
  if (list.length === 0) return '<unset>';
  const shown = list.slice(0, listedMax).join(',');
  return list.length > listedMax ? `${shown} + ${list.length - listedMax} more...` : shown;
}

const endpointSlices: KindTable<EndpointSlice> = {
  columns: ['Name', 'AddressType', 'Ports', 'Endpoints', 'Age'],
  cells: (one, nowMs) => [
    one.metadata.name,
    one.addressType,
    listWithMore((one.ports ?? []).map(({ port, name }) => String(port ?? name ?? '*'))),
    listWithMore((one.endpoints ?? []).flatMap(({ addresses }) => addresses ?? [])),
    age(one, nowMs),
  ],
};

interface Endpoints extends KubeObject {
  subsets?: { addresses?: { ip: string }[]; ports?: { port: number }[] }[];
}

const endpoints: KindTable<Endpoints> = {
  columns: ['Name', 'Endpoints', 'Age'],
  cells: (one, nowMs) => {
    const list = (one.subsets ?? []).flatMap(({ addresses = [], ports = [] }) =>
      ports.length === 0
        ? addresses.map(({ ip }) => ip)
        : ports.flatMap(({ port }) => addresses.map(({ ip }) => hostPort(ip, port))),
    );
    const text =
      (one.subsets ?? []).length === 0 ? '<none>' : list.length === 0 ? '' : listWithMore(list);
    return [one.metadata.name, text, age(one, nowMs)];
  },
};

const hostPort = (ip: string, port: number): string =>
  ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;

type Event = KubeEvent & { series?: { count?: number; lastObservedTime?: string } };

const events: KindTable<Event> = {
  columns: [
    'Last Seen',
    'Type',
    'Reason',
    'Object',
    '+Subobject',
    '+Source',
    'Message',
    '+First Seen',
    '+Count',
    '+Name',
  ],
  cells: (event, nowMs) => {
    const { series } = event;
    const first = buildAge(event.firstTimestamp || event.eventTime, nowMs);
    const last = event.lastTimestamp ? buildAge(event.lastTimestamp, nowMs) : first;
    return [
      series === undefined ? last : buildAge(series.lastObservedTime, nowMs),
      event.type ?? '',
      event.reason ?? '',
      eventTarget(event),
      event.involvedObject.fieldPath ?? '',
      eventSource(event),
      (event.message ?? '').trim(),
      first,
      series === undefined ? event.count || 1 : (series.count ?? 0),
      event.metadata.name,
    ];
  },
};

function eventTarget({ involvedObject: { kind = '', name } }: Event): string {
  return name ? `${kind.toLowerCase()}/${name}` : kind.toLowerCase();
}

function eventSource(event: Event): string {
  const component = event.source?.component || event.reportingComponent || '';
  const instance = event.source?.host || event.reportingInstance || '';
  return instance === '' ? component : `${component}, ${instance}`;
}

interface Node extends KubeObject {
  spec?: { unschedulable?: boolean };
  status?: {
    conditions?: { type: string; status: string }[];
    addresses?: { type: string; address: string }[];
    nodeInfo?: Record<string, string>;
  };
}

const nodes: KindTable<Node> = {
  columns: [
    'Name',
    'Status',
    'Roles',
    'Age',
    'Version',
    '+Internal-IP',
    '+External-IP',
    '+OS-Image',
    '+Kernel-Version',
    '+Container-Runtime',
  ],
  cells: (node, nowMs) => {
    const info = node.status?.nodeInfo ?? {};
    const address = (type: string): string =>
      node.status?.addresses?.find((one) => one.type === type)?.address ?? '<none>';
    const architecture = info['architecture'] ? ` (${info['architecture']})` : '';
    return [
      node.metadata.name,
      nodeStatus(node),
      nodeRoles(node),
      age(node, nowMs),
      info['kubeletVersion'] ?? '',
      address('InternalIP'),
      address('ExternalIP'),
      info['osImage'] || '<unknown>',
      (info['kernelVersion'] || '<unknown>') + architecture,
      info['containerRuntimeVersion'] || '<unknown>',
    ];
  },
};

function nodeStatus(node: Node): string {
  const ready = node.status?.conditions?.find((one) => one.type === 'Ready');
  const status = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return node.spec?.unschedulable === true ? `${status},SchedulingDisabled` : status;
}

function nodeRoles(node: Node): string {
  const prefix = 'node-role.kubernetes.io/';
  const roles = Object.entries(node.metadata.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith(prefix) && key.length > prefix.length) return [key.slice(prefix.length)];
    return key === 'kubernetes.io/role' && value !== '' ? [value] : [];
  });
  return roles.length === 0 ? '<none>' : roles.sort().join(',');
}

/** By group and plural. */
export const coreTables: Readonly<Record<string, KindTable>> = {
  '/pods': pods,
  '/services': services,
  '/namespaces': namespaces,
  '/configmaps': configMaps,
  '/secrets': secrets,
  '/serviceaccounts': serviceAccounts,
  '/endpoints': endpoints,
  '/events': events,
  '/nodes': nodes,
  'coordination.k8s.io/leases': leases,
  'discovery.k8s.io/endpointslices': endpointSlices,
};
