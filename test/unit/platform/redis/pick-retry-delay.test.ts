// The delays between attempts: growing, bounded, and never the same for all.

import { describe, expect, it } from '@jest/globals';
import { assert, double, integer, property } from 'fast-check';
import { pickRetryDelay } from '../../../../platform/redis/pick-retry-delay.ts';

describe('pickRetryDelay', () => {
  it('doubles from 100 ms up to 5 s', () => {
    const delays = [1, 2, 3, 6, 7, 1000].map((attempt) => pickRetryDelay(attempt, 0));
    expect(delays).toEqual([100, 200, 400, 3200, 5000, 5000]);
  });

  it('takes away up to half of it, at random', () => {
    expect([0.5, 1].map((random) => pickRetryDelay(7, random))).toEqual([3750, 2500]);
  });

  it('stays between 50 ms and 5 s', () => {
    const random = double({ min: 0, max: 1, noNaN: true });
    assert(
      property(integer({ min: 0, max: 1e9 }), random, (attempt, chance) => {
        const delayMs = pickRetryDelay(attempt, chance);
        expect(delayMs).toBeGreaterThanOrEqual(50);
        expect(delayMs).toBeLessThanOrEqual(5_000);
      }),
    );
  });
});
