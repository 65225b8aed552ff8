// A Deployment's status, counted from its ReplicaSets, with the conditions Available and Progressing.

import type { Condition, Deployment, ReplicaSet } from '../../api/kubernetes.ts';
import { findCondition } from './derive-pod-state.ts';
import { deriveRolloutBounds } from './derive-rollout-bounds.ts';
import { sumReplicas } from './plan-rolling-update.ts';

export type DeploymentCondition = Condition & { lastUpdateTime?: string };
export type DeploymentStatus = Omit<NonNullable<Deployment['status']>, 'conditions'> & {
  collisionCount?: number;
  conditions?: DeploymentCondition[];
};

export interface StatusInput {
  readonly deployment: Deployment;
  readonly replicaSets: readonly ReplicaSet[];
  readonly fresh: ReplicaSet | undefined;
  readonly nowMs: number;
}

/** Seconds a rollout may stand still before it counts as failed. Default 600, as Kubernetes. */
const progressDeadlineDefault = 600;
/** What a user writes who wants no deadline. */
const noDeadlineSeconds = 2_147_483_647;

export function deriveDeploymentStatus(input: StatusInput): DeploymentStatus {
  const { deployment, replicaSets, fresh } = input;
  const before = (deployment.status ?? {}) as DeploymentStatus;
  const count = (field: 'replicas' | 'readyReplicas' | 'availableReplicas'): number =>
    replicaSets.reduce((sum, one) => sum + (one.status?.[field] ?? 0), 0);
  const available = count('availableReplicas');
  const unavailable = Math.max(0, sumReplicas(replicaSets) - available);
  const counts = {
    replicas: count('replicas'),
    updatedReplicas: fresh?.status?.replicas ?? 0,
    readyReplicas: count('readyReplicas'),
    availableReplicas: available,
    unavailableReplicas: unavailable,
  };
  const { generation } = deployment.metadata;
  const status: DeploymentStatus = {
    ...(generation !== undefined && { observedGeneration: generation }),
    // Kubernetes leaves zeros out, and clients compare with what they know.
    ...Object.fromEntries(Object.entries(counts).filter(([, value]) => value > 0)),
    ...(before.collisionCount !== undefined && { collisionCount: before.collisionCount }),
  };
  return { ...status, conditions: deriveConditions(input, counts) };
}

type Counts = Required<
  Pick<DeploymentStatus, 'replicas' | 'updatedReplicas' | 'readyReplicas' | 'availableReplicas'>
>;

function deriveConditions(input: StatusInput, counts: Counts): DeploymentCondition[] {
  const { deployment, replicaSets } = input;
  const { replicas, maxUnavailable } = deriveRolloutBounds(deployment);
  const isAvailable = counts.availableReplicas >= replicas - maxUnavailable;
  const available: Condition = isAvailable
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
  const conditions = [merge(input, available)];
  const progressing = deriveProgressing(input, counts);
  if (progressing !== undefined) conditions.push(progressing);
  const failure = replicaSets
    .map((one) => findCondition((one.status as DeploymentStatus | undefined)?.conditions, 'ReplicaFailure'))
    .find((one) => one?.status === 'True');
  if (failure !== undefined) conditions.push(merge(input, failure));
  return conditions;
}

