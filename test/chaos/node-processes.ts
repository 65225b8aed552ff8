// Processes of the containers on a kind node, seen from the machine that the node runs on (Linux, root).

import { readdirSync, readFileSync } from 'node:fs';

export interface NodeProcess {
  readonly pid: number;
  /** Of its pod. */
  readonly podUid: string | undefined;
  readonly command: string;
}

/** Of the container that has this id: 64 digits, so nobody else's. */
export function processesOf(containerId: string): number[] {
  if (!/^[0-9a-f]{64}$/.test(containerId)) throw new Error(`no container's id: "${containerId}"`);
  return listPids().filter((pid) => readOf(pid, 'cgroup').includes(containerId));
}

/** What runs in the pods of one node, named by the id of its own container. */
export function processesOn(nodeId: string): NodeProcess[] {
  return listPids().flatMap((pid) => {
    const cgroup = readOf(pid, 'cgroup');
    if (!cgroup.includes(nodeId)) return [];
    const found = /pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12})/.exec(cgroup);
    const command = readOf(pid, 'cmdline').replaceAll('\0', ' ').trim();
    return [{ pid, podUid: found?.[1]?.replaceAll('_', '-'), command }];
  });
}

function listPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Empty when it is gone. A zombie has no control group of a container any more. */
function readOf(pid: number, file: 'cgroup' | 'cmdline'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
