// Cold traffic while everything is killed at random: only what was killed itself may be lost, and all comes to rest.

import { expect } from '@jest/globals';
import { randomInt } from 'node:crypto';
import { waitFor } from '../support/wait-for.ts';
import type { ChaosWorld } from './chaos-world.ts';
import {
  callOnce,
  pauseUnless,
  processOf,
  startColdTraffic,
  type CalledFunction,
  type ColdTraffic,
} from './cold-traffic.ts';
import { findCrowded, findFaultsAtRest } from './find-faults.ts';
import { judgeFailure, type Failure } from './judge-losses.ts';
import { Killer } from './killer.ts';
import { createSeededRandom } from './seeded-random.ts';
import { Timeline } from './timeline.ts';

/** ROUSE_CHAOS_SECONDS; longer where one round of kills takes longer. */
const seconds = Number(process.env['ROUSE_CHAOS_SECONDS'] ?? 20);
/** ROUSE_CHAOS_SEED repeats the choices; the timing is the machine's. */
const seed = Number(process.env['ROUSE_CHAOS_SEED'] ?? randomInt(2 ** 31));
/**
 * The pool gets smaller no sooner than after a minute of less demand, and in steps. Demand is forgotten by halves: on a
 * busy node, where a new pod took a minute, it takes ten until the last of it is.
 */
const shrinkMs = 900_000;
/** A run of some seconds has no time for that, and is content with a pool that has what it wants. */
const isLong = seconds >= 60;
const restMs = 240_000;
/** Of all the rest, on a machine that is ten times slower. */
export const chaosMsMax = seconds * 1_000 + shrinkMs + 2 * restMs + 600_000;

/** Gives the number of answers; throws for whatever is not as it must be. */
export async function runChaos(options: {
  readonly world: ChaosWorld;
  readonly called: readonly CalledFunction[];
  readonly pool: { readonly min: number; readonly max: number };
}): Promise<number> {
  const { world, called, pool } = options;
  const random = createSeededRandom(seed);
  const timeline = new Timeline();
  const killer = new Killer({ world, random, timeline });
  process.stderr.write(`chaos: ROUSE_CHAOS_SEED=${seed} for ${seconds} s\n`);
  const traffic = startColdTraffic(called, {
    listGateways: () => killer.listGatewaysUp(),
    random,
  });
  try {
    await killer.run(AbortSignal.timeout(seconds * 1_000));
    timeline.add('nothing is killed any more');
    await pauseUnless(AbortSignal.timeout(2_000), 2_000);
    await traffic.stop();
    const lost = judgeAll(traffic, killer, timeline);
    await allAnswer(world, called);
    await becomesEmpty(() => findCrowded(world.target), restMs);
    await becomesEmpty(() => findFaultsAtRest(world, pool), restMs);
    timeline.add('all is at rest');
    const small = { min: pool.min, max: pool.min };
    if (isLong) await becomesEmpty(() => findFaultsAtRest(world, small), shrinkMs);
    process.stderr.write(`${summary(traffic, killer)}\n`);
    expect(lost).toEqual([]);
    expect(traffic.wrong).toEqual([]);
    expect([...traffic.servedBy.values()].filter((names) => names.size > 1)).toEqual([]);
    expect(killer.pods.length).toBeGreaterThan(0);
    const kinds = new Set([...killer.counts.keys()].map((kind) => kind.split(' ')[0]));
    expect([...kinds]).toEqual(expect.arrayContaining(['activator', 'controller']));
    return traffic.answersMs.length;
  } catch (error) {
    await traffic.stop();
    const told = `${summary(traffic, killer)}\n${timeline.print()}\n${await world.logs()}\n`;
    process.stderr.write(told);
    throw error;
  }
}

async function allAnswer(world: ChaosWorld, called: readonly CalledFunction[]): Promise<void> {
  const answers = world.listGateways().flatMap((url) =>
    called.map(async (one) => {
      const answer = await callOnce(url, one);
      const isOwn = answer.status === 200 && processOf(answer, one) !== undefined;
      return isOwn ? [] : [`${one.name} ${answer.status} ${answer.text}`];
    }),
  );
  expect((await Promise.all(answers)).flat()).toEqual([]);
}

/** Those that nothing excuses. */
function judgeAll(traffic: ColdTraffic, killer: Killer, timeline: Timeline): Failure[] {
  return traffic.failures.filter((failure) => {
    const { functionName, startMs, endMs, brokeWith, what } = failure;
    const verdict = judgeFailure(failure, killer);
    const tookMs = Math.round(endMs - startMs);
    const text = `${brokeWith ?? ''} ${what}`.trim();
    timeline.add(
      `${verdict === 'lost' ? 'LOST' : verdict}: ${functionName} ${tookMs} ms ${text}`,
      endMs,
    );
    return verdict === 'lost';
  });
}

async function becomesEmpty(find: () => Promise<string[]>, deadlineMs: number): Promise<void> {
  let faults: string[] = [];
  try {
    await waitFor(
      async () => {
        faults = await find();
        return faults.length === 0;
      },
      { what: 'the state of rest', deadlineMs, stepMs: 50 },
    );
  } catch (error) {
    throw new Error(`${(error as Error).message}:\n${faults.join('\n')}`, { cause: error });
  }
}

function summary(traffic: ColdTraffic, killer: Killer): string {
  const verdicts = new Map<string, number>();
  for (const failure of traffic.failures) {
    const verdict = judgeFailure(failure, killer);
    verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
  }
  const list = (counts: ReadonlyMap<string, number>): string =>
    [...counts].map(([what, count]) => `${what} ${count}`).join(', ') || 'none';
  const { answersMs, failures, wrong, servedBy } = traffic;
  const sorted = answersMs.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    `${Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0)} ms`;
  return [
    `chaos: ROUSE_CHAOS_SEED=${seed} ROUSE_CHAOS_SECONDS=${seconds}`,
    `  requests ${answersMs.length + failures.length}: answers ${answersMs.length} by ${servedBy.size} processes, wrong ${wrong.length}`,
    `  failed: ${list(verdicts)}`,
    `  answered after ${at(0.5)} (p50), ${at(0.99)} (p99), ${at(1)} (longest)`,
    `  ${list(killer.counts)}; claims that nobody knew of any more ${killer.orphanedClaims}`,
  ].join('\n');
}
