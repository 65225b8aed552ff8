// Where a pod's named port can be reached, by Kubernetes' own rules.

import type { Pod } from './kubernetes.ts';
import { functionContainer } from './names.ts';

export interface PodAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * A container port with a hostPort is reached at the node's address, any other at the pod's. `undefined` until the pod
 * has that address, or when it names no such port.
 */
export function buildPodAddress(pod: Pod, portName: string): PodAddress | undefined {
  const containers = pod.spec.containers;
  const container = containers.find((one) => one.name === functionContainer) ?? containers[0];
  const port = container?.ports?.find((one) => one.name === portName);
  if (port === undefined) return undefined;
  const host = port.hostPort === undefined ? pod.status?.podIP : pod.status?.hostIP;
  if (host === undefined || host === '') return undefined;
  return { host, port: port.hostPort ?? port.containerPort };
}
