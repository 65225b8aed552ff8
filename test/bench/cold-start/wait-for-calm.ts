// Waits until the machine has little to do: pods that are gone from the API are still being taken apart by the kubelet.

import { cpus } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';

const windowMs = 1_000;
/** Of all processors together. A node with some thirty pods that do nothing takes 0.15. */
const busyShareMax = 0.3;
/** A machine that others use never gets calm: what is measured then says so by its load. */
const waitMsMax = 30_000;

export async function waitForCalm(): Promise<void> {
  const startedMs = performance.now();
  do {
    const before = readTimes();
    await pause(windowMs);
    const after = readTimes();
    const share = (after.busyMs - before.busyMs) / (after.totalMs - before.totalMs);
    if (share <= busyShareMax) return;
  } while (performance.now() - startedMs < waitMsMax);
}

function readTimes(): { busyMs: number; totalMs: number } {
  let busyMs = 0;
  let totalMs = 0;
  for (const { times } of cpus()) {
    busyMs += times.user + times.nice + times.sys + times.irq;
    totalMs += times.user + times.nice + times.sys + times.irq + times.idle;
  }
  return { busyMs, totalMs };
}
