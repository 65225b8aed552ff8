// A Deployment's status, counted from its ReplicaSets, with its conditions.

import type { Condition, Deployment, ReplicaSet } from '../../api/kubernetes.ts';
import { findCondition } from './derive-pod-state.ts';
import {
  deriveProgressing,
  keepTimes,
  type DeploymentCondition,
  type RolloutCounts,
} from './derive-progressing.ts';
import { deriveRolloutBounds } from './derive-rollout-bounds.ts';
import { sumReplicas } from './plan-rolling-update.ts';

export type DeploymentStatus = Omit<NonNullable<Deployment['status']>, 'conditions'> & {
  collisionCount?: number;
  conditions: DeploymentCondition[];
};

export interface StatusInput {
  readonly deployment: Deployment;
  readonly replicaSets: readonly ReplicaSet[];
  /** The one of the current template. */
  readonly fresh: ReplicaSet | undefined;
  readonly nowMs: number;
}

export function deriveDeploymentStatus(input: StatusInput): DeploymentStatus {
  const { deployment, replicaSets, fresh } = input;
  const before = (deployment.status ?? {}) as Partial<DeploymentStatus>;
  const count = (field: 'replicas' | 'readyReplicas' | 'availableReplicas'): number =>
    replicaSets.reduce((sum, one) => sum + (one.status?.[field] ?? 0), 0);
  const counts = {
    replicas: count('replicas'),
    updatedReplicas: fresh?.status?.replicas ?? 0,
    readyReplicas: count('readyReplicas'),
    availableReplicas: count('availableReplicas'),
  };
  const unavailableReplicas = Math.max(0, sumReplicas(replicaSets) - counts.availableReplicas);
  const { generation } = deployment.metadata;
  return {
    ...(generation !== undefined && { observedGeneration: generation }),
    // Kubernetes leaves zeros out, and clients compare with what they know.
    ...Object.fromEntries(
      Object.entries({ ...counts, unavailableReplicas }).filter(([, value]) => value > 0),
    ),
    ...(before.collisionCount !== undefined && { collisionCount: before.collisionCount }),
    conditions: deriveConditions(input, counts),
  };
}

function deriveConditions(input: StatusInput, counts: RolloutCounts): DeploymentCondition[] {
  const conditions = [keepTimes(input, deriveAvailable(input.deployment, counts))];
  const progressing = deriveProgressing(input, counts);
  if (progressing !== undefined) conditions.push(progressing);
  const failure = input.replicaSets
    .map((one) => (one.status as Partial<DeploymentStatus> | undefined)?.conditions)
    .map((found) => findCondition(found, 'ReplicaFailure'))
    .find((one) => one?.status === 'True');
  if (failure !== undefined) conditions.push(keepTimes(input, failure));
  return conditions;
}

function deriveAvailable(deployment: Deployment, counts: RolloutCounts): Condition {
  const { replicas, maxUnavailable } = deriveRolloutBounds(deployment);
  const type = 'Available';
  if (counts.availableReplicas >= replicas - maxUnavailable) {
    const message = 'Deployment has minimum availability.';
    return { type, status: 'True', reason: 'MinimumReplicasAvailable', message };
  }
  const message = 'Deployment does not have minimum availability.';
  return { type, status: 'False', reason: 'MinimumReplicasUnavailable', message };
}
