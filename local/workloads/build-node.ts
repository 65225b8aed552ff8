// The Node object that stands for this machine.

import type { Node } from './cluster-resources.ts';

export interface MachineFacts {
  readonly nodeName: string;
  readonly hostname: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly os: string;
  readonly architecture: string;
  readonly kernel: string;
  readonly version: string;
}

/** Pods at once; each has at least one process and one port of the kubelet's range. */
export const podsMax = 2_000;

export function buildNode(facts: MachineFacts): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: facts.nodeName,
      labels: {
        'kubernetes.io/hostname': facts.nodeName,
        'kubernetes.io/os': facts.os,
        'kubernetes.io/arch': facts.architecture,
        'node-role.kubernetes.io/control-plane': '',
      },
    },
    spec: {},
  };
}

export function buildNodeStatus(facts: MachineFacts, nowText: string): Record<string, unknown> {
  const capacity = {
    cpu: String(facts.cpus),
    memory: `${Math.floor(facts.memoryBytes / 1024)}Ki`,
    pods: String(podsMax),
  };
  const condition = (type: string, status: string, reason: string, message: string) => ({
    type,
    status,
    reason,
    message,
    lastHeartbeatTime: nowText,
    lastTransitionTime: nowText,
  });
  return {
    capacity,
    allocatable: capacity,
    conditions: [
      condition(
        'MemoryPressure',
        'False',
        'KubeletHasSufficientMemory',
        'kubelet has sufficient memory available',
      ),
      condition(
        'DiskPressure',
        'False',
        'KubeletHasNoDiskPressure',
        'kubelet has no disk pressure',
      ),
      condition(
        'PIDPressure',
        'False',
        'KubeletHasSufficientPID',
        'kubelet has sufficient PID available',
      ),
      condition('Ready', 'True', 'KubeletReady', 'pods run as processes of this machine'),
    ],
    addresses: [
      { type: 'InternalIP', address: '127.0.0.1' },
      { type: 'Hostname', address: facts.nodeName },
    ],
    nodeInfo: {
      architecture: facts.architecture,
      bootID: '',
      containerRuntimeVersion: `process://${facts.version}`,
      kernelVersion: facts.kernel,
      kubeProxyVersion: '',
      kubeletVersion: `v1.36.0-rouse.${facts.version}`,
      machineID: '',
      operatingSystem: facts.os,
      osImage: facts.hostname,
      systemUUID: '',
    },
  };
}
