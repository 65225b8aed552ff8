// What a proof pod's state, or the runtime's answer, says of a Revision.

import { derivePodObstacle } from '../../api/derive-pod-obstacle.ts';
import type { ContainerState, ContainerStatus, Pod } from '../../api/kubernetes.ts';
import type { LoadError } from '../../api/wire.ts';
import type { Refusal } from '../../platform/kube/derive-refusal.ts';
import { deriveMessage, deriveReason } from './derive-conditions.ts';

/** Becomes the Revision's condition Ready. Unknown: it could not be tried out at all. */
export interface Verdict {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
  /** What the runtime took for loading, in milliseconds, where it said. */
  readonly loadMs?: number;
}

/** In the runtime's own words. */
export function deriveLoadFailure(revision: string, error: LoadError): Verdict {
  // What user code threw already begins with its name; what the runtime found out does not.
  const { type, message } = error;
  const words = message.startsWith(`${type}: `) ? message : `${type}: ${message}`;
  return {
    status: 'False',
    reason: deriveReason(type, 'LoadError'),
    message: deriveMessage(`${revision} can't load its code: ${words}`),
  };
}

/** `undefined` while the pod may still come up. */
export function deriveEnd(revision: string, pod: Pod): Verdict | undefined {
  const state = pod.status?.containerStatuses?.[0]?.state ?? {};
  if (state.terminated !== undefined) return deriveExit(revision, state.terminated);
  const obstacle = derivePodObstacle(pod);
  // A first failed pull is tried again in a moment. Room on a node may come, so that is waited for.
  const isStuck = obstacle?.kind !== 'unschedulable' && obstacle?.reason !== 'ErrImagePull';
  if (obstacle !== undefined && isStuck) {
    const { reason, message } = obstacle;
    const text = deriveMessage(`${revision} can't start: ${message}`);
    return { status: 'False', reason, message: text };
  }
  return deriveLoss(revision, pod);
}

/** Told while the pod goes on waiting: a node may be on its way, or another pod about to go. */
export function deriveUnschedulable(revision: string, pod: Pod | undefined): Verdict | undefined {
  const obstacle = pod && derivePodObstacle(pod);
  if (obstacle?.kind !== 'unschedulable') return undefined;
  const message = deriveMessage(`${revision} can't start: ${obstacle.message}`);
  return { status: 'False', reason: obstacle.reason, message };
}

/** The API server would not even take the pod. */
export function deriveRefused(revision: string, refusal: Refusal): Verdict {
  const message = deriveMessage(`${revision} can't be tried out: ${refusal.message}`);
  return { status: 'False', reason: refusal.reason, message };
}

function deriveExit(revision: string, ended: NonNullable<ContainerState['terminated']>): Verdict {
  const { signal, exitCode, message, reason } = ended;
  const how = signal ? `was killed by signal ${signal}` : `exited with ${exitCode}`;
  // The usual reasons, Error and Completed, only repeat what the code says.
  const isUsual = reason === undefined || reason === 'Error' || reason === 'Completed';
  const why = message || (isUsual ? '' : reason);
  const text = `${revision}: the process ${how} while it was loading${why && `: ${why}`}`;
  return { status: 'False', reason: 'ExitedWhileLoading', message: deriveMessage(text) };
}

/** Evicted, or lost with its node: that says nothing of the Revision. */
function deriveLoss(revision: string, { status }: Pod): Verdict | undefined {
  const phase = status?.phase;
  if (phase !== 'Failed' && phase !== 'Succeeded') return undefined;
  const why = status?.message ?? status?.reason ?? phase;
  const message = deriveMessage(`${revision}: the pod that tries it out ended: ${why}`);
  return { status: 'Unknown', reason: 'ProofPodEnded', message };
}

/** When the time for a proof is over. */
export function deriveTimeout(
  revision: string,
  pod: Pod | undefined,
  limits: {
    readonly startSeconds: number;
    readonly loadSeconds: number;
    readonly isImage: boolean;
  },
): Verdict {
  const { startSeconds, loadSeconds: seconds, isImage } = limits;
  const container = pod?.status?.containerStatuses?.[0];
  if (container?.state?.running === undefined) {
    const unschedulable = deriveUnschedulable(revision, pod);
    if (unschedulable !== undefined) return unschedulable;
    const why = deriveDelay(pod, container);
    const message = deriveMessage(`${revision}: no pod came up within ${startSeconds} s: ${why}`);
    return { status: 'Unknown', reason: 'PodNotStarted', message };
  }
  if (isImage) {
    const message = `${revision} accepted no connection on $PORT within ${seconds} s; make the image listen there`;
    return { status: 'False', reason: 'PortNotOpen', message };
  }
  const message =
    `${revision} was not loaded within ${seconds} s; ` +
    'code outside of the handler must not wait for long';
  return { status: 'False', reason: 'LoadTimeout', message };
}

function deriveDelay(pod: Pod | undefined, container: ContainerStatus | undefined): string {
  if (pod === undefined) return 'it was deleted';
  const waiting = container?.state?.waiting;
  if (waiting !== undefined) return waiting.message ?? waiting.reason ?? 'its container waits';
  const scheduled = pod.status?.conditions?.find((one) => one.type === 'PodScheduled');
  if (scheduled?.status === 'False') return scheduled.message ?? 'no node has room';
  return pod.status?.phase ?? 'Pending';
}
