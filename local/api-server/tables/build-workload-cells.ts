// Which columns kubectl shows for workloads, and what stands in them.

import type {
  Condition,
  Deployment,
  KubeObject,
  LabelSelector,
  PodTemplate,
  PodTemplateObject,
  ReplicaSet,
} from '../../../api/kubernetes.ts';
import { buildAge, humanDuration } from './build-age.ts';
import type { KindTable } from './build-kind-cells.ts';
import { buildLabelText, buildSelectorText } from './build-label-text.ts';

const age = (object: KubeObject, nowMs: number): string =>
  buildAge(object.metadata.creationTimestamp, nowMs);

const pod = ['+Containers', '+Images', '+Selector'] as const;

function podCells(template: PodTemplate | undefined): [string, string] {
  const containers = template?.spec.containers ?? [];
  return [
    containers.map(({ name }) => name).join(','),
    containers.map(({ image = '' }) => image).join(','),
  ];
}

/** A selector that is absent shows as <none>. */
const selectorCell = (selector: LabelSelector | undefined): string =>
  selector === undefined ? '<none>' : buildSelectorText(selector) || '<none>';

const deployments: KindTable<Deployment> = {
  columns: ['Name', 'Ready', 'Up-to-date', 'Available', 'Age', ...pod],
  cells: (one, nowMs) => [
    one.metadata.name,
    `${one.status?.readyReplicas ?? 0}/${one.spec.replicas ?? 1}`,
    one.status?.updatedReplicas ?? 0,
    one.status?.availableReplicas ?? 0,
    age(one, nowMs),
    ...podCells(one.spec.template),
    buildSelectorText(one.spec.selector),
  ],
};

const replicaSets: KindTable<ReplicaSet> = {
  columns: ['Name', 'Desired:integer', 'Current:integer', 'Ready:integer', 'Age', ...pod],
  cells: (one, nowMs) => [
    one.metadata.name,
    one.spec.replicas ?? 1,
    one.status?.replicas ?? 0,
    one.status?.readyReplicas ?? 0,
    age(one, nowMs),
    ...podCells(one.spec.template),
    selectorCell(one.spec.selector),
  ],
};

const podTemplates: KindTable<PodTemplateObject> = {
  columns: ['Name', 'Containers', 'Images', 'Pod Labels'],
  cells: (one) => [
    one.metadata.name,
    ...podCells(one.template),
    buildLabelText(one.template.metadata?.labels),
  ],
};

/** What a ReplicationController has instead of a label selector. */
interface ReplicationController extends KubeObject {
  spec: { replicas?: number; selector?: Record<string, string>; template?: PodTemplate };
  status?: { replicas?: number; readyReplicas?: number };
}

const replicationControllers: KindTable<ReplicationController> = {
  columns: replicaSets.columns,
  cells: (one, nowMs) => [
    one.metadata.name,
    one.spec.replicas ?? 1,
    one.status?.replicas ?? 0,
    one.status?.readyReplicas ?? 0,
    age(one, nowMs),
    ...podCells(one.spec.template),
    buildLabelText(one.spec.selector),
  ],
};

const statefulSets: KindTable<ReplicaSet> = {
  columns: ['Name', 'Ready', 'Age', '+Containers', '+Images'],
  cells: (one, nowMs) => [
    one.metadata.name,
    `${one.status?.readyReplicas ?? 0}/${one.spec.replicas ?? 1}`,
    age(one, nowMs),
    ...podCells(one.spec.template),
  ],
};

interface DaemonSet extends KubeObject {
  spec: { selector?: LabelSelector; template: PodTemplate };
  status?: Record<string, number>;
}

const daemonSets: KindTable<DaemonSet> = {
  columns: [
    'Name',
    'Desired:integer',
    'Current:integer',
    'Ready:integer',
    'Up-to-date:integer',
    'Available:integer',
    'Node Selector',
    'Age',
    ...pod,
  ],
  cells: (one, nowMs) => [
    one.metadata.name,
    one.status?.['desiredNumberScheduled'] ?? 0,
    one.status?.['currentNumberScheduled'] ?? 0,
    one.status?.['numberReady'] ?? 0,
    one.status?.['updatedNumberScheduled'] ?? 0,
    one.status?.['numberAvailable'] ?? 0,
    buildLabelText(one.spec.template.spec.nodeSelector),
    age(one, nowMs),
    ...podCells(one.spec.template),
    selectorCell(one.spec.selector),
  ],
};

