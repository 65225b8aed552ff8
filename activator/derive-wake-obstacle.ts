// Says in one sentence why a Revision has no pod that serves, for the caller and for the Function's events.

import type { ErrorCode } from '../api/errors.ts';
import type { ScaleView } from './cluster.ts';
import type { PodView } from './derive-pod-view.ts';

export interface WakeObstacle {
  /** `no_capacity` where the cluster itself says that it can't give a pod; else nobody knows, and time ran out. */
  readonly code: Extract<ErrorCode, 'no_capacity' | 'wake_timeout'>;
  readonly message: string;
}

const obstacleLengthMax = 500;

/**
 * `scale`: of its Deployment, `undefined` when there is none. `raiseProblem`: why it could not be scaled up.
 * `claimedPod`: the parked pod that was sent the code.
 */
export function deriveWakeObstacle(
  pods: readonly PodView[],
  scale: Pick<ScaleView, 'replicas' | 'failure'> | undefined,
  raiseProblem?: string,
  claimedPod?: string,
): WakeObstacle {
  if (claimedPod !== undefined) {
    return tell('wake_timeout', `pod "${claimedPod}" has not finished loading the code`);
  }
  const stuck =
    pods.find((pod) => pod.stuck !== undefined) ??
    pods.find((pod) => pod.obstacle !== undefined) ??
    pods[0];
  if (stuck !== undefined) {
    const why = stuck.obstacle ?? 'its runtime does not answer';
    const isRefused = stuck.stuck === 'unschedulable' || stuck.stuck === 'image';
    return tell(isRefused ? 'no_capacity' : 'wake_timeout', `pod "${stuck.name}": ${why}`);
  }
  if (scale === undefined) return tell('wake_timeout', 'its Deployment does not exist');
  if (scale.replicas > 0 && scale.failure !== undefined) {
    return tell('no_capacity', `its pod can't be made: ${scale.failure}`);
  }
  if (scale.replicas > 0) return tell('wake_timeout', 'its Deployment has made no pod yet');
  const why = raiseProblem === undefined ? '' : `: ${raiseProblem}`;
  return tell('wake_timeout', `its Deployment could not be scaled up${why}`);
}

function tell(code: WakeObstacle['code'], message: string): WakeObstacle {
  return { code, message: message.slice(0, obstacleLengthMax) };
}
