// Reduces a Pod to what the activator decides by: is it here to stay, where is it, has its container restarted.

import { buildPodAddress, type PodAddress } from '../api/build-pod-address.ts';
import type { Pod } from '../api/kubernetes.ts';
import { functionContainer, labels, portNames } from '../api/names.ts';

export interface PodView {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly revision: string;
  /** Being deleted or ended: gets no request any more. */
  readonly isLeaving: boolean;
  /** Passes its readiness probe, as the kubelet saw it last. */
  readonly isReady: boolean;
  /** Counts the restarts of its container; a new process holds no code. */
  readonly restarts: number;
  /** `undefined` until the pod has an address. */
  readonly http: PodAddress | undefined;
  readonly control: PodAddress | undefined;
  /** Why it isn't running yet, in Kubernetes' own words, where it says so. */
  readonly obstacle: string | undefined;
}

/** `undefined` for a pod that belongs to no Revision. */
export function derivePodView(pod: Pod): PodView | undefined {
  const revision = pod.metadata.labels?.[labels.revision];
  if (revision === undefined) return undefined;
  const phase = pod.status?.phase;
  const container = pod.status?.containerStatuses?.find((one) => one.name === functionContainer);
  return {
    namespace: pod.metadata.namespace ?? '',
    name: pod.metadata.name,
    uid: pod.metadata.uid ?? '',
    revision,
    isLeaving:
      pod.metadata.deletionTimestamp !== undefined || phase === 'Succeeded' || phase === 'Failed',
    isReady: pod.status?.conditions?.find((one) => one.type === 'Ready')?.status === 'True',
    restarts: container?.restartCount ?? 0,
    http: buildPodAddress(pod, portNames.http),
    control: buildPodAddress(pod, portNames.control),
    obstacle: deriveObstacle(pod),
  };
}

function deriveObstacle(pod: Pod): string | undefined {
  for (const status of pod.status?.containerStatuses ?? []) {
    const waiting = status.state?.waiting;
    if (waiting?.reason !== undefined && waiting.reason !== 'ContainerCreating') {
      return join(waiting.reason, waiting.message);
    }
    const terminated = status.state?.terminated;
    if (terminated !== undefined) {
      return join(`its process exited with code ${terminated.exitCode}`, terminated.message);
    }
  }
  const scheduled = pod.status?.conditions?.find((one) => one.type === 'PodScheduled');
  if (scheduled?.status === 'False')
    return join(scheduled.reason ?? 'Unschedulable', scheduled.message);
  return pod.status?.phase === undefined || pod.status.phase === 'Pending' ? 'Pending' : undefined;
}

function join(reason: string, message: string | undefined): string {
  return message === undefined || message === '' ? reason : `${reason}: ${message}`;
}