interface Job extends KubeObject {
  spec: {
    completions?: number;
    parallelism?: number;
    selector?: LabelSelector;
    template: PodTemplate;
  };
  status?: {
    conditions?: Condition[];
    succeeded?: number;
    startTime?: string;
    completionTime?: string;
  };
}

const jobs: KindTable<Job> = {
  columns: ['Name', 'Status', 'Completions', 'Duration', 'Age', ...pod],
  cells: (job, nowMs) => [
    job.metadata.name,
    jobStatus(job),
    jobCompletions(job),
    jobDuration(job, nowMs),
    age(job, nowMs),
    ...podCells(job.spec.template),
    selectorCell(job.spec.selector),
  ],
};

function jobStatus(job: Job): string {
  const has = (type: string): boolean =>
    (job.status?.conditions ?? []).some((one) => one.type === type && one.status === 'True');
  if (has('Complete')) return 'Complete';
  if (has('Failed')) return 'Failed';
  if (job.metadata.deletionTimestamp !== undefined) return 'Terminating';
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(has) ?? 'Running';
}

function jobCompletions(job: Job): string {
  const succeeded = job.status?.succeeded ?? 0;
  const { completions, parallelism = 0 } = job.spec;
  if (completions !== undefined) return `${succeeded}/${completions}`;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function jobDuration(job: Job, nowMs: number): string {
  const { startTime, completionTime } = job.status ?? {};
  if (startTime === undefined) return '';
  const end = completionTime === undefined ? nowMs : Date.parse(completionTime);
  return humanDuration(end - Date.parse(startTime));
}

interface CronJob extends KubeObject {
  spec: {
    schedule: string;
    timeZone?: string;
    suspend?: boolean;
    jobTemplate: { spec: Job['spec'] };
  };
  status?: { active?: unknown[]; lastScheduleTime?: string };
}

const cronJobs: KindTable<CronJob> = {
  columns: [
    'Name',
    'Schedule',
    'Timezone',
    'Suspend:boolean',
    'Active:integer',
    'Last Schedule',
    'Age',
    ...pod,
  ],
  cells: (one, nowMs) => [
    one.metadata.name,
    one.spec.schedule,
    one.spec.timeZone ?? '<none>',
    one.spec.suspend === undefined ? '<unset>' : one.spec.suspend ? 'True' : 'False',
    one.status?.active?.length ?? 0,
    one.status?.lastScheduleTime === undefined
      ? '<none>'
      : buildAge(one.status.lastScheduleTime, nowMs),
    age(one, nowMs),
    ...podCells(one.spec.jobTemplate.spec.template),
    selectorCell(one.spec.jobTemplate.spec.selector),
  ],
};

interface RoleBinding extends KubeObject {
  roleRef?: { kind?: string; name?: string };
  subjects?: { kind: string; name: string; namespace?: string }[];
}

const roleBindings: KindTable<RoleBinding> = {
  columns: ['Name', 'Role', 'Age', '+Users', '+Groups', '+ServiceAccounts'],
  cells: (one, nowMs) => {
    const named = (kind: string): string =>
      (one.subjects ?? [])
        .filter((subject) => subject.kind === kind)
        .map(({ name, namespace }) => (kind === 'ServiceAccount' ? `${namespace}/${name}` : name))
        .join(', ');
    return [
      one.metadata.name,
      `${one.roleRef?.kind}/${one.roleRef?.name}`,
      age(one, nowMs),
      named('User'),
      named('Group'),
      named('ServiceAccount'),
    ];
  },
};

/** By group and plural. */
export const workloadTables: Readonly<Record<string, KindTable>> = {
  'apps/deployments': deployments,
  'apps/replicasets': replicaSets,
  'apps/statefulsets': statefulSets,
  'apps/daemonsets': daemonSets,
  '/podtemplates': podTemplates,
  '/replicationcontrollers': replicationControllers,
  'batch/jobs': jobs,
  'batch/cronjobs': cronJobs,
  'rbac.authorization.k8s.io/rolebindings': roleBindings,
  'rbac.authorization.k8s.io/clusterrolebindings': roleBindings,
};
