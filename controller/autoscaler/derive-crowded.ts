// Whether the nodes have more pods to start than they get done: what may wait then makes room.

import { derivePodObstacle } from '../../api/derive-pod-obstacle.ts';
import type { Pod } from '../../api/kubernetes.ts';

/** A node gets some four small pods a second to run with two cores busy, so that one or two are always on their way. */
const startingPerNodeMax = 2;

/** Of the platform's own pods: those of Functions, of pools and of proofs, on the nodes where there are any. */
export function deriveCrowded(pods: Iterable<Pod>): boolean {
  const nodes = new Set<string>();
  let starting = 0;
  for (const pod of pods) {
    if (pod.spec.nodeName !== undefined) nodes.add(pod.spec.nodeName);
    if (isStarting(pod)) starting += 1;
  }
  return starting > startingPerNodeMax * Math.max(1, nodes.size);
}

function isStarting(pod: Pod): boolean {
  const { metadata, spec, status } = pod;
  if (metadata.deletionTimestamp !== undefined) return false;
  if (status?.phase !== undefined && status.phase !== 'Pending') return false;
  // What waits for us, for room or for an image costs no node anything.
  return (spec.schedulingGates ?? []).length === 0 && derivePodObstacle(pod) === undefined;
}
