// Who may fall asleep while pods start.

import { describe, expect, it } from '@jest/globals';
import {
  crowdedIdleMs,
  fullSleeps,
  SleepPace,
} from '../../../../controller/autoscaler/sleep-pace.ts';

const calm = { nodes: 2, starting: 4, isFull: false, waiting: [] } as const;
const crowded = { ...calm, starting: 5 };
const count = (pace: SleepPace, overdueMs = 0): number =>
  Array.from({ length: 20 }, () => pace.maySleep(overdueMs)).filter(Boolean).length;

describe('SleepPace', () => {
  it('lets all sleep where the nodes keep up', () => {
    const pace = new SleepPace();
    expect(count(pace)).toBe(20);
    pace.tick(calm);
    expect(count(pace)).toBe(20);
  });

  it('lets none sleep while there is more to start, and some per node and tick where there is no room', () => {
    const pace = new SleepPace();
    pace.tick(crowded);
    expect(count(pace)).toBe(0);
    pace.tick({ ...crowded, isFull: true });
    expect(count(pace)).toBe(2 * fullSleeps);
    expect(count(pace)).toBe(0);
    pace.tick(calm);
    expect(count(pace)).toBe(20);
  });

  it('keeps nobody awake for longer than it says', () => {
    const pace = new SleepPace();
    pace.tick(crowded);
    count(pace);
    expect(count(pace, crowdedIdleMs - 1)).toBe(0);
    expect(count(pace, crowdedIdleMs)).toBe(20);
  });
});
