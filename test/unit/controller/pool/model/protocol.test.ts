// The claim and adopt protocol, checked in every order of steps: claims, crashes, lost and late reports, stale caches.

import { describe, expect, it } from '@jest/globals';
import { checkProtocol } from './check-protocol.ts';
import { realPlanners, type Planners } from './planners.ts';

const statesMax = 60_000_000;
const timeLimitMs = 3_600_000;

type Size = readonly [functions: number, activators: number, parked: number, faults: number];

/**
 * Those that take a few seconds together; others by hand, in the order of these names, with `NODE_OPTIONS` that give
 * more memory from a million states on (--max-old-space-size=6000):
 *
 *     ROUSE_MODEL_SIZE=1,2,1,1 npm test -- test/unit/controller/pool/model -t promises
 *
 * Seen on 2026-11-21, in seconds of CPU:
 *
 *     1,1,1,1  37,868   1     1,2,1,0    2,626   0.2    2,1,1,0   24,106   1
 *     1,1,2,1  40,649   2     1,2,2,0    5,482   0.3    2,2,1,0  932,383  51
 *     1,2,1,1 786,817  22     1,2,2,1 1,375,503 48    1,1,1,2 1,104,512 26
 */
const sizes: Size[] = [
  [1, 1, 1, 1],
  [1, 1, 2, 1],
  [1, 2, 2, 0],
  [2, 1, 1, 0],
];
const asked = process.env['ROUSE_MODEL_SIZE'];
const chosen = asked === undefined ? sizes : [asked.split(',').map(Number) as unknown as Size];

function check(
  planners: Planners,
  [functions, activators, parked, faults]: Size,
): ReturnType<typeof checkProtocol> {
  return checkProtocol(planners, { functions, activators, parked, faults, statesMax });
}

describe('the claim and adopt protocol', () => {
  it.each(chosen)(
    'keeps its promises: %i functions, %i activators, %i parked pods, %i faults',
    (...size) => {
      const startedAtMs = performance.now();
      const { states, quiet, violation } = check(realPlanners, size);
      const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
      process.stdout.write(`claim and adopt ${size.join()}: ${states} states in ${seconds} s\n`);
      expect(violation).toBeUndefined();
      expect(quiet).toBeGreaterThan(0);
    },
    timeLimitMs,
  );

  // The last: the least size that shows it. Two Functions may want the same pod only where there are two.
  it.each<[string, Partial<Planners>, RegExp, Size]>([
    [
      'adopted before its replica is wanted',
      {
        planAdoption: (view) => {
          const step = realPlanners.planAdoption(view);
          const isEarly = step.kind === 'scale' || step.kind === 'wait';
          return isEarly && view.replicaSet !== undefined
            ? { kind: 'adopt', replicaSetUid: view.replicaSet.uid }
            : step;
        },
      },
      /deleted a pod that serves/,
      [1, 1, 1, 0],
    ],
    [
      'adopted when the Deployment wants it, and its ReplicaSet not yet',
      {
        planAdoption: (view) => {
          const step = realPlanners.planAdoption(view);
          return step.kind === 'wait' && view.replicaSet !== undefined
            ? { kind: 'adopt', replicaSetUid: view.replicaSet.uid }
            : step;
        },
      },
      /deleted a pod that serves/,
      [1, 1, 1, 0],
    ],
    ['never asked whose it is', { isSwept: false }, /belongs to nobody/, [1, 1, 1, 1]],
    [
      'joined by a pod whose gate was lifted while it was claimed',
      { planGates: (view) => realPlanners.planGates({ ...view, claimed: new Set() }) },
      /replicas, and \d were asked for/,
      [1, 1, 1, 0],
    ],
    [
      'claimed, with a gate that nobody lifts afterwards',
      { planGates: () => [] },
      /waits at its gate for ever|somebody waits for ever/,
      [1, 2, 1, 0],
    ],
    [
      'claimed while an activator lifts every gate it meets',
      { isLiftingOne: false },
      /replicas, and \d were asked for/,
      [1, 2, 1, 0],
    ],
    [
      'given to another Function when its process starts again',
      { isMarked: false },
      /served two Revisions|serves another Revision|belongs to nobody/,
      [2, 1, 1, 1],
    ],
    [
      'adopted for whoever has the name now',
      {
        planAdoption: (view) =>
          realPlanners.planAdoption({
            ...view,
            claim: { ...view.claim, revisionUid: undefined, codeDigest: undefined },
          }),
      },
      /serves another Revision/,
      [1, 1, 1, 1],
    ],
  ])(
    'shows the way to what breaks when a pod is %s',
    (_, broken, what, size) => {
      const { violation } = check({ ...realPlanners, ...broken }, size);
      expect(violation?.what).toMatch(what);
      expect(violation?.trace.length).toBeGreaterThan(1);
    },
    timeLimitMs,
  );
});
