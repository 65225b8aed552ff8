// Which columns kubectl shows for policies, claims and the like, and for kinds that have no columns of their own.

import type { KubeObject, LabelSelector } from '../../../api/kubernetes.ts';
import { buildAge } from './build-age.ts';
import { autoscalers } from './build-autoscaler-cells.ts';
import type { KindTable } from './build-kind-cells.ts';
import { buildSelectorText } from './build-label-text.ts';

const age = (object: KubeObject, nowMs: number): string =>
  buildAge(object.metadata.creationTimestamp, nowMs);

/** Roles, limit ranges, CRDs: a name and a date. */
export const plainTable: KindTable<KubeObject> = {
  columns: ['Name', 'Created At:date'],
  cells: (one) => [one.metadata.name, one.metadata.creationTimestamp ?? ''],
};

interface NetworkPolicy extends KubeObject {
  spec?: { podSelector?: LabelSelector };
}

const networkPolicies: KindTable<NetworkPolicy> = {
  columns: ['Name', 'Pod-Selector', 'Age'],
  cells: (one, nowMs) => [
    one.metadata.name,
    buildSelectorText(one.spec?.podSelector) || '<none>',
    age(one, nowMs),
  ],
};

interface Ingress extends KubeObject {
  spec?: { ingressClassName?: string; rules?: { host?: string }[]; tls?: unknown[] };
  status?: { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } };
}

const ingresses: KindTable<Ingress> = {
  columns: ['Name', 'Class', 'Hosts', 'Address', 'Ports', 'Age'],
  cells: (one, nowMs) => {
    const hosts = (one.spec?.rules ?? []).map(({ host }) => host || '*');
    const addresses = one.status?.loadBalancer?.ingress ?? [];
    return [
      one.metadata.name,
      one.spec?.ingressClassName ?? '<none>',
      hosts.length === 0 ? '*' : hosts.join(','),
      addresses.map(({ ip, hostname }) => ip ?? hostname ?? '').join(','),
      (one.spec?.tls ?? []).length > 0 ? '80, 443' : '80',
      age(one, nowMs),
    ];
  },
};

interface DisruptionBudget extends KubeObject {
  spec?: { minAvailable?: number | string; maxUnavailable?: number | string };
  status?: { disruptionsAllowed?: number };
}

const disruptionBudgets: KindTable<DisruptionBudget> = {
  columns: ['Name', 'Min Available', 'Max Unavailable', 'Allowed Disruptions:integer', 'Age'],
  cells: (one, nowMs) => [
    one.metadata.name,
    String(one.spec?.minAvailable ?? 'N/A'),
    String(one.spec?.maxUnavailable ?? 'N/A'),
    one.status?.disruptionsAllowed ?? 0,
    age(one, nowMs),
  ],
};

interface ControllerRevision extends KubeObject {
  revision?: number;
}

const controllerRevisions: KindTable<ControllerRevision> = {
  columns: ['Name', 'Controller', 'Revision', 'Age'],
  cells: (one, nowMs) => {
    const owner = one.metadata.ownerReferences?.find(({ controller }) => controller === true);
    const group = owner?.apiVersion.split('/').slice(0, -1).join('') ?? '';
    const kind = `${owner?.kind.toLowerCase()}${group === '' ? '' : `.${group}`}`;
    return [
      one.metadata.name,
      owner === undefined ? '<none>' : `${kind}/${owner.name}`,
      one.revision ?? 0,
      age(one, nowMs),
    ];
  },
};

interface Claim extends KubeObject {
  spec?: { volumeName?: string; storageClassName?: string; volumeMode?: string };
  status?: { phase?: string; capacity?: Record<string, string>; accessModes?: string[] };
}

const modeNames: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

const claims: KindTable<Claim> = {
  columns: [
    'Name',
    'Status',
    'Volume',
    'Capacity',
    'Access Modes',
    'StorageClass',
    'VolumeAttributesClass',
    'Age',
    '+VolumeMode',
  ],
  cells: (one, nowMs) => [
    one.metadata.name,
    one.metadata.deletionTimestamp === undefined ? (one.status?.phase ?? '') : 'Terminating',
    ...volumeCells(one),
    one.spec?.storageClassName ?? '',
    '<unset>',
    age(one, nowMs),
    one.spec?.volumeMode ?? '<unset>',
  ],
};

/** Size and access modes are known once a volume is bound. */
function volumeCells({ spec, status }: Claim): [string, string, string] {
  const volume = spec?.volumeName ?? '';
  if (volume === '') return ['', '', ''];
  const modes = (status?.accessModes ?? []).map((mode) => modeNames[mode] ?? mode);
  return [volume, status?.capacity?.['storage'] ?? '', modes.join(',')];
}

/** By group and plural. */
export const otherTables: Readonly<Record<string, KindTable>> = {
  'networking.k8s.io/networkpolicies': networkPolicies,
  'networking.k8s.io/ingresses': ingresses,
  'policy/poddisruptionbudgets': disruptionBudgets,
  'apps/controllerrevisions': controllerRevisions,
  '/persistentvolumeclaims': claims,
  'autoscaling/horizontalpodautoscalers': autoscalers,
};
