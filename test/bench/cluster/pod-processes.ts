// Finds the processes of pods: those of the kind node are this machine's too.

import { readFileSync } from 'node:fs';
import type { Pod } from '../../../api/kubernetes.ts';
import { allProcesses } from '../../support/process-tree.ts';

/** Process ids of each pod, in the same order: a container's cgroup names its pod's uid. Throws where one has none. */
export function findPodProcesses(pods: readonly Pod[]): number[][] {
  const processes = allProcesses()
    .filter(({ command }) => !command.includes('pause'))
    .map(({ pid }) => ({ pid, cgroup: readCgroup(pid) }));
  return pods.map(({ metadata }) => {
    const uid = new RegExp((metadata.uid ?? '').replaceAll('-', '[-_]'));
    const pids = processes.filter(({ cgroup }) => uid.test(cgroup)).map(({ pid }) => pid);
    if (pids.length === 0) throw new Error(`no process of pod ${metadata.name} on this machine`);
    return pids;
  });
}

function readCgroup(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  } catch {
    return '';
  }
}
