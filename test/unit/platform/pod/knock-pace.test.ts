// How often a port is knocked on that nobody listens on yet.

import { describe, expect, it } from '@jest/globals';
import { crowdPauseMs } from '../../../../activator/knock-pod.ts';
import { knockPauseMs } from '../../../../platform/pod/knock-pace.ts';

describe('knockPauseMs', () => {
  it('starts at the given pace', () => {
    expect([0, 1, 59].map((attempt) => knockPauseMs(attempt, 3))).toEqual([3, 3, 3]);
  });

  it('never adds more than an eighth to a start that takes longer, up to a quarter of a second', () => {
    let knockedMs = 0;
    for (let attempt = 0; attempt < 2_000; attempt += 1) {
      const pauseMs = knockPauseMs(attempt, 3);
      expect(pauseMs).toBeLessThanOrEqual(250);
      if (attempt >= 60) expect(pauseMs / knockedMs).toBeLessThan(1 / 8);
      knockedMs += pauseMs;
    }
    expect(knockPauseMs(2_000, 3)).toBe(250);
  });
});

describe('crowdPauseMs', () => {
  it('is eager for one, slower for many, and bounded for those that never listen', () => {
    expect([1, 4, 20, 10_000].map(crowdPauseMs)).toEqual([3, 12, 20, 20]);
  });
});
