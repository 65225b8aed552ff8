// Waits until the machine has little to do: pods that are gone from the API are still being taken apart by the kubelet.

import { cpus } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';

const windowMs = 1_000;
/** Of all processors together. A node with some thirty pods that do nothing takes 0.15. */
const busyShareMax = 0.25;
/** In a row: Kubernetes pauses between two steps of deleting a namespace. */
const calmWindows = 3;
/** A machine that others use never gets calm: what is measured then says so by its load. */
const waitMsMax = 90_000;

export async function waitForCalm(): Promise<void> {
  const startedMs = performance.now();
  let calm = 0;
  do {
    const before = readTimes();
    await pause(windowMs);
    const after = readTimes();
    const share = (after.busyMs - before.busyMs) / (after.totalMs - before.totalMs);
    calm = share <= busyShareMax ? calm + 1 : 0;
    if (calm === calmWindows) return;
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
