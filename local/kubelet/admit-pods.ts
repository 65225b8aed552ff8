// What a pod gets when it is created here: a port of this machine per container port, and its node.

import type { Condition, Pod } from '../../api/kubernetes.ts';
import type { Admit } from '../api-server/server-parts.ts';
import { decideSchedule, type NodeSnapshot } from '../workloads/decide-schedule.ts';
import { timeText } from './derive-pod-status.ts';
import type { HostPorts } from './host-ports.ts';

export const podAddress = '127.0.0.1';

export interface PodAdmissionOptions {
  readonly hostPorts: HostPorts;
  readonly readNode: () => NodeSnapshot;
  readonly now: () => number;
}

/**
 * All pods share one address, so each container port needs a port of its own; it is recorded as hostPort, which every
 * client of a pod has to look at anyway. Scheduling in the same write saves a wake two writes.
 */
export function createPodAdmission(options: PodAdmissionOptions): Admit {
  return (object, operation, info) => {
    if (info.group !== '' || info.plural !== 'pods' || operation !== 'CREATE') return;
    const pod = object as unknown as Pod;
    if (pod.spec === undefined) return;
    assignPorts(pod, options.hostPorts);
    schedule(pod, options);
  };
}

function assignPorts(pod: Pod, hostPorts: HostPorts): void {
  const uid = pod.metadata.uid ?? '';
  for (const container of pod.spec.containers ?? []) {
    for (const port of container.ports ?? []) {
      if ((port.protocol ?? 'TCP') === 'TCP') port.hostPort ??= hostPorts.take(uid);
    }
  }
}

function schedule(pod: Pod, options: PodAdmissionOptions): void {
  const decision = decideSchedule(pod, options.readNode());
  if (decision.kind === 'bind') {
    pod.spec.nodeName = decision.nodeName;
    pod.status = {
      ...pod.status,
      phase: 'Pending',
      ...addresses(),
      conditions: setScheduled(pod, { type: 'PodScheduled', status: 'True' }, options.now()),
    };
  } else if (decision.kind === 'wait' && decision.reason === 'SchedulingGated') {
    const { reason, message } = decision;
    const condition: Condition = { type: 'PodScheduled', status: 'False', reason, message };
    pod.status = {
      ...pod.status,
      phase: 'Pending',
      conditions: setScheduled(pod, condition, options.now()),
    };
  }
}

/** Known before the process runs, so whoever waits for the pod can knock at once. */
function addresses(): object {
  const ips = [{ ip: podAddress }];
  return { hostIP: podAddress, hostIPs: ips, podIP: podAddress, podIPs: ips };
}

function setScheduled(pod: Pod, condition: Condition, nowMs: number): Condition[] {
  const others = (pod.status?.conditions ?? []).filter((one) => one.type !== condition.type);
  return [...others, { ...condition, lastTransitionTime: timeText(nowMs) }];
}
