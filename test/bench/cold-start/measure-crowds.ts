// Many requests at once: fifty to one Function at zero, then one each to twenty and to a hundred of them.

import { poolSize, type Bed, type Progress } from './bed.ts';
import type { Fleet, Sleeper } from './fleet.ts';
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

const callers = 50;
const callerRounds = 3;
const burstRounds = { 20: 3, 100: 1 } as const;

/** The figures of all rounds together. */
export interface Crowd extends Spread {
  /** The slowest of each round. */
  readonly lastMs: readonly number[];
  readonly hitRatio: number;
  /** Wakes that the activators counted, in all rounds. */
  readonly wakes: number;
  readonly rounds: number;
  readonly failed: number;
  readonly failures: readonly string[];
}

export function measureCallers(bed: Bed, fleet: Fleet, progress: Progress): Promise<Crowd> {
  progress(`${callers} callers of one Function, ${callerRounds} rounds`);
  return crowd(bed, callerRounds, () => {
    const one = fleet.next();
    return Array.from({ length: callers }, () => one);
  });
}

export function measureBurst(
  bed: Bed,
  fleet: Fleet,
  { count, progress }: { readonly count: keyof typeof burstRounds; readonly progress: Progress },
): Promise<Crowd> {
  const rounds = burstRounds[count];
  progress(`${count} Functions at once, ${rounds} rounds`);
  return crowd(bed, rounds, () => fleet.take(count));
}

async function crowd(bed: Bed, rounds: number, pick: () => readonly Sleeper[]): Promise<Crowd> {
  const all: Wake[][] = [];
  let hits = 0;
  let wakes = 0;
  for (let at = 0; at < rounds; at += 1) {
    await bed.watch.asleep(poolSize.min);
    await waitForCalm();
    const { result, hitRatio, starts } = await countHits(bed, () =>
      Promise.all(pick().map(({ host }) => wake(bed, host))),
    );
    all.push(result);
    hits += hitRatio * starts;
    wakes += starts;
  }
  const flat = all.flat();
  return {
    ...spreadOf(firstBytes(flat)),
    lastMs: all.map((one) => spreadOf(firstBytes(one)).maxMs),
    hitRatio: round(hits / wakes),
    wakes,
    rounds,
    failed: flat.filter(({ way }) => way === 'failed').length,
    failures: failuresOf(flat),
  };
}
