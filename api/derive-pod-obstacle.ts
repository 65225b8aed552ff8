// What keeps a pod from starting, where Kubernetes says that it is stuck and not merely on its way.

import type { Condition, ContainerStatus, Pod } from './kubernetes.ts';
import { functionContainer } from './names.ts';

export interface PodObstacle {
  /** `unschedulable`: capacity may come. `image`: it can't be pulled. `config`: something it refers to is missing. */
  readonly kind: 'unschedulable' | 'image' | 'config';
  /** Kubernetes' own word, for example Unschedulable or ImagePullBackOff. */
  readonly reason: string;
  /** Kubernetes' own sentence. */
  readonly message: string;
}

export const unschedulableReason = 'Unschedulable';

/** What the kubelet says of a container that waits for an image it can't have. */
export const imageReasons: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'RegistryUnavailable',
  'SignatureValidationFailed',
]);

const configReasons: ReadonlySet<string> = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
]);

/**
 * Reasons of a condition Ready that lie outside of the Function: room, rights and quotas come and go, so its callers
 * are told to come again.
 */
export const capacityReasons: ReadonlySet<string> = new Set([
  unschedulableReason,
  'QuotaExceeded',
  'Forbidden',
  'NamespaceTerminating',
]);

/** `undefined` while the pod may still come up by itself, and once it runs. */
export function derivePodObstacle(pod: Pod): PodObstacle | undefined {
  if (pod.metadata.deletionTimestamp !== undefined) return undefined;
  const scheduled = findScheduled(pod);
  // Not SchedulingGated: that one waits for us.
  if (scheduled?.status === 'False' && scheduled.reason === unschedulableReason) {
    const message = scheduled.message ?? 'no node has room for it';
    return { kind: 'unschedulable', reason: unschedulableReason, message };
  }
  const { reason, message } = findContainer(pod)?.state?.waiting ?? {};
  if (reason === undefined) return undefined;
  if (imageReasons.has(reason)) return { kind: 'image', reason, message: message ?? reason };
  if (configReasons.has(reason)) return { kind: 'config', reason, message: message ?? reason };
  return undefined;
}

function findScheduled(pod: Pod): Condition | undefined {
  return pod.status?.conditions?.find((one) => one.type === 'PodScheduled');
}

function findContainer(pod: Pod): ContainerStatus | undefined {
  const all = pod.status?.containerStatuses ?? [];
  return all.find((one) => one.name === functionContainer) ?? all[0];
}
