// Ends the processes an earlier kubelet left behind when it was killed.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../platform/process/log.ts';
import { isRunning, type ProcessRecord, type ProcessRecords } from './process-records.ts';

/** Short: nothing calls these processes any more, and the start waits for them. */
const termMsMax = 500;
const pollMs = 20;

/**
 * By pid and start time, never by name: another program that got the pid since is left alone. Returns which containers
 * had run, by pod uid.
 */
export async function endLeftovers(
  records: ProcessRecords,
  log: Log,
): Promise<Map<string, Set<string>>> {
  const all = records.readAll();
  const ran = new Map<string, Set<string>>();
  for (const { podUid, container } of all) {
    ran.set(podUid, (ran.get(podUid) ?? new Set()).add(container));
  }
  await Promise.all(
    all.map(async (record) => {
      if (await isRunning(record)) await end(record, log);
      records.remove(record.pid);
    }),
  );
  return ran;
}

async function end(record: ProcessRecord, log: Log): Promise<void> {
  const { pid } = record;
  log.warn(
    { pid, podUid: record.podUid, container: record.container },
    'ending a leftover process',
  );
  signalGroup(pid, 'SIGTERM');
  for (let waitedMs = 0; waitedMs < termMsMax; waitedMs += pollMs) {
    await sleep(pollMs);
    if (!(await isRunning(record))) break;
  }
  // Also when the leader has gone: others of its group may be left.
  signalGroup(pid, 'SIGKILL');
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Ended just now.
  }
}
