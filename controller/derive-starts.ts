// How many pods of the platform the nodes are starting at this moment, and how many wait for their turn.

import { findGate } from '../api/build-gate-patch.ts';
import { derivePodObstacle } from '../api/derive-pod-obstacle.ts';
import type { Pod } from '../api/kubernetes.ts';
import { refillGate } from '../api/names.ts';

/** A pod that takes longer costs its node little: it waits for an image, a disk, an address. Milliseconds. */
export const startMsMax = 15_000;

export interface Starts {
  /** Nodes that have any pod of ours; at least 1. */
  readonly nodes: number;
  /** On their way to their first process, with nothing known to be in their way. */
  readonly starting: number;
  /** A pod finds no room: what is idle makes some. */
  readonly isFull: boolean;
  /** Parked pods that are held back until others have started, the oldest first. */
  readonly waiting: readonly Pod[];
}

/** Of pods of Functions, pools and proofs. `nowMs` is Unix time. */
export function deriveStarts(pods: Iterable<Pod>, nowMs: number): Starts {
  const nodes = new Set<string>();
  const waiting: Pod[] = [];
  let starting = 0;
  let isFull = false;
  for (const pod of pods) {
    if (pod.spec.nodeName !== undefined) nodes.add(pod.spec.nodeName);
    if (pod.metadata.deletionTimestamp !== undefined || hasRun(pod)) continue;
    const obstacle = derivePodObstacle(pod);
    if (obstacle?.kind === 'unschedulable') isFull = true;
    if (findGate(pod.spec, refillGate) >= 0) waiting.push(pod);
    else if (obstacle === undefined && isOnItsWay(pod, nowMs)) starting += 1;
  }
  waiting.sort((a, b) => (ageKey(a) < ageKey(b) ? -1 : 1));
  return { nodes: Math.max(1, nodes.size), starting, isFull, waiting };
}

function hasRun({ status }: Pod): boolean {
  return status?.phase !== undefined && status.phase !== 'Pending';
}

function isOnItsWay({ spec, status }: Pod, nowMs: number): boolean {
  if ((spec.schedulingGates ?? []).length > 0) return false;
  const scheduled = status?.conditions?.find((one) => one.type === 'PodScheduled');
  if (scheduled?.status !== 'True') return true;
  const sinceMs = Date.parse(scheduled.lastTransitionTime ?? '');
  return !(nowMs - sinceMs > startMsMax);
}

function ageKey({ metadata }: Pod): string {
  return `${metadata.creationTimestamp ?? ''}/${metadata.namespace}/${metadata.name}`;
}
