// Reduces a Pod to what the activator decides by: is it here to stay, where is it, has its container restarted.

import { buildPodAddress, type PodAddress } from '../api/build-pod-address.ts';
import { findGate } from '../api/build-gate-patch.ts';
import { derivePodObstacle, type PodObstacle } from '../api/derive-pod-obstacle.ts';
import type { Condition, ContainerState, ContainerStatus, Pod } from '../api/kubernetes.ts';
import { annotations, claimGate, functionContainer, labels, portNames } from '../api/names.ts';

export interface PodView {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly revision: string;
  /** Being deleted or ended: gets no request any more. */
  readonly isLeaving: boolean;
  /** Passes its readiness probe, as the kubelet saw it last. */
  readonly isReady: boolean;
  /** A node was found for it. */
  readonly isScheduled: boolean;
  /**
   * Where the gate stands that keeps it from a node until a parked pod takes its place, among its
   * scheduling gates; `undefined`: it has none.
   */
  readonly gateIndex: number | undefined;
  /** Came from the warm pool, whose readiness probe says nothing of code. */
  readonly isAdopted: boolean;
  /** Counts the restarts of its container; a new process holds no code. */
  readonly restarts: number;
  /** `undefined` until the pod has an address. */
  readonly http: PodAddress | undefined;
  readonly control: PodAddress | undefined;
  /** Why it isn't running yet, in Kubernetes' own words, where it says so. */
  readonly obstacle: string | undefined;
  /** It can't start by itself, and what kind of thing is in its way. */
  readonly stuck: PodObstacle['kind'] | undefined;
}

/** `undefined` for a pod that belongs to no Revision. */
export function derivePodView(pod: Pod): PodView | undefined {
  const { metadata } = pod;
  const revision = metadata.labels?.[labels.revision];
  if (revision === undefined) return undefined;
  const gateIndex = findGate(pod.spec, claimGate);
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    uid: metadata.uid ?? '',
    revision,
    isLeaving: metadata.deletionTimestamp !== undefined || hasEnded(pod),
    isReady: conditionOf(pod, 'Ready')?.status === 'True',
    isScheduled: pod.spec.nodeName !== undefined,
    gateIndex: gateIndex < 0 ? undefined : gateIndex,
    isAdopted: metadata.annotations?.[annotations.adopted] !== undefined,
    restarts: containerOf(pod)?.restartCount ?? 0,
    http: buildPodAddress(pod, portNames.http),
    control: buildPodAddress(pod, portNames.control),
    obstacle: deriveObstacle(pod),
    stuck: derivePodObstacle(pod)?.kind,
  };
}

function hasEnded(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

function conditionOf(pod: Pod, type: string): Condition | undefined {
  return pod.status?.conditions?.find((one) => one.type === type);
}

function containerOf(pod: Pod): ContainerStatus | undefined {
  return pod.status?.containerStatuses?.find((one) => one.name === functionContainer);
}

function deriveObstacle(pod: Pod): string | undefined {
  const scheduled = conditionOf(pod, 'PodScheduled');
  if (scheduled?.status === 'False') {
    return join(scheduled.reason ?? 'Unschedulable', scheduled.message);
  }
  const stopped = deriveStopped(containerOf(pod)?.state);
  if (stopped !== undefined) return stopped;
  return (pod.status?.phase ?? 'Pending') === 'Pending' ? 'Pending' : undefined;
}

/** Why the container doesn't run, for example ImagePullBackOff. */
function deriveStopped(state: ContainerState | undefined): string | undefined {
  const { waiting, terminated } = state ?? {};
  if (terminated !== undefined) {
    return join(`its process exited with code ${terminated.exitCode}`, terminated.message);
  }
  if (waiting?.reason === undefined || waiting.reason === 'ContainerCreating') return undefined;
  return join(waiting.reason, waiting.message);
}

function join(reason: string, message: string | undefined): string {
  return message === undefined || message === '' ? reason : `${reason}: ${message}`;
}
