// The objects that many cases send.

type JsonMap = Record<string, unknown>;

/** A pod that a node can run at once on both clusters: the image is on every node. */
export const pauseImage = 'registry.k8s.io/pause:3.10.2';

export function buildConfigMap(name: string, more: JsonMap = {}): JsonMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: '1' }, ...more };
}

export function buildPod(name: string, spec: JsonMap = {}, metadata: JsonMap = {}): JsonMap {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, ...metadata },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'main', image: pauseImage }],
      ...spec,
    },
  };
}

/** A pod that no scheduler touches. */
export function buildGatedPod(name: string, spec: JsonMap = {}, metadata: JsonMap = {}): JsonMap {
  return buildPod(name, { schedulingGates: [{ name: 'example.com/wait' }], ...spec }, metadata);
}

export function buildDeployment(name: string, spec: JsonMap = {}, metadata: JsonMap = {}): JsonMap {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, ...metadata },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [{ name: 'main', image: pauseImage }],
        },
      },
      ...spec,
    },
  };
}

export function buildReplicaSet(name: string, spec: JsonMap = {}): JsonMap {
  return { ...buildDeployment(name, spec), kind: 'ReplicaSet' };
}

/** The group is the namespace's, so that cases at the same time don't meet. */
export function buildDefinition(
  ns: string,
  schema: JsonMap,
  version: JsonMap = {},
  names: { plural: string; kind: string } = { plural: 'things', kind: 'Thing' },
): JsonMap {
  const group = `${ns}.example.com`;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${names.plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names,
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', ...schema } },
          ...version,
        },
      ],
    },
  };
}
