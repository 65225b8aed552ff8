// One cold start after the other on a quiet platform, with what it is held against in between.

import { setTimeout as pause } from 'node:timers/promises';
import { median } from '../report.ts';
import { poolSize, type Bed, type Progress } from './bed.ts';
import { requests, type Fleet } from './fleet.ts';
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

/** Fewer for a quick look. */
const rounds = Number(process.env['ROUSE_BENCH_ROUNDS'] ?? 12);
const startsPerRound = 4;
/** After the last pod object is gone the kubelet still takes its sandbox apart. */
const settleMs = 300;

export interface Single {
  readonly hitRatio: number;
  /** Those that a parked pod served. */
  readonly poolHit: Spread;
  readonly failures: readonly string[];
  readonly references: Readonly<Record<string, Spread>>;
  /** Of all starts: writes in the namespace that were seen before the first byte came. */
  readonly writesBeforeFirstByte: readonly number[];
  /** The writes of the start that had most. */
  readonly writesSeen: readonly string[];
  /** From the call until the Deployment says 1/1 and the adopted pod has the Function's resources. */
  readonly adopted: Spread;
  /** Medians of Server-Timing. */
  readonly phases: string;
  readonly raw: readonly number[];
}

export async function measureSingle(bed: Bed, fleet: Fleet, progress: Progress): Promise<Single> {
  const starts: Start[] = [];
  const references: Record<string, number[]> = {};
  const { hitRatio } = await countHits(bed, async () => {
    for (let round = 0; round < rounds; round += 1) {
      for (const [name, measure] of turned(Object.entries(bed.references), round)) {
        await settle(bed);
        (references[name] ??= []).push(await measure());
      }
      for (let time = 0; time < startsPerRound; time += 1) {
        await settle(bed);
        starts.push(await startOne(bed, fleet));
      }
      if ((round + 1) % 4 === 0) progress(`single: round ${round + 1} of ${rounds}`);
    }
  });
  const wakes = starts.map((one) => one.wake);
  const hits = wakes.filter(({ way }) => way === 'pool');
  const mostWrites = starts.reduce(
    (most, one) => (one.writes.length > most.length ? one.writes : most),
    [] as readonly string[],
  );
  return {
    hitRatio,
    poolHit: spreadOf(firstBytes(hits)),
    failures: failuresOf(wakes),
    references: Object.fromEntries(
      Object.entries(references).map(([name, values]) => [name, spreadOf(values)]),
    ),
    writesBeforeFirstByte: starts.map(({ writes }) => writes.length),
    writesSeen: mostWrites,
    adopted: spreadOf(starts.flatMap(({ adoptedMs }) => adoptedMs ?? [])),
    phases: summarize(hits),
    raw: firstBytes(hits).map(round),
  };
}

interface Start {
  readonly wake: Wake;
  readonly writes: readonly string[];
  readonly adoptedMs: number | undefined;
}

async function startOne(bed: Bed, fleet: Fleet): Promise<Start> {
  const { name, host } = fleet.next();
  const endRecord = bed.watch.recordWrites(name);
  const startedMs = performance.now();
  const seen = await wake(bed, host);
  const writes = endRecord(startedMs + seen.firstByteMs).map(({ what }) => what);
  if (seen.way !== 'pool') return { wake: seen, writes, adoptedMs: undefined };
  await bed.watch.adopted(name, requests);
  return { wake: seen, writes, adoptedMs: performance.now() - startedMs };
}

async function settle({ watch }: Bed): Promise<void> {
  await watch.quiet(poolSize.min);
  await pause(settleMs);
}

/** Another one first in each round: none always follows the same. */
function turned<T>(list: readonly T[], by: number): T[] {
  const at = by % Math.max(1, list.length);
  return [...list.slice(at), ...list.slice(0, at)];
}

/** Medians of each phase of `queue;dur=0.1, claim;dur=…`. */
function summarize(wakes: readonly Wake[]): string {
  const phases = new Map<string, number[]>();
  for (const { said } of wakes) {
    for (const [, name = '', ms] of said.matchAll(/(\w+);dur=([\d.]+)/g)) {
      phases.set(name, [...(phases.get(name) ?? []), Number(ms)]);
    }
  }
  return [...phases].map(([name, values]) => `${name} ${median(values).toFixed(1)}`).join(', ');
}
