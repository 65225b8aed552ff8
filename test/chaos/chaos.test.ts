// Cold traffic while controller, activator and pods are killed at random: nothing is lost but what was killed itself.
// ROUSE_CHAOS_SECONDS says for how long, ROUSE_CHAOS_SEED repeats the choices (the timing is the machine's).

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomInt } from 'node:crypto';
import { namespaces } from '../../api/resources.ts';
import { startPlatform, type TestPlatform } from '../support/platform.ts';
import { Target } from '../support/target.ts';
import { waitFor } from '../support/wait-for.ts';
import {
  callOnce,
  deployCalled,
  pauseUnless,
  processOf,
  startColdTraffic,
  type CalledFunction,
  type ColdTraffic,
} from './cold-traffic.ts';
import { findCrowded, findFaultsAtRest } from './find-faults.ts';
import { startGateways, type Gateways } from './gateways.ts';
import { judgeFailure, type Failure } from './judge-losses.ts';
import { Killer } from './killer.ts';
import { createSeededRandom } from './seeded-random.ts';
import { Timeline } from './timeline.ts';

const seconds = Number(process.env['ROUSE_CHAOS_SECONDS'] ?? 20);
const seed = Number(process.env['ROUSE_CHAOS_SEED'] ?? randomInt(2 ** 31));
const functionsCount = 12;
const pool = { min: 3, max: 8 };
/** The pool gets smaller no sooner than after a minute of less demand, and in steps. */
const shrinkMs = 240_000;
/** A run of some seconds has no time for that, and is content with a pool that has what it wants. */
const isLong = seconds >= 60;
const restMs = 90_000;
const namespace = 'chaos';

describe('while everything is killed at random', () => {
  let platform: TestPlatform;
  let target: Target;
  let gateways: Gateways;
  const called: CalledFunction[] = [];

  beforeAll(async () => {
    platform = await startPlatform({
      env: { ROUSE_POOL_MIN: String(pool.min), ROUSE_POOL_MAX: String(pool.max) },
    });
    target = new Target({ ...platform, namespace, platform });
    gateways = await startGateways(platform);
    const metadata = { name: namespace };
    await target.kube.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata });
    const names = Array.from({ length: functionsCount }, (_, at) => `cold-${at}`);
    // One after the other: on a busy machine the last of thirteen at once would be proved too late.
    for (const name of names) called.push(await deployCalled(target, name));
    called.push(await deployCalled(target, 'alone', { pool: false }));
  }, 90_000);
  afterAll(async () => {
    await gateways?.stop();
    await platform?.dispose();
  }, 60_000);

  it(
    'each Function answers as itself, and all comes to rest',
    async () => {
      const random = createSeededRandom(seed);
      const timeline = new Timeline();
      const killer = new Killer({ target, gateways: gateways.all, random, timeline });
      process.stderr.write(`chaos: ROUSE_CHAOS_SEED=${seed} for ${seconds} s\n`);
      const traffic = startColdTraffic(called, {
        listGateways: () => killer.listGatewaysUp(),
        random,
      });
      try {
        const over = AbortSignal.timeout(seconds * 1_000);
        await killer.run(over);
        timeline.add('nothing is killed any more');
        await pauseUnless(AbortSignal.timeout(2_000), 2_000);
        await traffic.stop();
        const lost = judgeAll(traffic, killer, timeline);
        await allAnswer();
        await becomesEmpty(() => findCrowded(target), restMs);
        await becomesEmpty(() => findFaultsAtRest(target, pool), restMs);
        timeline.add('all is at rest');
        const small = { min: pool.min, max: pool.min };
        if (isLong) await becomesEmpty(() => findFaultsAtRest(target, small), shrinkMs);
        process.stderr.write(`${summary(traffic, killer)}\n`);
        expect(lost).toEqual([]);
        expect(traffic.wrong).toEqual([]);
        expect([...traffic.servedBy.values()].filter((names) => names.size > 1)).toEqual([]);
        expect(killer.pods.length).toBeGreaterThan(0);
        expect([...killer.counts.keys()]).toEqual(
          expect.arrayContaining(['activator', 'controller']),
        );
      } catch (error) {
        await traffic.stop();
        const told = `${summary(traffic, killer)}\n${timeline.print()}\n${platform.logs()}\n`;
        process.stderr.write(told);
        throw error;
      }
    },
    (seconds + 400) * 1_000,
  );

  async function allAnswer(): Promise<void> {
    const answers = gateways.all.flatMap(({ url }) =>
      called.map(async (one) => {
        const answer = await callOnce(url, one);
        const isOwn = answer.status === 200 && processOf(answer, one) !== undefined;
        return isOwn ? [] : [`${one.name} ${answer.status} ${answer.text}`];
      }),
    );
    expect((await Promise.all(answers)).flat()).toEqual([]);
  }
});

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
  return (
    `chaos: ROUSE_CHAOS_SEED=${seed} ROUSE_CHAOS_SECONDS=${seconds}: ${traffic.answers} answers by ` +
    `${traffic.servedBy.size} processes; failed: ${list(verdicts)}; killed: ${list(killer.counts)}`
  );
}
