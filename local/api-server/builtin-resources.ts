// The collections every cluster has, as one table.

import type { ResourceInfo, Subresource } from './resource-info.ts';
import { autoscalerView } from './views/build-autoscaler.ts';
import { eventView } from './views/build-event.ts';
import type { ResourceView } from './views/resource-view.ts';

const everyVerb = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
] as const;

interface Extras {
  short?: string[];
  subresources?: Subresource[];
  /** Kept unless false. */
  generation?: boolean;
  isInAll?: boolean;
  isClusterWide?: boolean;
  verbs?: string[];
  singular?: string;
  view?: { typeName: string; view: ResourceView };
}

function resource(gv: string, plural: string, kind: string, extras: Extras = {}): ResourceInfo {
  const slash = gv.indexOf('/');
  return {
    group: slash < 0 ? '' : gv.slice(0, slash),
    version: gv.slice(slash + 1),
    plural,
    singular: extras.singular ?? kind.toLowerCase(),
    kind,
    listKind: `${kind}List`,
    shortNames: extras.short ?? [],
    categories: extras.isInAll === true ? ['all'] : [],
    namespaced: extras.isClusterWide !== true,
    subresources: extras.subresources ?? [],
    verbs: extras.verbs ?? everyVerb,
    hasGeneration: extras.generation ?? false,
    isCustom: false,
    ...extras.view,
  };
}

/** Objects that are only ever posted and answered, never kept. */
const review = { isClusterWide: true, verbs: ['create'] };
const workload = { generation: true, isInAll: true } as const;

export const builtinResources: readonly ResourceInfo[] = [
  resource('v1', 'namespaces', 'Namespace', {
    short: ['ns'],
    subresources: ['status', 'finalize'],
    isClusterWide: true,
    verbs: everyVerb.filter((one) => one !== 'deletecollection'),
  }),
  resource('v1', 'nodes', 'Node', {
    short: ['no'],
    subresources: ['status'],
    isClusterWide: true,
  }),
  resource('v1', 'pods', 'Pod', {
    short: ['po'],
    subresources: ['status', 'log', 'resize', 'eviction', 'binding'],
    ...workload,
  }),
  resource('v1', 'services', 'Service', {
    short: ['svc'],
    subresources: ['status'],
    isInAll: true,
  }),
  resource('v1', 'configmaps', 'ConfigMap', { short: ['cm'] }),
  resource('v1', 'secrets', 'Secret'),
  resource('v1', 'events', 'Event', { short: ['ev'] }),
  resource('v1', 'endpoints', 'Endpoints', { short: ['ep'] }),
  resource('v1', 'serviceaccounts', 'ServiceAccount', { short: ['sa'], subresources: ['token'] }),
  resource('v1', 'persistentvolumeclaims', 'PersistentVolumeClaim', {
    short: ['pvc'],
    subresources: ['status'],
  }),
  resource('v1', 'podtemplates', 'PodTemplate'),
  resource('v1', 'resourcequotas', 'ResourceQuota', {
    short: ['quota'],
    subresources: ['status'],
  }),
  resource('v1', 'limitranges', 'LimitRange', { short: ['limits'] }),
  resource('v1', 'replicationcontrollers', 'ReplicationController', {
    short: ['rc'],
    subresources: ['status', 'scale'],
    ...workload,
  }),
  resource('apps/v1', 'deployments', 'Deployment', {
    short: ['deploy'],
    subresources: ['status', 'scale'],
    ...workload,
  }),
  resource('apps/v1', 'replicasets', 'ReplicaSet', {
    short: ['rs'],
    subresources: ['status', 'scale'],
    ...workload,
  }),
  resource('apps/v1', 'statefulsets', 'StatefulSet', {
    short: ['sts'],
    subresources: ['status', 'scale'],
    ...workload,
  }),
  resource('apps/v1', 'daemonsets', 'DaemonSet', {
    short: ['ds'],
    subresources: ['status'],
    ...workload,
  }),
  resource('apps/v1', 'controllerrevisions', 'ControllerRevision'),
  resource('batch/v1', 'jobs', 'Job', { subresources: ['status'], ...workload }),
  resource('batch/v1', 'cronjobs', 'CronJob', {
    short: ['cj'],
    subresources: ['status'],
    ...workload,
  }),
  resource('autoscaling/v2', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler', {
    short: ['hpa'],
    subresources: ['status'],
    isInAll: true,
  }),
  resource('autoscaling/v1', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler', {
    short: ['hpa'],
    subresources: ['status'],
    isInAll: true,
    view: { typeName: 'HorizontalPodAutoscaler_v1', view: autoscalerView },
  }),
  resource('events.k8s.io/v1', 'events', 'Event', {
    short: ['ev'],
    view: { typeName: 'Event_v1', view: eventView },
  }),
  resource('discovery.k8s.io/v1', 'endpointslices', 'EndpointSlice', { generation: true }),
  resource('coordination.k8s.io/v1', 'leases', 'Lease'),
  resource('policy/v1', 'poddisruptionbudgets', 'PodDisruptionBudget', {
    short: ['pdb'],
    subresources: ['status'],
    generation: true,
  }),
  resource('networking.k8s.io/v1', 'ingresses', 'Ingress', {
    short: ['ing'],
    subresources: ['status'],
    generation: true,
  }),
  resource('networking.k8s.io/v1', 'networkpolicies', 'NetworkPolicy', {
    short: ['netpol'],
    generation: true,
  }),
  resource('rbac.authorization.k8s.io/v1', 'roles', 'Role'),
  resource('rbac.authorization.k8s.io/v1', 'rolebindings', 'RoleBinding'),
  resource('rbac.authorization.k8s.io/v1', 'clusterroles', 'ClusterRole', {
    isClusterWide: true,
  }),
  resource('rbac.authorization.k8s.io/v1', 'clusterrolebindings', 'ClusterRoleBinding', {
    isClusterWide: true,
  }),
  resource('apiextensions.k8s.io/v1', 'customresourcedefinitions', 'CustomResourceDefinition', {
    short: ['crd', 'crds'],
    subresources: ['status'],
    generation: true,
    isClusterWide: true,
  }),
  resource('authentication.k8s.io/v1', 'tokenreviews', 'TokenReview', review),
  resource('authentication.k8s.io/v1', 'selfsubjectreviews', 'SelfSubjectReview', review),
  resource('authorization.k8s.io/v1', 'subjectaccessreviews', 'SubjectAccessReview', review),
  resource(
    'authorization.k8s.io/v1',
    'selfsubjectaccessreviews',
    'SelfSubjectAccessReview',
    review,
  ),
  resource('authorization.k8s.io/v1', 'selfsubjectrulesreviews', 'SelfSubjectRulesReview', review),
  resource('authorization.k8s.io/v1', 'localsubjectaccessreviews', 'LocalSubjectAccessReview', {
    verbs: ['create'],
  }),
];
