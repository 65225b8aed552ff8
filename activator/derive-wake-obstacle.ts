// Says in one sentence why a Revision has no pod that serves, for the caller and for the Function's events.

import type { PodView } from './derive-pod-view.ts';

const obstacleLengthMax = 500;

/** `replicas` is what its Deployment asks for; `undefined` when there is none. */
export function deriveWakeObstacle(pods: readonly PodView[], replicas: number | undefined): string {
  const stuck = pods.find((pod) => pod.obstacle !== undefined) ?? pods[0];
  if (stuck !== undefined) {
    const why = stuck.obstacle ?? 'its runtime does not answer';
    return `pod "${stuck.name}": ${why}`.slice(0, obstacleLengthMax);
  }
  if (replicas === undefined) return 'its Deployment does not exist';
  if (replicas === 0) return 'its Deployment could not be scaled up';
  return 'its Deployment has made no pod yet';
}