function deriveProgressing(input: StatusInput, counts: Counts): DeploymentCondition | undefined {
  const { deployment, fresh, nowMs } = input;
  const deadlineSeconds = deployment.spec.progressDeadlineSeconds ?? progressDeadlineDefault;
  if (deadlineSeconds >= noDeadlineSeconds) return undefined;
  const before = progressingOf(deployment);
  const type = 'Progressing';
  if (deployment.spec.paused === true) {
    const reason = 'DeploymentPaused';
    return merge(input, { type, status: 'Unknown', reason, message: 'Deployment is paused' });
  }
  const subject =
    fresh === undefined
      ? `Deployment "${deployment.metadata.name}"`
      : `ReplicaSet "${fresh.metadata.name}"`;
  if (isComplete(deployment, counts)) {
    const message = `${subject} has successfully progressed.`;
    return merge(input, { type, status: 'True', reason: 'NewReplicaSetAvailable', message });
  }
  const isRolledOut =
    before?.reason === 'NewReplicaSetAvailable' && counts.replicas === counts.updatedReplicas;
  if (isRolledOut && before !== undefined) return before;
  if (before === undefined || before.reason === 'DeploymentPaused') {
    const message =
      fresh === undefined ? subject : `Created new replica set "${fresh.metadata.name}"`;
    return merge(input, { type, status: 'True', reason: 'NewReplicaSetCreated', message });
  }
  if (hasProgressed(deployment, counts)) {
    const message = `${subject} is progressing.`;
    return merge(input, { type, status: 'True', reason: 'ReplicaSetUpdated', message }, true);
  }
  const sinceMs = Date.parse(before.lastUpdateTime ?? before.lastTransitionTime ?? '');
  if (before.reason !== 'NewReplicaSetAvailable' && sinceMs + deadlineSeconds * 1000 < nowMs) {
    const message = `${subject} has timed out progressing.`;
    return merge(input, { type, status: 'False', reason: 'ProgressDeadlineExceeded', message });
  }
  if (before.reason === 'NewReplicaSetAvailable') {
    const message = `${subject} is progressing.`;
    return merge(input, { type, status: 'True', reason: 'ReplicaSetUpdated', message });
  }
  return before;
}

/** Milliseconds until a rollout that stands still has failed; `null` when none is under way. */
export function deriveDeadlineMs(
  deployment: Deployment,
  status: DeploymentStatus,
  nowMs: number,
): number | null {
  const progressing = status.conditions?.find((one) => one.type === 'Progressing');
  const isDone =
    progressing === undefined ||
    progressing.status !== 'True' ||
    progressing.reason === 'NewReplicaSetAvailable';
  if (isDone) return null;
  const seconds = deployment.spec.progressDeadlineSeconds ?? progressDeadlineDefault;
  const sinceMs = Date.parse(progressing.lastUpdateTime ?? '');
  // One second more, since timestamps hold whole seconds.
  return Math.max(1000, sinceMs + seconds * 1000 - nowMs + 1000);
}

function progressingOf(deployment: Deployment): DeploymentCondition | undefined {
  return findCondition(deployment.status?.conditions, 'Progressing');
}

function isComplete(deployment: Deployment, counts: Counts): boolean {
  const wanted = deployment.spec.replicas ?? 1;
  return (
    counts.updatedReplicas === wanted &&
    counts.replicas === wanted &&
    counts.availableReplicas === wanted
  );
}

function hasProgressed(deployment: Deployment, counts: Counts): boolean {
  const before = deployment.status ?? {};
  const updatedBefore = before.updatedReplicas ?? 0;
  return (
    counts.updatedReplicas > updatedBefore ||
    counts.replicas - counts.updatedReplicas < (before.replicas ?? 0) - updatedBefore ||
    counts.readyReplicas > (before.readyReplicas ?? 0) ||
    counts.availableReplicas > (before.availableReplicas ?? 0)
  );
}

/** Keeps the times of a condition that says the same as before; `touch` renews the update time anyway. */
function merge(input: StatusInput, now: Condition, touch = false): DeploymentCondition {
  const at = `${new Date(input.nowMs).toISOString().slice(0, 19)}Z`;
  const before: DeploymentCondition | undefined = findCondition(
    input.deployment.status?.conditions,
    now.type,
  );
  const isSame = before?.status === now.status && before.reason === now.reason && !touch;
  return {
    type: now.type,
    status: now.status,
    ...(now.reason !== undefined && { reason: now.reason }),
    ...(now.message !== undefined && { message: now.message }),
    lastUpdateTime: isSame && before.message === now.message ? (before.lastUpdateTime ?? at) : at,
    lastTransitionTime: before?.status === now.status ? (before.lastTransitionTime ?? at) : at,
  };
}
