// The phases of a request add up to the time its caller saw.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { buildRetryAfter } from '../../../activator/build-retry-after.ts';
import { buildServerTiming } from '../../../activator/build-server-timing.ts';
import { derivePhases, type WakeTimeline } from '../../../activator/derive-phases.ts';

const wake: WakeTimeline = {
  ...{ path: 'ordinary', startedAtMs: 100, scheduledAtMs: 105, addressAtMs: 115 },
  ...{ readyAtMs: 160, loadMs: 5 },
};
const claimed: WakeTimeline = {
  ...{ path: 'pool', startedAtMs: 100, claimedAtMs: 102, readyAtMs: 110, loadMs: 6 },
};
const none = { queue: 0, claim: 0, schedule: 0, pull: 0, start: 0, load: 0 };

describe('derivePhases', () => {
  it('gives the one who woke the pod all phases', () => {
    const phases = derivePhases({ arrivedAtMs: 100, grantedAtMs: 161, firstByteAtMs: 164, wake });
    expect(phases).toEqual({
      ...{ queue: 1, claim: 0, schedule: 5, pull: 10, start: 40, load: 5, handler: 3 },
    });
  });

  it('gives one that a parked pod served its wait in line, the claim and the load', () => {
    const times = { arrivedAtMs: 100, grantedAtMs: 110, firstByteAtMs: 113, wake: claimed };
    expect(derivePhases(times)).toEqual({ ...none, queue: 2, claim: 2, load: 6, handler: 3 });
  });

  it('gives one who came in the middle only what it waited for', () => {
    const phases = derivePhases({ arrivedAtMs: 150, grantedAtMs: 160, firstByteAtMs: 162, wake });
    expect(phases).toEqual({ ...none, start: 5, load: 5, handler: 2 });
  });

  it('gives one who came after an old wake nothing of it', () => {
    const phases = derivePhases({ arrivedAtMs: 500, grantedAtMs: 510, firstByteAtMs: 512, wake });
    expect(phases).toEqual({ ...none, queue: 10, handler: 2 });
  });

  it('always adds up to the time until the first byte, with no part negative', () => {
    const ms = fc.integer({ min: 0, max: 10_000 });
    fc.assert(
      fc.property(ms, ms, ms, fc.tuple(ms, ms, ms, ms, ms), (arrive, wait, handle, parts) => {
        const [startedAtMs, schedule, address, ready, loadMs] = parts;
        const scheduledAtMs = startedAtMs + schedule;
        const addressAtMs = scheduledAtMs + address;
        const readyAtMs = addressAtMs + ready;
        const ends = { startedAtMs, readyAtMs, loadMs };
        const grantedAtMs = arrive + wait;
        const wakes: WakeTimeline[] = [
          { path: 'ordinary', ...ends, scheduledAtMs, addressAtMs },
          { path: 'pool', ...ends, claimedAtMs: scheduledAtMs },
        ];
        for (const one of wakes) {
          const firstByteAtMs = grantedAtMs + handle;
          const times = { arrivedAtMs: arrive, grantedAtMs, firstByteAtMs, wake: one };
          const all = Object.values(derivePhases(times));
          expect(Math.min(...all)).toBeGreaterThanOrEqual(0);
          expect(all.reduce((sum, part) => sum + part, 0)).toBe(wait + handle);
        }
      }),
    );
  });
});

describe('buildServerTiming', () => {
  it('names the phases that there were', () => {
    const warm = { ...none, queue: 0.04, handler: 1.26 };
    expect(buildServerTiming(warm)).toBe('queue;dur=0.0, handler;dur=1.3');
    expect(buildServerTiming({ ...warm, claim: 1.5, load: 3 })).toBe(
      'queue;dur=0.0, claim;dur=1.5, load;dur=3.0, handler;dur=1.3',
    );
    expect(buildServerTiming({ ...warm, schedule: 2, pull: 10, start: 40.5, load: 3 })).toBe(
      'queue;dur=0.0, schedule;dur=2.0, pull;dur=10.0, start;dur=40.5, load;dur=3.0, handler;dur=1.3',
    );
  });
});

describe('buildRetryAfter', () => {
  it('is the time in which those who wait are served, within bounds', () => {
    expect(buildRetryAfter(1_000, 0)).toBe(1);
    expect(buildRetryAfter(1_000, 100)).toBe(10);
    expect(buildRetryAfter(1_000, 1)).toBe(60);
    expect(buildRetryAfter(1, 1_000)).toBe(1);
  });
});
