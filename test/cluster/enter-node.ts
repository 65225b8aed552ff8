// Lets a test program run in the network of a kind node, where pods and activators have their own addresses.

import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync, writeFileSync } from 'node:fs';

export interface NodeEntry {
  /** Of the container that is the node. */
  readonly id: string;
  /** Put before a command, runs it in there. */
  readonly enter: readonly string[];
}

/** Where kubeadm lets the API server listen, as seen from inside the node. */
const serverInside = 'https://127.0.0.1:6443';

/** `undefined` where this machine does not run the node itself, or others than root may not enter it. */
export function findNodeEntry(node: string, env: NodeJS.ProcessEnv): NodeEntry | undefined {
  const ask = ['inspect', '--format', '{{.Id}} {{.State.Pid}}', node];
  const { stdout, status } = spawnSync('docker', ask, { env, encoding: 'utf8' });
  const [id = '', pid = ''] = (stdout ?? '').trim().split(' ');
  if (status !== 0 || !canEnter(id, pid)) return undefined;
  return { id, enter: ['nsenter', '--target', pid, '--net', '--'] };
}

/** Writes a kubeconfig that is good inside the node. */
export function writeInnerKubeconfig(outer: string, inner: string): void {
  const text = readFileSync(outer, 'utf8').replace(/server: \S+/, `server: ${serverInside}`);
  writeFileSync(inner, text, { mode: 0o600 });
}

/** A Docker elsewhere gives the pids of another machine. */
function canEnter(id: string, pid: string): boolean {
  try {
    readlinkSync(`/proc/${pid}/ns/net`);
    const isThisNode = readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(id);
    return isThisNode && spawnSync('nsenter', ['--target', pid, '--net', 'true']).status === 0;
  } catch {
    return false;
  }
}
