// How many pods: the rules of the autoscaler, worked by hand and over generated traffic.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  calm,
  decideReplicas,
  type ScaleObservation,
  type ScalePolicy,
} from '../../../../controller/autoscaler/decide-replicas.ts';

const nowMs = 10_000_000;
const policy: ScalePolicy = {
  concurrencyTarget: 70,
  minReplicas: 0,
  maxReplicas: 100,
  idleMs: 30_000,
  stableWindowMs: 60_000,
  panicThreshold: 2,
  scaleUpRateMax: 1000,
  scaleDownRateMax: 2,
};
/** One busy pod, known for long. */
const seen: ScaleObservation = {
  concurrencyStableAvg: 10,
  concurrencyPanicAvg: 10,
  inFlight: 10,
  replicasWanted: 1,
  replicasReady: 1,
  lastBusyMs: nowMs,
  seenSinceMs: 0,
};
const decide = (
  change: Partial<ScaleObservation>,
  policyChange: Partial<ScalePolicy> = {},
  state = calm,
) => decideReplicas(state, { ...seen, ...change }, { ...policy, ...policyChange }, nowMs);

describe('decideReplicas', () => {
  it.each([
    // average, ready, pods: ceil(average / 70), at least half of what is ready
    [0.001, 1, 1],
    [70, 1, 1],
    [70.1, 2, 2],
    [240, 3, 4],
    [10, 10, 5],
    [10, 11, 5],
    [700, 10, 10],
  ])('with %d concurrent and %d ready wants %d', (average, ready, wanted) => {
    const averages = { concurrencyStableAvg: average, concurrencyPanicAvg: average };
    const decision = decide({ ...averages, replicasReady: ready, replicasWanted: ready });
    expect(decision).toMatchObject({ replicas: wanted, mode: 'stable' });
  });

  it('grows by at most its rate in one step', () => {
    const load = { concurrencyStableAvg: 70_000, concurrencyPanicAvg: 70_000, replicasReady: 3 };
    expect(decide(load, { scaleUpRateMax: 2, maxReplicas: 1000 }).replicas).toBe(6);
  });

  it('goes to zero once nothing was in flight for idleSeconds, whatever the average says', () => {
    const idle = { inFlight: 0, lastBusyMs: nowMs - 30_000, concurrencyStableAvg: 500 };
    expect(decide(idle)).toMatchObject({ replicas: 0, mode: 'idle' });
    expect(decide({ ...idle, lastBusyMs: nowMs - 29_999 }).replicas).toBeGreaterThan(0);
  });

  it('keeps steady light traffic awake: one request per 20 s, idleSeconds 30', () => {
    const light = { inFlight: 0, concurrencyStableAvg: 0.0005, concurrencyPanicAvg: 0 };
    for (const sinceMs of [0, 5_000, 19_999]) {
      expect(decide({ ...light, lastBusyMs: nowMs - sinceMs }).replicas).toBe(1);
    }
  });

  it('wakes for one request after 40 idle minutes in a window of an hour', () => {
    const average = 1 / 3600;
    const lone = { concurrencyStableAvg: average, concurrencyPanicAvg: 0, inFlight: 1 };
    const asleep = { ...lone, replicasWanted: 0, replicasReady: 0 };
    expect(decide(asleep, { stableWindowMs: 3_600_000 }).replicas).toBe(1);
    expect(decide({ ...asleep, concurrencyStableAvg: 0 }).replicas).toBe(1);
  });

  it('lets what sleeps sleep, although the window still holds load', () => {
    const asleep = { replicasWanted: 0, replicasReady: 0, inFlight: 0, concurrencyStableAvg: 500 };
    expect(decide(asleep).replicas).toBe(0);
  });

  it('never goes to zero while something is in flight, however long ago it came', () => {
    expect(decide({ inFlight: 1, lastBusyMs: 0 }).replicas).toBe(1);
  });

  it('keeps minReplicas when idle, raises to them when asleep, and never exceeds maxReplicas', () => {
    const idle = { inFlight: 0, lastBusyMs: 0, concurrencyStableAvg: 0, concurrencyPanicAvg: 0 };
    expect(decide(idle, { minReplicas: 2 }).replicas).toBe(2);
    expect(decide({ ...idle, replicasWanted: 0 }, { minReplicas: 2 }).replicas).toBe(2);
    const flood = { concurrencyStableAvg: 9000, concurrencyPanicAvg: 9000 };
    expect(decide(flood, { maxReplicas: 3 }).replicas).toBe(3);
  });

  it('panics at twice what is ready and then only grows, until the stable window has passed', () => {
    const burst = decide({ concurrencyPanicAvg: 280 });
    expect(burst).toMatchObject({ replicas: 4, mode: 'panic' });
    expect(burst.state.panicUntilMs).toBe(nowMs + 60_000);
    const quiet = { ...seen, replicasReady: 4, replicasWanted: 4 };
    const during = decideReplicas(burst.state, quiet, policy, nowMs + 59_999);
    expect(during).toMatchObject({ replicas: 4, mode: 'panic' });
    const after = decideReplicas(burst.state, quiet, policy, nowMs + 60_000);
    expect(after).toMatchObject({ replicas: 2, mode: 'stable' });
  });

  it('goes to zero out of a panic, when all is over', () => {
    const state = { panicUntilMs: nowMs + 1, panicReplicasMax: 9 };
    const over = { inFlight: 0, lastBusyMs: nowMs - 30_000, replicasWanted: 9 };
    expect(decide(over, {}, state)).toEqual({ replicas: 0, mode: 'idle', state: calm });
  });

  it('sheds no pods after a restart under load until a full window was seen', () => {
    const restarted = { replicasWanted: 8, replicasReady: 8, seenSinceMs: nowMs - 59_999 };
    expect(decide(restarted).replicas).toBe(8);
    expect(decide({ ...restarted, seenSinceMs: nowMs - 60_000 }).replicas).toBe(4);
    expect(decide({ ...restarted, inFlight: 0, lastBusyMs: 0 }).replicas).toBe(0);
    const justStarted = { ...restarted, inFlight: 0, lastBusyMs: 0, seenSinceMs: nowMs - 1_000 };
    expect(decide(justStarted).replicas).toBe(8);
  });

  const load = fc.double({ min: 0, max: 1e6, noNaN: true });
  const pods = fc.integer({ min: 0, max: 2000 });
  const observations: fc.Arbitrary<ScaleObservation> = fc.record({
    concurrencyStableAvg: load,
    concurrencyPanicAvg: load,
    inFlight: fc.integer({ min: 0, max: 1e6 }),
    replicasWanted: pods,
    replicasReady: pods,
    lastBusyMs: fc.integer({ min: 0, max: nowMs }),
    seenSinceMs: fc.integer({ min: 0, max: nowMs }),
  });
  const bounds = fc
    .tuple(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 1, max: 1000 }))
    .map(([a, b]) => ({ minReplicas: Math.min(a, b), maxReplicas: Math.max(a, b) }));

  it('stays within its bounds', () => {
    fc.assert(
      fc.property(observations, bounds, (one, limits) => {
        const { replicas } = decide(one, limits);
        expect(replicas).toBeGreaterThanOrEqual(limits.minReplicas);
        expect(replicas).toBeLessThanOrEqual(limits.maxReplicas);
        expect(Number.isInteger(replicas)).toBe(true);
      }),
    );
  });

  it('never sleeps while something is in flight', () => {
    fc.assert(
      fc.property(observations, (one) => {
        fc.pre(one.inFlight > 0);
        expect(decide(one).replicas).toBeGreaterThan(0);
      }),
    );
  });

  it('never shrinks while panicking', () => {
    fc.assert(
      fc.property(fc.array(observations, { maxLength: 30 }), (all) => {
        let state = calm;
        let before = 0;
        for (const [index, one] of all.entries()) {
          const busy = { ...one, inFlight: one.inFlight + 1 };
          const next = decideReplicas(state, busy, policy, nowMs + index * 2_000);
          if (next.mode === 'panic' && state.panicUntilMs !== null) {
            expect(next.replicas).toBeGreaterThanOrEqual(before);
          }
          before = next.replicas;
          state = next.state;
        }
      }),
    );
  });
});
