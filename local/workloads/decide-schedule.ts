// Where a pod may run: on the one node there is, not yet, or not at all.

import type { Condition, Pod } from '../../api/kubernetes.ts';
import { decideLabelsMatch } from './decide-selector-match.ts';

export const defaultScheduler = 'default-scheduler';

export type Schedule =
  /** Scheduled already, ended, or another scheduler's. */
  | { readonly kind: 'none' }
  | { readonly kind: 'bind'; readonly nodeName: string }
  | { readonly kind: 'wait'; readonly reason: string; readonly message: string };

export interface NodeSnapshot {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly isSchedulable: boolean;
}

export function decideSchedule(pod: Pod, node: NodeSnapshot): Schedule {
  const { nodeName, schedulingGates, schedulerName, nodeSelector } = pod.spec;
  const phase = pod.status?.phase;
  if (nodeName !== undefined && nodeName !== '') return { kind: 'none' };
  if (phase === 'Succeeded' || phase === 'Failed') return { kind: 'none' };
  if (schedulerName !== undefined && schedulerName !== defaultScheduler) return { kind: 'none' };
  if (schedulingGates !== undefined && schedulingGates.length > 0) {
    const message = 'Scheduling is blocked due to non-empty scheduling gates';
    return { kind: 'wait', reason: 'SchedulingGated', message };
  }
  if (pod.metadata.deletionTimestamp !== undefined) return { kind: 'none' };
  const why = refusal(nodeSelector, node);
  if (why === undefined) return { kind: 'bind', nodeName: node.name };
  return { kind: 'wait', reason: 'Unschedulable', message: `0/1 nodes are available: 1 ${why}.` };
}

function refusal(
  nodeSelector: Readonly<Record<string, string>> | undefined,
  node: NodeSnapshot,
): string | undefined {
  if (!node.isSchedulable) return 'node(s) were unschedulable';
  if (!decideLabelsMatch(nodeSelector ?? {}, node.labels)) {
    return "node(s) didn't match Pod's node affinity/selector";
  }
  return undefined;
}

/** The condition PodScheduled a waiting pod must have; `undefined` when it has it. */
export function deriveWaitingCondition(
  pod: Pod,
  schedule: Extract<Schedule, { kind: 'wait' }>,
  nowMs: number,
): Condition | undefined {
  const before = pod.status?.conditions?.find((one) => one.type === 'PodScheduled');
  const { reason, message } = schedule;
  if (before?.status === 'False' && before.reason === reason && before.message === message) {
    return undefined;
  }
  const lastTransitionTime = `${new Date(nowMs).toISOString().slice(0, 19)}Z`;
  return { type: 'PodScheduled', status: 'False', reason, message, lastTransitionTime };
}
