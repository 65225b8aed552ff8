// What the autoscaler holds itself to, from what a user wrote.

import { describe, expect, it } from '@jest/globals';
import { buildPolicy, panicWindowMs } from '../../../../controller/autoscaler/build-policy.ts';
import { buildScaleMessage } from '../../../../controller/autoscaler/build-scale-message.ts';
import { calm } from '../../../../controller/autoscaler/decide-replicas.ts';

const scaling = { minReplicas: 2, maxReplicas: 9, idleSeconds: 30, stableWindowSeconds: 60 };

describe('buildPolicy', () => {
  it.each([
    [100, 0, 70],
    [100, 10, 7],
    [5, 10, 3.5],
    [1, 1, 0.7],
  ])('of target %d and limit %d makes %d per pod', (target, limit, perPod) => {
    const policy = buildPolicy(scaling, { concurrency: { target, limit } }, true);
    expect(policy.concurrencyTarget).toBeCloseTo(perPod);
  });

  it('keeps no pod for a Revision without traffic, and waits only for it to drain', () => {
    const concurrency = { target: 100, limit: 0 };
    expect(buildPolicy(scaling, { concurrency }, true)).toMatchObject({
      ...{ minReplicas: 2, idleMs: 30_000 },
    });
    expect(buildPolicy(scaling, { concurrency }, false)).toMatchObject({
      ...{ minReplicas: 0, idleMs: 2_000 },
    });
  });
});

describe('panicWindowMs', () => {
  it.each([
    [6_000, 6_000],
    [60_000, 6_000],
    [600_000, 60_000],
  ])('of a stable window of %d ms is %d ms', (stable, panic) => {
    expect(panicWindowMs(stable)).toBe(panic);
  });
});

describe('buildScaleMessage', () => {
  const policy = buildPolicy(
    { ...scaling, minReplicas: 0 },
    { concurrency: { target: 100, limit: 0 } },
    true,
  );
  const seen = {
    concurrencyStableAvg: 200,
    concurrencyPanicAvg: 240,
    inFlight: 1,
    replicasWanted: 1,
    replicasReady: 1,
    lastBusyMs: 0,
    seenSinceMs: 0,
  };
  const tell = (replicas: number, mode: 'stable' | 'panic' | 'idle', wanted = 1) =>
    buildScaleMessage(
      'r-00001',
      { replicas, mode, state: calm },
      { ...seen, replicasWanted: wanted },
      policy,
    );

  it('tells the step and the numbers behind it', () => {
    expect(tell(3, 'stable')).toEqual({
      reason: 'ScaledUp',
      message: 'r-00001 from 1 to 3: 200 concurrent, target 70 per pod',
    });
    expect(tell(4, 'panic').message).toBe(
      'r-00001 from 1 to 4: 240 concurrent, target 70 per pod, panic window',
    );
    expect(tell(3, 'stable', 5).reason).toBe('ScaledDown');
    expect(tell(9, 'stable').message).toMatch(/\(maxReplicas 9\)$/);
  });

  it('tells what made a Revision sleep', () => {
    expect(tell(0, 'idle', 2)).toEqual({
      reason: 'ScaledToZero',
      message: 'r-00001 from 2 to 0: nothing in flight for 30 s',
    });
  });
});
