// Why a Revision that should have pods has none that is ready, as Kubernetes tells it.

import { derivePodObstacle } from '../../api/derive-pod-obstacle.ts';
import type { Condition, Deployment, Pod } from '../../api/kubernetes.ts';
import { deriveRefusal } from '../../platform/kube/derive-refusal.ts';
import { deriveMessage, findCondition } from './derive-conditions.ts';
import type { Problem } from './derive-traffic.ts';

/** The ReplicaSet could not make a pod: a quota, a policy, a right that the cluster's own controllers miss. */
export function findReplicaFailure(deployment: Deployment | undefined): Condition | undefined {
  const found = findCondition(deployment?.status?.conditions, 'ReplicaFailure');
  return found?.status === 'True' ? found : undefined;
}

/** `undefined` when pods are refused to nobody. */
export function deriveFailedCreate(deployment: Deployment | undefined): Problem | undefined {
  const failure = findReplicaFailure(deployment);
  if (deployment === undefined || failure === undefined) return undefined;
  const text = failure.message ?? 'no reason was given';
  const refusal = deriveRefusal({ status: 403, message: text });
  const isKnown = refusal !== undefined && refusal.reason !== 'Forbidden';
  const message = deriveMessage(
    `${deployment.metadata.name} gets no further pod: ${isKnown ? refusal.message : text}`,
  );
  return { reason: isKnown ? refusal.reason : (failure.reason ?? 'FailedCreate'), message };
}

/** `undefined` when it sleeps, serves or is on its way. `pods`: all of this Revision. */
export function deriveObstacle(
  deployment: Deployment | undefined,
  pods: readonly Pod[],
): Problem | undefined {
  const wanted = deployment?.spec.replicas ?? 0;
  const ready = deployment?.status?.readyReplicas ?? 0;
  if (deployment === undefined || wanted === 0 || ready > 0) return undefined;
  const refused = deriveFailedCreate(deployment);
  if (refused !== undefined) return refused;
  const stuck = pods.map((pod) => derivePodObstacle(pod)).find((one) => one !== undefined);
  if (stuck === undefined) return undefined;
  const { name } = deployment.metadata;
  const { reason, message } = stuck;
  return { reason, message: deriveMessage(`${name} has no pod that runs: ${reason}: ${message}`) };
}
