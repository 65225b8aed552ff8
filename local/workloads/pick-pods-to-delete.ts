// Which pods a ReplicaSet gives up first when it has too many: Kubernetes' own ranking.

import type { Pod } from '../../api/kubernetes.ts';
import { annotations } from '../../api/names.ts';
import { derivePodReadyAtMs, isPodActive, isPodReady } from './derive-pod-state.ts';

const phaseOrder: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };
const nanosecondsPerMs = 1e6;

/**
 * The first `count` pods of the ranking. `related` are the pods of every ReplicaSet of the same controller: a pod that
 * shares its node with more of them goes earlier.
 */
export function pickPodsToDelete(
  pods: readonly Pod[],
  related: readonly Pod[],
  options: { readonly count: number; readonly nowMs: number },
): Pod[] {
  if (options.count <= 0) return [];
  if (options.count >= pods.length) return [...pods];
  const perNode = new Map<string, number>();
  for (const pod of related) {
    if (!isPodActive(pod)) continue;
    const node = pod.spec.nodeName ?? '';
    perNode.set(node, (perNode.get(node) ?? 0) + 1);
  }
  const rankOf = (pod: Pod): number => perNode.get(pod.spec.nodeName ?? '') ?? 0;
  return [...pods]
    .sort((a, b) => comparePods(a, b, { rankOf, nowMs: options.nowMs }))
    .slice(0, options.count);
}

interface Comparison {
  readonly rankOf: (pod: Pod) => number;
  readonly nowMs: number;
}

/** Negative: `a` goes before `b`. Each step decides only when the ones before it did not. */
function comparePods(a: Pod, b: Pod, { rankOf, nowMs }: Comparison): number {
  const steps = [
    () => Number(isAssigned(a)) - Number(isAssigned(b)),
    () => phaseRank(a) - phaseRank(b),
    () => Number(isPodReady(a)) - Number(isPodReady(b)),
    () => deletionCost(a) - deletionCost(b),
    () => rankOf(b) - rankOf(a),
    () => compareReadyTimes(a, b, nowMs),
    () => restartCount(b) - restartCount(a),
    () => compareAges(createdAtMs(a), createdAtMs(b), { a, b, nowMs }),
  ];
  for (const step of steps) {
    const order = step();
    if (order !== 0) return order;
  }
  return 0;
}

function isAssigned(pod: Pod): boolean {
  return (pod.spec.nodeName ?? '') !== '';
}

function phaseRank(pod: Pod): number {
  return phaseOrder[pod.status?.phase ?? 'Pending'] ?? 0;
}

/** An annotation that isn't a 32-bit integer counts as 0, as in Kubernetes. */
function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[annotations.podDeletionCost];
  if (text === undefined || !/^(0|-?[1-9]\d*)$/.test(text)) return 0;
  const cost = Number(text);
  return cost >= -(2 ** 31) && cost < 2 ** 31 ? cost : 0;
}

function restartCount(pod: Pod): number {
  const counts = (pod.status?.containerStatuses ?? []).map((one) => one.restartCount);
  return Math.max(0, ...counts);
}

function createdAtMs(pod: Pod): number | undefined {
  const at = pod.metadata.creationTimestamp;
  return at === undefined ? undefined : Date.parse(at);
}

function compareReadyTimes(a: Pod, b: Pod, nowMs: number): number {
  if (!isPodReady(a) || !isPodReady(b)) return 0;
  return compareAges(derivePodReadyAtMs(a), derivePodReadyAtMs(b), { a, b, nowMs });
}

/**
 * The younger goes first. Ages are compared by the power of two they fall into, and by uid within one, so that pods of
 * about one age go in no particular order (Kubernetes' LogarithmicScaleDown).
 */
function compareAges(
  aAtMs: number | undefined,
  bAtMs: number | undefined,
  { a, b, nowMs }: { a: Pod; b: Pod; nowMs: number },
): number {
  if (aAtMs === bAtMs) return 0;
  if (aAtMs === undefined) return -1;
  if (bAtMs === undefined) return 1;
  const order = ageRank(nowMs - aAtMs) - ageRank(nowMs - bAtMs);
  if (order !== 0) return order;
  return (a.metadata.uid ?? '') < (b.metadata.uid ?? '') ? -1 : 1;
}

function ageRank(ageMs: number): number {
  return ageMs <= 0 ? -1 : Math.floor(Math.log2(ageMs * nanosecondsPerMs));
}
