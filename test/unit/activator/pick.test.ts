// Picking a Revision by traffic and a pod by load.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { pickEndpoint } from '../../../activator/pick-endpoint.ts';
import { pickTraffic } from '../../../activator/pick-traffic.ts';

describe('pickTraffic', () => {
  it('follows the percentages', () => {
    const targets = [
      { revision: 'a', percent: 90 },
      { revision: 'b', percent: 10 },
    ];
    expect(pickTraffic(targets, 0)).toBe('a');
    expect(pickTraffic(targets, 0.899)).toBe('a');
    expect(pickTraffic(targets, 0.9)).toBe('b');
    expect(pickTraffic(targets, 0.999)).toBe('b');
  });

  it('finds nothing where nothing has a share', () => {
    expect(pickTraffic([], 0.5)).toBeUndefined();
    expect(pickTraffic([{ revision: 'a', percent: 0 }], 0.5)).toBeUndefined();
  });

  it('picks each target as often as its share says, and never one without', () => {
    const percents = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(percents, (shares) => {
        const targets = shares.map((percent, index) => ({ revision: String(index), percent }));
        const total = shares.reduce((sum, one) => sum + one, 0);
        const seen = new Map<string | undefined, number>();
        for (let step = 0; step < total; step += 1) {
          const revision = pickTraffic(targets, (step + 0.5) / total);
          seen.set(revision, (seen.get(revision) ?? 0) + 1);
        }
        targets.forEach(({ revision, percent }) => {
          expect(seen.get(revision) ?? 0).toBe(percent);
        });
      }),
    );
  });
});

describe('pickEndpoint', () => {
  it('takes the least loaded below the limit', () => {
    const loads = [{ inFlight: 3 }, { inFlight: 1 }, { inFlight: 2 }];
    expect(pickEndpoint(loads, 10, 0)).toBe(1);
    expect(pickEndpoint(loads, 1, 0)).toBe(-1);
    expect(pickEndpoint([], 10, 0)).toBe(-1);
  });

  it('spreads over equals when the turn moves on', () => {
    const loads = [{ inFlight: 0 }, { inFlight: 0 }, { inFlight: 0 }];
    expect([0, 1, 2].map((turn) => pickEndpoint(loads, 10, turn))).toEqual([0, 1, 2]);
  });

  it('never picks a full one, nor one busier than another', () => {
    const loads = fc.array(fc.record({ inFlight: fc.nat(20) }), { maxLength: 10 });
    fc.assert(
      fc.property(loads, fc.integer({ min: 1, max: 20 }), fc.nat(100), (all, limit, turn) => {
        const index = pickEndpoint(all, limit, turn);
        const least = Math.min(...all.map((one) => one.inFlight));
        if (index < 0) expect(least).toBeGreaterThanOrEqual(limit);
        else {
          expect(all[index]?.inFlight).toBe(least);
          expect(least).toBeLessThan(limit);
        }
      }),
    );
  });
});
