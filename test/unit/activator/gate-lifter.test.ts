// Gates are lifted once per pod, tried again while the API is away, and left to the controller without the right.

import { describe, expect, it } from '@jest/globals';
import type { PodView } from '../../../activator/derive-pod-view.ts';
import { GateLifter } from '../../../activator/gate-lifter.ts';
import { KubeError } from '../../../platform/kube/kube-error.ts';
import type { Log } from '../../../platform/process/log.ts';
import { FakeClock } from '../../support/fake-clock.ts';

function makeWorld() {
  const calls: string[] = [];
  const warnings: string[] = [];
  const failures: unknown[] = [];
  const clock = new FakeClock(0);
  const liftGate = ({ name }: PodView): Promise<void> => {
    calls.push(name);
    const failure = failures.shift();
    return failure === undefined ? Promise.resolve() : Promise.reject(failure as Error);
  };
  const log = { warn: (_: unknown, text: string) => warnings.push(text) } as unknown as Log;
  const lifter = new GateLifter({ cluster: { liftGate }, clock, log });
  return { calls, warnings, failures, clock, lifter };
}

const pod = (name: string, gateIndex?: number) => ({
  view: { name, uid: name, gateIndex } as PodView,
  isLifted: false,
});
const refusal = (status: number) => new KubeError(status, { kind: 'Status' }, 'PATCH');

describe('GateLifter', () => {
  it('asks once per pod, and not for pods without a gate', async () => {
    const { calls, clock, lifter } = makeWorld();
    lifter.lift(pod('a'));
    const gated = pod('b', 0);
    lifter.lift(gated);
    lifter.lift(gated);
    await clock.advance(1_000);
    lifter.lift(gated);
    await clock.advance(1_000);
    expect(calls).toEqual(['b']);
  });

  it('tries a few times more while the API does not answer', async () => {
    const { calls, failures, warnings, clock, lifter } = makeWorld();
    failures.push(...Array.from({ length: 20 }, () => refusal(503)));
    lifter.lift(pod('a', 0));
    await clock.advance(60_000);
    expect(calls).toHaveLength(5);
    expect(warnings).toHaveLength(1);
  });

  it('takes a gate that is gone for lifted', async () => {
    const { calls, failures, warnings, clock, lifter } = makeWorld();
    failures.push(refusal(422));
    lifter.lift(pod('a', 0));
    await clock.advance(60_000);
    expect([calls.length, warnings.length]).toEqual([1, 0]);
  });

  it('says once that it may not, and leaves it to the controller', async () => {
    const { calls, failures, warnings, clock, lifter } = makeWorld();
    failures.push(refusal(403), refusal(403));
    for (const name of ['a', 'b', 'c']) {
      lifter.lift(pod(name, 0));
      await clock.advance(10);
    }
    expect(calls).toEqual(['a']);
    await clock.advance(60_000);
    lifter.lift(pod('d', 0));
    await clock.advance(10);
    expect(calls).toEqual(['a', 'd']);
    expect(warnings).toEqual([expect.stringContaining('may not lift the gates')]);
  });
});
