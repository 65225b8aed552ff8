// The average concurrency that is reported.

import { describe, expect, it } from '@jest/globals';
import { ConcurrencyMeter } from '../../../activator/concurrency-meter.ts';

describe('ConcurrencyMeter', () => {
  it('averages over time, not over requests', () => {
    const meter = new ConcurrencyMeter(0);
    meter.enter(0);
    meter.enter(500);
    meter.leave(750, true);
    expect(meter.take(1_000)).toEqual({ concurrency: 1.25, requests: 2 });
    expect(meter.take(2_000)).toEqual({ concurrency: 1, requests: 0 });
  });

  it('does not lose a request that came and went within a second', () => {
    const meter = new ConcurrencyMeter(0);
    meter.enter(10);
    meter.leave(11, true);
    expect(meter.take(1_000)).toEqual({ concurrency: 0.001, requests: 1 });
  });

  it('gives the present number when no time has passed', () => {
    const meter = new ConcurrencyMeter(0);
    meter.enter(0);
    expect(meter.take(0)).toEqual({ concurrency: 1, requests: 1 });
  });

  it('knows how fast it serves of late', () => {
    const meter = new ConcurrencyMeter(0);
    expect(meter.servedPerSecond(0)).toBe(0);
    for (let ms = 0; ms < 30_000; ms += 10) {
      meter.enter(ms);
      meter.leave(ms, true);
    }
    expect(meter.servedPerSecond(30_000)).toBeGreaterThan(90);
    expect(meter.servedPerSecond(30_000)).toBeLessThan(110);
    expect(meter.servedPerSecond(120_000)).toBe(0);
  });
});
