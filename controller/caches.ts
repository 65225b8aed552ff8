// What the controller knows of the cluster: one informer per kind, each object cut down to what is used.

import { derivePoolable } from '../api/derive-poolable.ts';
import type { RouseFunction } from '../api/function.ts';
import type {
  ConfigMap,
  Deployment,
  EndpointSlice,
  KubeObject,
  Pod,
  PodSpec,
  PodTemplateObject,
  ReplicaSet,
  Resource,
  Service,
} from '../api/kubernetes.ts';
import { annotations, labels, managedByRouse, system } from '../api/names.ts';
import {
  configMaps,
  deployments,
  endpointSlices,
  functions,
  pods,
  podTemplates,
  replicaSets,
  revisions,
  services,
} from '../api/resources.ts';
import type { Revision } from '../api/revision.ts';
import type { KubeClient } from '../platform/kube/client.ts';
import { Informer } from '../platform/kube/informer.ts';
import type { Log } from '../platform/process/log.ts';
import { serviceNameLabel } from './function/build-service.ts';
import { digestFiles } from './function/digest-template.ts';

/** A Function whose inline code was replaced by its digest. */
export interface CachedFunction extends RouseFunction {
  readonly inlineDigest?: string;
}

/** A ConfigMap whose content was replaced by its digest. */
export interface CachedConfigMap extends KubeObject {
  readonly codeDigest: string;
  readonly binaryKeys: readonly string[];
}

export interface Caches {
  readonly functions: Informer<CachedFunction>;
  /** Without files. */
  readonly revisions: Informer<Revision>;
  /** Of Revisions. Of pod templates only the gates, of the conditions only ReplicaFailure. */
  readonly deployments: Informer<Deployment>;
  /** Of Revisions; without pod templates. */
  readonly replicaSets: Informer<ReplicaSet>;
  /** Of warm pools; without what they are templates of. */
  readonly poolTemplates: Informer<PodTemplateObject>;
  readonly services: Informer<Service>;
  readonly slices: Informer<EndpointSlice>;
  readonly activators: Informer<EndpointSlice>;
  readonly configMaps: Informer<CachedConfigMap>;
  readonly pods: Informer<Pod>;
}

/** Inline code has one file; the runtime tells by its syntax whether it is a module or CommonJS. */
export const inlineFileName = 'index.js';

/** Names of the indexes. Keys of objects are `namespace/name`. */
export const indexes = {
  /** On Revisions, Deployments, slices and pods: by the key of the Function. */
  function: 'function',
  /** On Functions: by the key of the ConfigMap that holds their code. */
  configMap: 'configMap',
  /** On Functions: all that want pods when nobody calls, under `kept`. */
  kept: 'kept',
  /** On Deployments: all that want pods, under `awake`. */
  awake: 'awake',
  /** On pods and ReplicaSets: by the key of their Revision. */
  revision: 'revision',
  /** On pods: by the key of the Revision they prove. */
  proof: 'proof',
  /** On Functions: by namespace/runtime of the pool that may serve them. */
  poolable: 'poolable',
  /** On pods: by namespace/runtime of the pool that they count as. */
  pool: 'pool',
  /** On pods: all that count as a pool's, under `parked`. */
  parked: 'parked',
} as const;

export function createCaches(options: {
  readonly client: KubeClient;
  readonly log: Log;
  readonly systemNamespace: string;
  /** All namespaces when left out. */
  readonly namespaceWatched?: string | undefined;
}): Caches {
  const { client, log, systemNamespace } = options;
  const watched = { client, log, namespace: options.namespaceWatched };
  const made = `${labels.managedBy}=${managedByRouse}`;
  const ours = `${made},${labels.function}`;
  const caches: Caches = {
    functions: new Informer<CachedFunction>({
      ...watched,
      resource: functions as Resource<CachedFunction>,
      transform: cutFunction,
    }),
    revisions: new Informer({ ...watched, resource: revisions, transform: cutRevision }),
    deployments: new Informer({
      ...{ ...watched, resource: deployments, labelSelector: made },
      transform: cutDeployment,
    }),
    replicaSets: new Informer({
      ...{ ...watched, resource: replicaSets, labelSelector: `${made},${labels.revision}` },
      transform: cutReplicaSet,
    }),
    poolTemplates: new Informer({
      ...{ ...watched, resource: podTemplates, labelSelector: `${made},${labels.pool}` },
      transform: (one) => ({ ...cutMetadata(one), template: { spec: { containers: [] } } }),
    }),
    services: new Informer({
      ...{ ...watched, resource: services, labelSelector: ours },
      transform: cutMetadata,
    }),
    slices: new Informer({
      ...{ ...watched, resource: endpointSlices, labelSelector: ours },
      transform: cutMetadata,
    }),
    activators: new Informer({
      ...{ client, log, resource: endpointSlices, namespace: systemNamespace },
      labelSelector: `${serviceNameLabel}=${system.activatorService}`,
      transform: cutMetadata,
    }),
    configMaps: new Informer<CachedConfigMap>({
      ...{ ...watched, resource: configMaps as unknown as Resource<CachedConfigMap> },
      transform: (object) => cutConfigMap(object as unknown as ConfigMap),
    }),
    pods: new Informer({
      // Revisions', proofs' and parked ones in one cache: an adoption must not look like the end of one and a new one.
      ...{ ...watched, resource: pods, labelSelector: made },
      transform: cutPod,
    }),
  };
  addIndexes(caches);
  return caches;
}

