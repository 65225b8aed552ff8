// What controllers want to know of a pod: is it active, ready, available, and since when.

import type { Condition, Pod } from '../../api/kubernetes.ts';

export function findCondition(
  conditions: readonly Condition[] | undefined,
  type: string,
): Condition | undefined {
  return conditions?.find((one) => one.type === type);
}

/** A pod that has not ended and is not being deleted. */
export function isPodActive(pod: Pod): boolean {
  const phase = pod.status?.phase;
  return (
    phase !== 'Succeeded' && phase !== 'Failed' && pod.metadata.deletionTimestamp === undefined
  );
}

export function isPodReady(pod: Pod): boolean {
  return findCondition(pod.status?.conditions, 'Ready')?.status === 'True';
}

/** Milliseconds since the epoch; `undefined` when the pod isn't ready or doesn't say since when. */
export function derivePodReadyAtMs(pod: Pod): number | undefined {
  const ready = findCondition(pod.status?.conditions, 'Ready');
  if (ready?.status !== 'True' || ready.lastTransitionTime === undefined) return undefined;
  return Date.parse(ready.lastTransitionTime);
}

/** Ready for at least `minReadySeconds`. */
export function isPodAvailable(pod: Pod, minReadySeconds: number, nowMs: number): boolean {
  if (!isPodReady(pod)) return false;
  if (minReadySeconds === 0) return true;
  const readyAtMs = derivePodReadyAtMs(pod);
  return readyAtMs !== undefined && readyAtMs + minReadySeconds * 1000 <= nowMs;
}
