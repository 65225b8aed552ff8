// Small objects for the tests of the workload controllers' decisions.

import type {
  Condition,
  Deployment,
  OwnerReference,
  Pod,
  ReplicaSet,
} from '../../../../api/kubernetes.ts';

export const nowMs = Date.parse('2026-01-02T03:04:05Z');

/** RFC 3339, so many seconds before `nowMs`. */
export function ago(seconds: number): string {
  return new Date(nowMs - seconds * 1000).toISOString().replace('.000Z', 'Z');
}

export interface PodFacts {
  readonly name?: string;
  readonly node?: string;
  readonly phase?: 'Pending' | 'Running' | 'Unknown' | 'Succeeded' | 'Failed';
  /** Seconds since it became ready; absent: not ready. */
  readonly readySeconds?: number;
  readonly cost?: string;
  readonly restarts?: number;
  readonly ageSeconds?: number;
  readonly labels?: Record<string, string>;
  readonly ownerUid?: string;
  readonly isGoing?: boolean;
}

export function buildPodWith(facts: PodFacts = {}): Pod {
  const { name = 'pod', readySeconds, cost, ownerUid, node = 'n' } = facts;
  const { labels = { app: 'a' }, ageSeconds = 100, phase = 'Running', restarts = 0 } = facts;
  const conditions = readySeconds === undefined ? [] : [buildReady(readySeconds)];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-${name}`,
      labels,
      creationTimestamp: ago(ageSeconds),
      ...(cost !== undefined && {
        annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost },
      }),
      ...(facts.isGoing === true && { deletionTimestamp: ago(0) }),
      ...(ownerUid !== undefined && { ownerReferences: [buildOwner(ownerUid)] }),
    },
    spec: {
      containers: [{ name: 'c' }],
      ...(node !== '' && { nodeName: node }),
    },
    status: {
      phase,
      conditions,
      containerStatuses: [
        {
          name: 'c',
          image: '',
          ready: readySeconds !== undefined,
          restartCount: restarts,
        },
      ],
    },
  };
}

function buildReady(seconds: number): Condition {
  return { type: 'Ready', status: 'True', lastTransitionTime: ago(seconds) };
}

function buildOwner(uid: string): OwnerReference {
  return { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'rs', uid, controller: true };
}

export function buildSet(
  name: string,
  facts: {
    readonly replicas?: number;
    readonly available?: number;
    readonly template?: string;
    readonly annotations?: Record<string, string>;
    readonly ageSeconds?: number;
  } = {},
): ReplicaSet {
  const { replicas = 0, available = replicas, template = name } = facts;
  const labels = { app: 'a', template };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-${name}`,
      generation: 1,
      creationTimestamp: ago(facts.ageSeconds ?? 100),
      labels,
      annotations: facts.annotations ?? {},
    },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'a' } },
      template: { metadata: { labels }, spec: { containers: [] } },
    },
    status: {
      replicas,
      readyReplicas: available,
      availableReplicas: available,
      observedGeneration: 1,
    },
  };
}

export function buildDeploymentWith(
  spec: Partial<Deployment['spec']> = {},
  template = 'new',
): Deployment {
  const labels = { app: 'a', template };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd', namespace: 'default', uid: 'uid-d', generation: 1 },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'a' } },
      ...spec,
      template: { metadata: { labels }, spec: { containers: [] } },
    },
  };
}
