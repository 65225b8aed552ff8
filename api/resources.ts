// The collections of the Kubernetes API this project talks to.

import type {
  ConfigMap,
  Deployment,
  EndpointSlice,
  KubeEvent,
  KubeObject,
  Lease,
  Pod,
  PodTemplateObject,
  ReplicaSet,
  Resource,
  Secret,
  Service,
} from './kubernetes.ts';
import type { RouseFunction } from './function.ts';
import type { Revision } from './revision.ts';
import { apiGroup, apiVersion } from './names.ts';

const namespaced = <T extends KubeObject>(
  group: string,
  version: string,
  plural: string,
  kind: string,
): Resource<T> => ({ group, version, plural, kind, namespaced: true });

const clusterWide = <T extends KubeObject>(
  group: string,
  version: string,
  plural: string,
  kind: string,
): Resource<T> => ({ group, version, plural, kind, namespaced: false });

export const functions = namespaced<RouseFunction>(apiGroup, apiVersion, 'functions', 'Function');
export const revisions = namespaced<Revision>(apiGroup, apiVersion, 'revisions', 'Revision');

export const pods = namespaced<Pod>('', 'v1', 'pods', 'Pod');
export const podTemplates = namespaced<PodTemplateObject>('', 'v1', 'podtemplates', 'PodTemplate');
export const services = namespaced<Service>('', 'v1', 'services', 'Service');
export const configMaps = namespaced<ConfigMap>('', 'v1', 'configmaps', 'ConfigMap');
export const secrets = namespaced<Secret>('', 'v1', 'secrets', 'Secret');
export const events = namespaced<KubeEvent>('', 'v1', 'events', 'Event');
export const namespaces = clusterWide<KubeObject>('', 'v1', 'namespaces', 'Namespace');
export const deployments = namespaced<Deployment>('apps', 'v1', 'deployments', 'Deployment');
export const replicaSets = namespaced<ReplicaSet>('apps', 'v1', 'replicasets', 'ReplicaSet');
export const endpointSlices = namespaced<EndpointSlice>(
  'discovery.k8s.io',
  'v1',
  'endpointslices',
  'EndpointSlice',
);
export const leases = namespaced<Lease>('coordination.k8s.io', 'v1', 'leases', 'Lease');
export const customResourceDefinitions = clusterWide<KubeObject>(
  'apiextensions.k8s.io',
  'v1',
  'customresourcedefinitions',
  'CustomResourceDefinition',
);
