// What follows from a parked pod's answer, and how often a Revision may ask for one.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  claimLossesMax,
  claimsInWindowMax,
  claimTriesMax,
  claimWindowMs,
  deriveMayClaim,
  pickGateToLift,
  planAfterClaim,
  type ClaimAnswer,
} from '../../../activator/plan-claim.ts';

const answers: ClaimAnswer[] = [
  { kind: 'serving', loadMs: 1 },
  { kind: 'failed', error: { type: 'TypeError', message: 'x' } },
  { kind: 'taken' },
  { kind: 'refused', status: 401 },
  { kind: 'unreachable' },
  { kind: 'lost' },
  { kind: 'hung' },
];

describe('planAfterClaim', () => {
  it('tells the controller of every pod that may hold the code, and of no other', () => {
    const told = answers.map((answer) => {
      return [answer.kind, planAfterClaim(answer, { tries: 1, losses: 1 }).report];
    });
    expect(told).toEqual([
      ['serving', 'serving'],
      ['failed', 'failed'],
      ['taken', undefined],
      ['refused', undefined],
      ['unreachable', undefined],
      ['lost', 'unknown'],
      ['hung', 'unknown'],
    ]);
  });

  it('gives back only what was sent nothing', () => {
    const unharmed = answers.filter(
      (one) => planAfterClaim(one, { tries: 1, losses: 0 }).isUnharmed,
    );
    expect(unharmed).toEqual([{ kind: 'unreachable' }]);
  });

  it('turns to the next pod a bounded number of times, whatever the pods say', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...answers), { minLength: 50 }), (said) => {
        const tally = { tries: 0, losses: 0 };
        for (const answer of said) {
          tally.tries += 1;
          if (answer.kind === 'lost') tally.losses += 1;
          if (planAfterClaim(answer, tally).next !== 'try-another') break;
        }
        expect(tally.tries).toBeLessThanOrEqual(claimTriesMax);
        expect(tally.losses).toBeLessThanOrEqual(claimLossesMax);
      }),
    );
  });

  it('asks no other pod to load what one could not', () => {
    for (const kind of ['failed', 'hung'] as const) {
      const answer = answers.find((one) => one.kind === kind) as ClaimAnswer;
      const plan = planAfterClaim(answer, { tries: 1, losses: 0 });
      expect(plan.next).not.toBe('try-another');
      expect(plan.restMs).toBeGreaterThan(0);
    }
  });
});

describe('deriveMayClaim', () => {
  it('waits until a rest is over', () => {
    expect(deriveMayClaim({ claimedAtMs: [], restsUntilMs: 100 }, 99)).toBe(false);
    expect(deriveMayClaim({ claimedAtMs: [], restsUntilMs: 100 }, 100)).toBe(true);
  });

  it('lets a Revision have so many pods in a while, and no more', () => {
    const claimedAtMs = Array.from({ length: claimsInWindowMax }, (_, index) => index);
    const may = (nowMs: number) => deriveMayClaim({ claimedAtMs, restsUntilMs: 0 }, nowMs);
    expect(may(claimWindowMs - 1)).toBe(false);
    expect(may(claimWindowMs)).toBe(true);
    expect(deriveMayClaim({ claimedAtMs: claimedAtMs.slice(1), restsUntilMs: 0 }, 10)).toBe(true);
  });
});

describe('pickGateToLift', () => {
  const pod = (name: string, gateIndex?: number) => ({ name, isLeaving: false, gateIndex });
  const gated = [pod('b', 0), pod('a', 0), pod('c', 0)];

  it('takes one of the gated pods, the same whatever their order', () => {
    expect(pickGateToLift(gated, false)?.name).toBe('a');
    expect(pickGateToLift(gated.toReversed(), false)?.name).toBe('a');
    expect(pickGateToLift([], false)).toBeUndefined();
  });

  it('lifts none beside a pod that has no gate, unless that one is leaving', () => {
    expect(pickGateToLift([...gated, pod('z')], false)).toBeUndefined();
    expect(pickGateToLift([...gated, { ...pod('z'), isLeaving: true }], false)?.name).toBe('a');
    expect(pickGateToLift([{ ...pod('a', 0), isLeaving: true }], false)).toBeUndefined();
  });

  it('lifts none while a parked pod is asked', () => {
    expect(pickGateToLift(gated, true)).toBeUndefined();
  });
});
