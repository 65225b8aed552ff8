// How many adoptions go on at once, and who comes next.

import { describe, expect, it } from '@jest/globals';
import {
  AdoptionWindow,
  adoptionsUnderWayMax,
  underWayMsMax,
} from '../../../../controller/pool/adoption-window.ts';

function setUp() {
  const window = new AdoptionWindow();
  const uids = Array.from({ length: adoptionsUnderWayMax + 2 }, (_, number) => `pod-${number}`);
  const ask = (nowMs = 0): string[] => uids.filter((uid) => window.mayAdopt(uid, nowMs));
  return { window, uids, ask };
}

describe('AdoptionWindow', () => {
  it('lets a few go on, and those that asked first come next', () => {
    const { window, uids, ask } = setUp();
    expect(ask()).toEqual(uids.slice(0, adoptionsUnderWayMax));
    expect(ask()).toEqual(uids.slice(0, adoptionsUnderWayMax));
    window.leave('pod-0');
    const [last = '', beforeLast = ''] = uids.toReversed();
    expect(window.mayAdopt(last, 0)).toBe(false);
    expect(window.mayAdopt(beforeLast, 0)).toBe(true);
    expect(window.mayAdopt(last, 0)).toBe(false);
    window.leave('pod-1');
    expect(window.mayAdopt(last, 0)).toBe(true);
  });

  it('does not count what takes too long, nor wait for what has left', () => {
    const { window, uids, ask } = setUp();
    ask();
    const [last = '', beforeLast = ''] = uids.toReversed();
    window.leave(beforeLast);
    window.leave('pod-0');
    expect(window.mayAdopt(last, 0)).toBe(true);
    expect(window.mayAdopt('later', 0)).toBe(false);
    expect(window.mayAdopt('later', underWayMsMax)).toBe(true);
    expect(window.mayAdopt('pod-1', underWayMsMax)).toBe(true);
  });

  it('knows nothing of a former term', () => {
    const { window, uids, ask } = setUp();
    ask();
    window.clear();
    expect(window.mayAdopt(uids.at(-1) ?? '', 0)).toBe(true);
  });
});
