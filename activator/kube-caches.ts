// What the activator keeps of the cluster: one informer per kind, each object cut down to a view.

import type { RouseFunction } from '../api/function.ts';
import type {
  Deployment,
  EndpointSlice,
  KubeObject,
  ObjectMeta,
  Pod,
  Resource,
  Secret,
} from '../api/kubernetes.ts';
import { derivePoolable } from '../api/derive-poolable.ts';
import { labels, system } from '../api/names.ts';
import * as resources from '../api/resources.ts';
import type { Revision } from '../api/revision.ts';
import type { KubeClient } from '../platform/kube/client.ts';
import { Informer } from '../platform/kube/informer.ts';
import type { Log } from '../platform/process/log.ts';
import type { FunctionView, ScaleView } from './cluster.ts';
import { derivePodView, type PodView } from './derive-pod-view.ts';
import { derivePoolPodView, type PoolPodView } from './derive-pool-pod-view.ts';
import type { RevisionLimits } from './revision-state.ts';

/** An object of which only a view is kept. */
export interface Cached<View> extends KubeObject {
  readonly view: View;
}

export interface KubeCaches {
  readonly functions: Informer<Cached<FunctionView>>;
  /** Holds the name of the Function too, whose held requests a new Revision may set free. */
  readonly revisions: Informer<Cached<RevisionLimits & { readonly functionName: string }>>;
  readonly scales: Informer<Cached<ScaleView>>;
  readonly pods: Informer<Cached<PodView | undefined>>;
  /** Pods of the warm pool; left out without one. */
  readonly parked?: Informer<Cached<PoolPodView | undefined>>;
  readonly controllers: Informer<EndpointSlice>;
  readonly keys: Informer<Secret>;
}

export function createKubeCaches(options: {
  readonly client: KubeClient;
  readonly systemNamespace: string;
  /** All namespaces when left out. */
  readonly namespaceWatched?: string | undefined;
  /** In flight per pod where the Function sets no limit. */
  readonly podRequestsMax: number;
  /** Whether parked pods are followed and claimed. Default: no. */
  readonly hasPool?: boolean;
  /** Gets each Revision with its code, before the code is dropped. */
  readonly onRevision?: (revision: Revision) => void;
  readonly log: Log;
}): KubeCaches {
  const { client, log, systemNamespace: namespace, hasPool = false } = options;
  const watched = { client, log, namespace: options.namespaceWatched };
  return {
    functions: new Informer({
      ...watched,
      resource: resources.functions as unknown as Resource<Cached<FunctionView>>,
      transform: keepView((object) => viewFunction(object as unknown as RouseFunction)),
    }),
    revisions: new Informer({
      ...watched,
      resource: resources.revisions as unknown as Resource<
        Cached<RevisionLimits & { functionName: string }>
      >,
      transform: keepView((object) => viewRevision(object as unknown as Revision, options)),
    }),
    scales: new Informer({
      ...watched,
      resource: resources.deployments as unknown as Resource<Cached<ScaleView>>,
      labelSelector: labels.revision,
      transform: keepView((object) => viewScale(object as unknown as Deployment)),
    }),
    pods: new Informer({
      ...watched,
      resource: resources.pods as unknown as Resource<Cached<PodView | undefined>>,
      labelSelector: labels.revision,
      transform: keepView((object) => derivePodView(object as unknown as Pod)),
    }),
    ...(hasPool && {
      parked: new Informer({
        ...watched,
        resource: resources.pods as unknown as Resource<Cached<PoolPodView | undefined>>,
        labelSelector: labels.pool,
        transform: keepView((object) => derivePoolPodView(object as unknown as Pod)),
      }),
    }),
    controllers: new Informer({
      client,
      log,
      resource: resources.endpointSlices,
      namespace,
      labelSelector: `kubernetes.io/service-name=${system.controllerService}`,
    }),
    keys: new Informer({
      client,
      log,
      resource: resources.secrets,
      namespace,
      fieldSelector: `metadata.name=${system.keySecret}`,
    }),
  };
}

/** Objects that were cut down already (a deleted one is handed in again) stay as they are. */
function keepView<View>(derive: (object: Cached<View>) => View) {
  return (object: Cached<View>): Cached<View> => ({
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: keepMeta(object.metadata),
    view: object.view ?? derive(object),
  });
}

function keepMeta(metadata: ObjectMeta): ObjectMeta {
  const { name, namespace, resourceVersion } = metadata;
  return {
    name,
    ...(namespace !== undefined && { namespace }),
    ...(resourceVersion !== undefined && { resourceVersion }),
  };
}

function viewFunction(object: RouseFunction): FunctionView {
  const { status, metadata } = object;
  const condition = status?.conditions?.find((one) => one.type === 'RevisionReady');
  return {
    traffic: (status?.traffic ?? []).map(({ revision, percent }) => ({ revision, percent })),
    // Only read while there is no traffic: a good Function keeps no texts.
    revisionReady:
      condition === undefined || condition.status === 'True'
        ? undefined
        : {
            status: condition.status,
            ...(condition.reason !== undefined && { reason: condition.reason }),
            ...(condition.message !== undefined && { message: condition.message }),
          },
    isObserved: (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0),
  };
}

/** Only new objects come here, so the code is looked at once per Revision and change of its status. */
function viewRevision(
  object: Revision,
  options: {
    readonly podRequestsMax: number;
    readonly hasPool?: boolean;
    readonly onRevision?: (revision: Revision) => void;
  },
): RevisionLimits & { functionName: string } {
  const { podRequestsMax, hasPool = false } = options;
  const { concurrency, timeoutSeconds, functionName, runtime } = object.spec;
  options.onRevision?.(object);
  const isPoolable = hasPool && derivePoolable(object.spec).isPoolable;
  return {
    functionName,
    timeoutMs: timeoutSeconds * 1000,
    podRequestsMax: concurrency.limit > 0 ? concurrency.limit : podRequestsMax,
    target: concurrency.target,
    ...(isPoolable && { poolRuntime: runtime }),
  };
}

function viewScale(object: Deployment): ScaleView {
  const failed = object.status?.conditions?.find(
    (one) => one.type === 'ReplicaFailure' && one.status === 'True',
  );
  return {
    replicas: object.spec.replicas ?? 1,
    resourceVersion: object.metadata.resourceVersion ?? '',
    ...(failed !== undefined && { failure: failed.message ?? failed.reason ?? failed.type }),
  };
}
