// Two cold starts a second for a minute while the pool fills up again, and what each costs.

import { setTimeout as pause } from 'node:timers/promises';
import { poolSize, type Bed, type Progress } from './bed.ts';
import { idleSeconds, type Fleet } from './fleet.ts';
import { waitForCalm } from './wait-for-calm.ts';
import {
  countHits,
  failuresOf,
  firstBytes,
  round,
  spreadOf,
  wake,
  type Spread,
  type Wake,
} from './wakes.ts';

const perSecond = 2;
const seconds = 60;

export interface Sustained extends Spread {
  readonly perSecond: number;
  readonly seconds: number;
  readonly hitRatio: number;
  readonly failed: number;
  readonly failures: readonly string[];
  /** Calls that found a pod which served already. */
  readonly warm: number;
  readonly idleSeconds: number;
  /** A start's whole life, by everybody: refill and scale-in included. */
  readonly apiWritesPerStart: number;
  readonly controlPlaneCpuSecondsPerStart: number;
}

/** `idle`: how long the Functions stay awake meanwhile. */
export async function measureSustained(
  bed: Bed,
  fleet: Fleet,
  { idle, progress }: { readonly idle: keyof typeof idleSeconds; readonly progress: Progress },
): Promise<Sustained> {
  await bed.watch.asleep(poolSize.min);
  await fleet.setIdle(bed, idleSeconds[idle]);
  await waitForCalm();
  progress(`${perSecond} starts a second for ${seconds} s, idle for ${idleSeconds[idle]} s`);
  const writesBefore = await bed.countWrites();
  const cpuBefore = bed.controlPlaneCpuMs();
  const { result, hitRatio, starts } = await countHits(bed, () => callSteadily(bed, fleet));
  const cpuMs = bed.controlPlaneCpuMs() - cpuBefore;
  const writes = (await bed.countWrites()) - writesBefore;
  await fleet.setIdle(bed, idleSeconds.soon);
  return {
    ...spreadOf(firstBytes(result)),
    perSecond,
    seconds,
    idleSeconds: idleSeconds[idle],
    hitRatio,
    failed: result.filter(({ way }) => way === 'failed').length,
    failures: failuresOf(result),
    warm: result.filter(({ way }) => way === 'warm').length,
    apiWritesPerStart: round(writes / starts),
    controlPlaneCpuSecondsPerStart: round(cpuMs / 1000 / starts),
  };
}

/** At fixed times, however long the answers take. */
async function callSteadily(bed: Bed, fleet: Fleet): Promise<Wake[]> {
  const startedMs = performance.now();
  const calls: Promise<Wake>[] = [];
  for (let number = 0; number < perSecond * seconds; number += 1) {
    await pause(Math.max(0, startedMs + (number * 1000) / perSecond - performance.now()));
    calls.push(wake(bed, fleet.next().host));
  }
  return Promise.all(calls);
}
