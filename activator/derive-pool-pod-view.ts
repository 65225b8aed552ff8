// Reduces a parked pod of the warm pool to what a claim needs: where it is, and whether it can be asked.

import { buildPodAddress, type PodAddress } from '../api/build-pod-address.ts';
import type { Pod } from '../api/kubernetes.ts';
import { derivePodObstacle } from '../api/derive-pod-obstacle.ts';
import { functionContainer, labels, portNames } from '../api/names.ts';
import type { PodView } from './derive-pod-view.ts';

export interface PoolPodView {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly runtime: string;
  /** Being deleted or ended: not to be claimed, and what was claimed gets no request any more. */
  readonly isLeaving: boolean;
  /** Its container runs: it listens, or will in a moment. */
  readonly isRunning: boolean;
  /** It has been made, has not run yet, and nothing is known to be in its way. */
  readonly isComing: boolean;
  /** The kubelet has seen it accept connections. */
  readonly isReady: boolean;
  readonly restarts: number;
  readonly http: PodAddress | undefined;
  readonly control: PodAddress | undefined;
}

/** `undefined` for a pod of no pool. */
export function derivePoolPodView(pod: Pod): PoolPodView | undefined {
  const { metadata, status } = pod;
  const runtime = metadata.labels?.[labels.pool];
  if (runtime === undefined) return undefined;
  const container = status?.containerStatuses?.find((one) => one.name === functionContainer);
  const isLeaving = metadata.deletionTimestamp !== undefined || hasEnded(status);
  const isRunning = container?.state?.running !== undefined;
  const restarts = container?.restartCount ?? 0;
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    uid: metadata.uid ?? '',
    runtime,
    ...{ isLeaving, isRunning, restarts },
    isComing: !isLeaving && !isRunning && restarts === 0 && derivePodObstacle(pod) === undefined,
    isReady: isReady(status),
    http: buildPodAddress(pod, portNames.http),
    control: buildPodAddress(pod, portNames.control),
  };
}

function hasEnded(status: Pod['status']): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

function isReady(status: Pod['status']): boolean {
  return status?.conditions?.find((one) => one.type === 'Ready')?.status === 'True';
}

/** The same pod as one of the Revision it was claimed for, before its labels say so. */
export function deriveClaimedView(pod: PoolPodView, revision: string): PodView {
  const { namespace, name, uid, isLeaving, isReady, restarts, http, control } = pod;
  return {
    ...{ namespace, name, uid, revision, isLeaving, isReady, restarts, http, control },
    isScheduled: true,
    gateIndex: undefined,
    isAdopted: false,
    stuck: undefined,
    obstacle: undefined,
  };
}
