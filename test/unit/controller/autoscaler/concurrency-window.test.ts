// What a window answers for what activators have reported.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  ConcurrencyWindow,
  silentMsMax,
} from '../../../../controller/autoscaler/concurrency-window.ts';

const startMs = 1_000_000;
const report = (concurrency: number, change: object = {}) => ({
  activator: 'a',
  concurrency,
  requests: 1,
  inFlight: Math.round(concurrency),
  pods: {},
  ...change,
});

/** One report per second with these averages, the first covering the second before `startMs`. */
function fill(window: ConcurrencyWindow, averages: readonly number[], activator = 'a'): number {
  averages.forEach((one, index) => window.add(report(one, { activator }), startMs + index * 1000));
  return startMs + (averages.length - 1) * 1000;
}

describe('ConcurrencyWindow', () => {
  it('averages over what it has seen until the window is full', () => {
    const window = new ConcurrencyWindow(60_000, startMs);
    const endMs = fill(window, [10, 20, 30]);
    expect(window.average(60_000, endMs)).toBeCloseTo(20);
    expect(window.average(2_000, endMs)).toBeCloseTo(25);
  });

  it('gives a steady load as it is, wherever in a second the reports fall', () => {
    const steps = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 999 }), (gaps, offsetMs) => {
        let nowMs = startMs + offsetMs;
        const window = new ConcurrencyWindow(6_000, nowMs);
        window.add(report(20), nowMs);
        for (const gapMs of gaps) {
          nowMs += gapMs;
          window.add(report(20), nowMs);
          expect(window.average(6_000, nowMs)).toBeCloseTo(20, 6);
        }
      }),
    );
  });

  it('forgets what is older than the window', () => {
    const window = new ConcurrencyWindow(6_000, startMs);
    const endMs = fill(window, [100, 100, 100, 0, 0, 0, 0, 0, 0]);
    expect(window.average(6_000, endMs)).toBe(0);
  });

  it('does not dip between two reports', () => {
    const window = new ConcurrencyWindow(6_000, startMs);
    const endMs = fill(window, [50, 50, 50, 50, 50, 50]);
    for (const lateMs of [0, 400, 999, 1_500]) {
      expect(window.average(6_000, endMs + lateMs)).toBeCloseTo(50);
    }
  });

  it('falls when reports have ended', () => {
    const window = new ConcurrencyWindow(6_000, startMs);
    const endMs = fill(window, [60, 60, 60, 60, 60, 60]);
    expect(window.average(6_000, endMs + 3_000)).toBeCloseTo(30);
    expect(window.average(6_000, endMs + 10_000)).toBe(0);
  });

  it('adds activators up', () => {
    const window = new ConcurrencyWindow(60_000, startMs);
    fill(window, [10, 10, 10], 'a');
    const endMs = fill(window, [5, 5, 5], 'b');
    expect(window.average(60_000, endMs)).toBeCloseTo(15);
    expect(window.inFlight(endMs)).toBe(15);
  });

  it('counts a report that comes early only for the time it tells of', () => {
    const window = new ConcurrencyWindow(60_000, startMs);
    window.add(report(0, { inFlight: 1 }), startMs);
    window.add(report(40), startMs + 500);
    // A second at 0, then half a second at 40.
    expect(window.average(60_000, startMs + 500)).toBeCloseTo(20 / 1.5);
  });

  it('lets what a silent activator had in flight expire', () => {
    const window = new ConcurrencyWindow(60_000, startMs);
    window.add(report(7, { activator: 'dead', pods: { one: 7 } }), startMs);
    window.add(report(2, { activator: 'live', pods: { one: 1, two: 1 } }), startMs + 1_000);
    expect(window.inFlight(startMs + silentMsMax - 1)).toBe(9);
    expect(window.pods(startMs + silentMsMax - 1)).toEqual(
      new Map([
        ['one', 8],
        ['two', 1],
      ]),
    );
    expect(window.inFlight(startMs + silentMsMax)).toBe(2);
    expect(window.pods(startMs + silentMsMax)).toEqual(
      new Map([
        ['one', 1],
        ['two', 1],
      ]),
    );
  });

  it('remembers when something was last in flight', () => {
    const window = new ConcurrencyWindow(60_000, startMs);
    const idle = { requests: 0, inFlight: 0 };
    window.add(report(0, idle), startMs);
    expect(window.busyMs).toBeUndefined();
    window.add(report(0, { ...idle, requests: 1 }), startMs + 1_000);
    window.add(report(0, idle), startMs + 2_000);
    expect(window.busyMs).toBe(startMs + 1_000);
  });

  it('holds a bounded number of activators, the latest ones', () => {
    const window = new ConcurrencyWindow(60_000, startMs);
    for (let index = 0; index < 1000; index += 1) {
      window.add(report(1, { activator: `a${index}` }), startMs + index);
    }
    expect(window.inFlight(startMs + 1000)).toBe(64);
  });

  it('gives an average between the least and the most that was reported', () => {
    const averages = fc.array(fc.double({ min: 0, max: 1000, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(averages, fc.integer({ min: 6, max: 90 }), (values, seconds) => {
        const window = new ConcurrencyWindow(seconds * 1000, startMs);
        const average = window.average(seconds * 1000, fill(window, values));
        const recent = values.slice(-seconds);
        expect(average).toBeGreaterThanOrEqual(Math.min(...recent) - 1e-6);
        expect(average).toBeLessThanOrEqual(Math.max(...recent) + 1e-6);
      }),
    );
  });
});