/** Resolves when every cache has been filled once. */
export async function startCaches(caches: Caches, signal: AbortSignal): Promise<void> {
  const all = Object.values(caches) as Informer<KubeObject>[];
  for (const one of all) one.start(signal);
  await Promise.all(all.map((one) => one.synced));
}

function addIndexes(caches: Caches): void {
  const byFunction = (object: KubeObject): string[] => labelKey(object, labels.function);
  caches.revisions.addIndex(indexes.function, (one) => [
    `${one.metadata.namespace}/${one.spec.functionName}`,
  ]);
  caches.deployments.addIndex(indexes.function, byFunction);
  caches.slices.addIndex(indexes.function, byFunction);
  caches.pods.addIndex(indexes.function, byFunction);
  caches.functions.addIndex(indexes.configMap, (one) => {
    const name = one.spec.source?.configMap?.name;
    return name === undefined ? [] : [`${one.metadata.namespace}/${name}`];
  });
  caches.functions.addIndex(indexes.kept, (one) =>
    one.spec.scaling.minReplicas > 0 ? [indexes.kept] : [],
  );
  caches.deployments.addIndex(indexes.awake, (one) =>
    (one.spec.replicas ?? 0) > 0 ? [indexes.awake] : [],
  );
  caches.replicaSets.addIndex(indexes.revision, (one) => labelKey(one, labels.revision));
  caches.pods.addIndex(indexes.pool, (one) => labelKey(one, labels.pool));
  caches.pods.addIndex(indexes.parked, (one) =>
    one.metadata.labels?.[labels.pool] === undefined ? [] : [indexes.parked],
  );
  caches.functions.addIndex(indexes.poolable, poolKeysOf);
  caches.pods.addIndex(indexes.revision, (one) => labelKey(one, labels.revision));
  caches.pods.addIndex(indexes.proof, (one) => labelKey(one, labels.proof));
}

/** Of the pool that may serve it, or none. */
export function poolKeysOf({ metadata, spec }: CachedFunction): string[] {
  if (metadata.deletionTimestamp !== undefined || !derivePoolable(spec).isPoolable) return [];
  return [`${metadata.namespace}/${spec.runtime}`];
}

function labelKey(object: KubeObject, label: string): string[] {
  const value = object.metadata.labels?.[label];
  return value === undefined ? [] : [`${object.metadata.namespace}/${value}`];
}

function cutMetadata<T extends KubeObject>(object: T): T {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function cutFunction(object: CachedFunction): CachedFunction {
  const { source } = object.spec;
  const cut = cutMetadata(object);
  delete cut.metadata.annotations;
  if (source?.inline === undefined) return cut;
  const inlineDigest = digestFiles({ [inlineFileName]: source.inline });
  return { ...cut, spec: { ...object.spec, source: {} }, inlineDigest };
}

function cutRevision(object: Revision): Revision {
  const { files: _, ...spec } = object.spec;
  return { ...cutMetadata(object), spec };
}

function cutDeployment(object: Deployment): Deployment {
  const { selector, replicas, template } = object.spec;
  const { readyReplicas, conditions } = object.status ?? {};
  const failures = conditions?.filter((one) => one.type === 'ReplicaFailure') ?? [];
  return {
    ...cutMetadata(object),
    spec: {
      selector,
      ...(replicas !== undefined && { replicas }),
      template: { spec: { containers: [], ...cutGates(template.spec) } },
    },
    status: {
      ...(readyReplicas !== undefined && { readyReplicas }),
      ...(failures.length > 0 && { conditions: failures }),
    },
  };
}

function cutReplicaSet(object: ReplicaSet): ReplicaSet {
  const { selector, replicas } = object.spec;
  return {
    ...cutMetadata(object),
    spec: {
      selector,
      ...(replicas !== undefined && { replicas }),
      template: { spec: { containers: [] } },
    },
  };
}

function cutConfigMap(object: ConfigMap): CachedConfigMap {
  const { apiVersion, kind, data = {}, binaryData = {} } = object;
  const { name, namespace, uid, resourceVersion } = object.metadata;
  return {
    ...{ apiVersion, kind },
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      ...(uid !== undefined && { uid }),
      ...(resourceVersion !== undefined && { resourceVersion }),
    },
    codeDigest: digestFiles(data),
    binaryKeys: Object.keys(binaryData),
  };
}

function cutPod(object: Pod): Pod {
  const { labels: own, annotations: notes } = object.metadata;
  // Only those that a resize may be due for.
  const isPooled = own?.[labels.pool] !== undefined || notes?.[annotations.adopted] !== undefined;
  const containers = object.spec.containers.map(({ name, ports, resources }) => ({
    name,
    ...(ports && { ports }),
    ...(isPooled && resources && { resources }),
  }));
  const { nodeName } = object.spec;
  return {
    ...cutMetadata(object),
    spec: { containers, ...(nodeName !== undefined && { nodeName }), ...cutGates(object.spec) },
  };
}

function cutGates({ schedulingGates: gates = [] }: PodSpec): Pick<PodSpec, 'schedulingGates'> {
  return gates.length === 0 ? {} : { schedulingGates: gates };
}
