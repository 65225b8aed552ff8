// A ReplicaSet's status, counted from its pods.

import type { Condition, Pod, ReplicaSet } from '../../api/kubernetes.ts';
import { decideLabelsMatch } from './decide-selector-match.ts';
import { derivePodReadyAtMs, isPodActive, isPodAvailable, isPodReady } from './derive-pod-state.ts';

export type ReplicaSetStatus = NonNullable<ReplicaSet['status']> & {
  terminatingReplicas?: number;
  conditions?: Condition[];
};

export function deriveReplicaSetStatus(
  owner: ReplicaSet,
  pods: readonly Pod[],
  options: { readonly nowMs: number; readonly failure: Condition | undefined },
): ReplicaSetStatus {
  const active = pods.filter(isPodActive);
  const wanted = owner.spec.template.metadata?.labels ?? {};
  const minReadySeconds = owner.spec.minReadySeconds ?? 0;
  return {
    replicas: active.length,
    fullyLabeledReplicas: active.filter((pod) => decideLabelsMatch(wanted, pod.metadata.labels))
      .length,
    readyReplicas: active.filter(isPodReady).length,
    availableReplicas: active.filter((pod) => isPodAvailable(pod, minReadySeconds, options.nowMs))
      .length,
    ...(owner.metadata.generation !== undefined && {
      observedGeneration: owner.metadata.generation,
    }),
    ...(options.failure && { conditions: [options.failure] }),
  };
}

/** Milliseconds until the next ready pod becomes available; `null` when none is on its way. */
export function deriveNextAvailableMs(
  owner: ReplicaSet,
  pods: readonly Pod[],
  nowMs: number,
): number | null {
  const minReadyMs = (owner.spec.minReadySeconds ?? 0) * 1000;
  if (minReadyMs === 0) return null;
  const waits = pods
    .filter(isPodActive)
    .map((pod) => (derivePodReadyAtMs(pod) ?? -Infinity) + minReadyMs - nowMs)
    .filter((ms) => ms > 0);
  return waits.length === 0 ? null : Math.min(...waits);
}
