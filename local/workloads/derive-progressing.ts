// The condition Progressing of a Deployment: how its rollout goes.

import type { Condition, Deployment, ReplicaSet } from '../../api/kubernetes.ts';
import { findCondition } from './derive-pod-state.ts';

export type DeploymentCondition = Condition & { lastUpdateTime?: string };

export interface RolloutCounts {
  readonly replicas: number;
  readonly updatedReplicas: number;
  readonly readyReplicas: number;
  readonly availableReplicas: number;
}

export interface ProgressInput {
  readonly deployment: Deployment;
  /** The ReplicaSet of the current template. */
  readonly fresh: ReplicaSet | undefined;
  readonly nowMs: number;
}

/** Seconds a rollout may stand still before it counts as failed. Default 600, as Kubernetes. */
const progressDeadlineDefault = 600;
/** What a user writes who wants no deadline. */
const noDeadlineSeconds = 2_147_483_647;
const type = 'Progressing';
const done = 'NewReplicaSetAvailable';

export function deriveProgressing(
  input: ProgressInput,
  counts: RolloutCounts,
): DeploymentCondition | undefined {
  const { deployment, fresh } = input;
  if (deadlineSecondsOf(deployment) >= noDeadlineSeconds) return undefined;
  const say = (status: Condition['status'], reason: string, message: string): DeploymentCondition =>
    keepTimes(input, { type, status, reason, message });
  if (deployment.spec.paused === true) {
    return say('Unknown', 'DeploymentPaused', 'Deployment is paused');
  }
  const subject =
    fresh === undefined
      ? `Deployment "${deployment.metadata.name}"`
      : `ReplicaSet "${fresh.metadata.name}"`;
  if (isComplete(deployment, counts)) {
    return say('True', done, `${subject} has successfully progressed.`);
  }
  const before = progressingOf(deployment);
  if (before === undefined || before.reason === 'DeploymentPaused') {
    return say('True', 'NewReplicaSetCreated', `${subject} is created.`);
  }
  // Scaling a finished rollout, or losing a pod of it, is no rollout.
  if (before.reason === done && counts.replicas === counts.updatedReplicas) return before;
  const progress = say('True', 'ReplicaSetUpdated', `${subject} is progressing.`);
  if (hasProgressed(deployment, counts)) {
    return { ...progress, lastUpdateTime: timeText(input.nowMs) };
  }
  if (before.reason === done) return progress;
  if (!isLate(deployment, before, input.nowMs)) return before;
  return say('False', 'ProgressDeadlineExceeded', `${subject} has timed out progressing.`);
}

/** Milliseconds until a rollout that stands still has failed; `null` when none is under way. */
export function deriveDeadlineMs(
  deployment: Deployment,
  conditions: readonly DeploymentCondition[],
  nowMs: number,
): number | null {
  const progressing: DeploymentCondition | undefined = findCondition(conditions, type);
  if (progressing?.status !== 'True' || progressing.reason === done) return null;
  const sinceMs = Date.parse(progressing.lastUpdateTime ?? '');
  // One second more, since timestamps hold whole seconds.
  return Math.max(1000, sinceMs + deadlineSecondsOf(deployment) * 1000 - nowMs + 1000);
}

/** Keeps the times of a condition that says the same as before. */
export function keepTimes(
  input: { readonly deployment: Deployment; readonly nowMs: number },
  now: Condition,
): DeploymentCondition {
  const at = timeText(input.nowMs);
  const { conditions } = input.deployment.status ?? {};
  const before: DeploymentCondition | undefined = findCondition(conditions, now.type);
  const changedAt = before?.status === now.status ? (before.lastTransitionTime ?? at) : at;
  const updatedAt = isSame(before, now) ? (before?.lastUpdateTime ?? at) : at;
  return { ...now, lastUpdateTime: updatedAt, lastTransitionTime: changedAt };
}

function isSame(a: Condition | undefined, b: Condition): boolean {
  return a?.status === b.status && a.reason === b.reason && a.message === b.message;
}

function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

function deadlineSecondsOf(deployment: Deployment): number {
  return deployment.spec.progressDeadlineSeconds ?? progressDeadlineDefault;
}

function progressingOf(deployment: Deployment): DeploymentCondition | undefined {
  return findCondition(deployment.status?.conditions, type);
}

function isLate(deployment: Deployment, before: DeploymentCondition, nowMs: number): boolean {
  const sinceMs = Date.parse(before.lastUpdateTime ?? before.lastTransitionTime ?? '');
  return sinceMs + deadlineSecondsOf(deployment) * 1000 < nowMs;
}

function isComplete(deployment: Deployment, counts: RolloutCounts): boolean {
  const wanted = deployment.spec.replicas ?? 1;
  return [counts.updatedReplicas, counts.replicas, counts.availableReplicas].every(
    (count) => count === wanted,
  );
}

function hasProgressed(deployment: Deployment, counts: RolloutCounts): boolean {
  const {
    replicas = 0,
    updatedReplicas = 0,
    readyReplicas = 0,
    availableReplicas = 0,
  } = deployment.status ?? {};
  return (
    counts.updatedReplicas > updatedReplicas ||
    counts.replicas - counts.updatedReplicas < replicas - updatedReplicas ||
    counts.readyReplicas > readyReplicas ||
    counts.availableReplicas > availableReplicas
  );
}
