// Tells one process from a later one with the same pid: by when it started.

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { platform } from 'node:os';

const answerMsMax = 2_000;

/**
 * A text that no later process of this pid has; `undefined` when there is no such process. Linux counts clock ticks
 * since boot, which /proc shows at once; elsewhere `ps` is asked, which takes some milliseconds.
 */
export function readProcessIdentity(
  pid: number,
  onIdentity: (identity: string | undefined) => void,
): void {
  if (platform() === 'linux') onIdentity(readFromProc(pid));
  else readFromPs(pid, onIdentity);
}

function readFromProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces and parentheses itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, start] = [fields[0], fields[19]];
    return state === 'Z' || start === undefined ? undefined : `${bootId()}:${start}`;
  } catch {
    return undefined;
  }
}

let boot: string | undefined;

function bootId(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return boot;
}

function readFromPs(pid: number, onIdentity: (identity: string | undefined) => void): void {
  const args = ['-o', 'lstart=', '-p', String(pid)];
  execFile('ps', args, { timeout: answerMsMax }, (error, stdout) => {
    const text = stdout.trim();
    onIdentity(error !== null || text === '' ? undefined : text);
  });
}
