// The claim and adopt protocol, checked in every order of steps: claims, crashes, lost and late reports, stale caches.

import { describe, expect, it } from '@jest/globals';
import { checkProtocol } from './check-protocol.ts';
import { realPlanners, type Planners } from './planners.ts';

const statesMax = 8_000_000;
const timeLimitMs = 900_000;

/**
 * More of each finds more orders, at ten times the states. By hand, in the order of these names:
 *
 *     ROUSE_MODEL_SIZE=2,1,1,0 npm test -- --testTimeout=900000 test/unit/controller/pool/model -t promises
 */
const [functions = 1, activators = 1, parked = 1, faults = 1] = (
  process.env['ROUSE_MODEL_SIZE'] ?? '1,1,1,1'
)
  .split(',')
  .map(Number);

describe('the claim and adopt protocol', () => {
  it(
    `keeps its promises: ${[functions, activators, parked, faults].join()}`,
    () => {
      const size = { functions, activators, parked, faults, statesMax };
      const result = checkProtocol(realPlanners, size);
      process.stdout.write(
        `claim and adopt: ${result.states} states, ${result.quiet} of them at rest\n`,
      );
      expect(result.violation).toBeUndefined();
      expect(result.quiet).toBeGreaterThan(0);
    },
    timeLimitMs,
  );

  // The last: Functions, since two may want the same pod only where there are two.
  it.each<[string, Partial<Planners>, RegExp, number]>([
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
      1,
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
      1,
    ],
    ['never asked whose it is', { isSwept: false }, /belongs to nobody/, 1],
    [
      'joined by a pod whose gate was lifted while it was claimed',
      { planGates: (view) => realPlanners.planGates({ ...view, claimed: new Set() }) },
      /replicas, and \d were asked for/,
      1,
    ],
    [
      'claimed, with a gate that nobody lifts afterwards',
      { planGates: () => [] },
      /waits at its gate for ever|somebody waits for ever/,
      1,
    ],
    [
      'claimed while an activator lifts every gate it meets',
      { isLiftingOne: false },
      /replicas, and \d were asked for/,
      1,
    ],
    [
      'given to another Function when its process starts again',
      { isMarked: false },
      /served two Revisions|serves another Revision|belongs to nobody/,
      2,
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
      1,
    ],
  ])(
    'shows the way to what breaks when a pod is %s',
    (_, broken, what, wanted) => {
      const size = { functions: wanted, activators: 1, parked: 1, faults: 1, statesMax };
      const { violation } = checkProtocol({ ...realPlanners, ...broken }, size);
      expect(violation?.what).toMatch(what);
      expect(violation?.trace.length).toBeGreaterThan(1);
    },
    timeLimitMs,
  );
});
