// How many parked pods there should be, and when fewer.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  decidePoolSize,
  shrinkAfterMs,
  type PoolObservation,
} from '../../../../controller/pool/decide-pool-size.ts';
import { PoolDemand } from '../../../../controller/pool/pool-demand.ts';

const policy = { min: 2, max: 25 };
const quiet: PoolObservation = { functions: 1, claimsPerSecond: 0, refillSeconds: 3, sizeNow: 0 };
const sizeOf = (seen: Partial<PoolObservation>): number =>
  decidePoolSize(null, { ...quiet, ...seen }, policy, 0).size;

describe('decidePoolSize', () => {
  it('keeps none where no Function may be served, or the pool is off', () => {
    expect(sizeOf({ functions: 0, claimsPerSecond: 9, sizeNow: 9 })).toBe(0);
    expect(decidePoolSize(null, quiet, { min: 2, max: 0 }, 0).size).toBe(0);
  });

  it('keeps the least where nobody claims, and not one more for a claim of long ago', () => {
    expect(sizeOf({})).toBe(2);
    expect(sizeOf({ claimsPerSecond: 0.001 })).toBe(2);
  });

  it('adds half as much again as is claimed while one pod starts, up to the most', () => {
    expect(sizeOf({ claimsPerSecond: 2 })).toBe(2 + 9);
    expect(sizeOf({ claimsPerSecond: 100 })).toBe(25);
  });

  it('grows at once and shrinks when fewer have done for a while, to the most wanted since', () => {
    const busy = { ...quiet, sizeNow: 11 };
    const first = decidePoolSize(null, busy, policy, 1000);
    expect(first).toMatchObject({ size: 11, againAfterMs: shrinkAfterMs });
    const more = decidePoolSize(first.state, { ...busy, claimsPerSecond: 0.5 }, policy, 20_000);
    expect(more.size).toBe(11);
    const last = decidePoolSize(more.state, busy, policy, 1000 + shrinkAfterMs);
    expect(last).toMatchObject({ size: 5, state: null });
  });

  it('starts to wait anew when as many are wanted again', () => {
    const busy = { ...quiet, sizeNow: 11 };
    const first = decidePoolSize(null, busy, policy, 0);
    const again = decidePoolSize(first.state, { ...busy, claimsPerSecond: 2 }, policy, 59_000);
    expect(again.state).toBeNull();
    expect(decidePoolSize(again.state, busy, policy, shrinkAfterMs).size).toBe(11);
  });

  it('stays between the least and the most', () => {
    const rate = fc.double({ min: 0, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(rate, fc.nat(30), fc.nat(25), (claimsPerSecond, sizeNow, min) => {
        const seen = { ...quiet, claimsPerSecond, sizeNow };
        const { size } = decidePoolSize(null, seen, { min, max: 25 }, 0);
        expect(size).toBeGreaterThanOrEqual(min);
        expect(size).toBeLessThanOrEqual(Math.max(25, sizeNow));
      }),
    );
  });
});

describe('PoolDemand', () => {
  it('sees a steady rate as what it is, and forgets it', () => {
    const demand = new PoolDemand();
    for (let ms = 0; ms <= 300_000; ms += 500) demand.claimed(ms);
    expect(demand.claimsPerSecond(300_000)).toBeCloseTo(2, 1);
    expect(demand.claimsPerSecond(330_000)).toBeCloseTo(1, 1);
    expect(demand.claimsPerSecond(900_000)).toBeLessThan(0.001);
  });

  it('follows how long a pod takes, within bounds', () => {
    const demand = new PoolDemand();
    for (let count = 0; count < 30; count += 1) demand.refilled(1);
    expect(demand.refillSeconds).toBeCloseTo(1, 1);
    for (let count = 0; count < 30; count += 1) demand.refilled(10_000);
    expect(demand.refillSeconds).toBeLessThanOrEqual(20);
  });
});
