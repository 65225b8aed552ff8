// The parked pods an activator knows: which it picks, and that it never picks one twice.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { derivePoolPodView, type PoolPodView } from '../../../activator/derive-pool-pod-view.ts';
import { PoolStock } from '../../../activator/pool-stock.ts';
import type { Pod } from '../../../api/kubernetes.ts';

const address = { host: '10.0.0.1', port: 1 };
const parked = (uid: string, change: Partial<PoolPodView> = {}): PoolPodView => ({
  ...{ namespace: 'default', name: `pod-${uid}`, uid, runtime: 'node' },
  ...{ isLeaving: false, isRunning: true, isComing: false, isReady: true, restarts: 0 },
  ...{ http: address, control: address },
  ...change,
});
const pool = 'default/node';

describe('PoolStock', () => {
  it('picks any of those that are left, by chance', () => {
    for (const [random, uid] of [
      [0, 'a'],
      [0.5, 'b'],
      [0.99, 'c'],
    ] as const) {
      const stock = new PoolStock(() => random);
      for (const one of ['a', 'b', 'c']) stock.apply(parked(one));
      expect(stock.pick(pool)?.uid).toBe(uid);
    }
  });

  it('keeps the pools of namespaces and runtimes apart', () => {
    const stock = new PoolStock(() => 0);
    stock.apply(parked('a', { namespace: 'other' }));
    stock.apply(parked('b', { runtime: 'python' }));
    expect(stock.pick(pool)).toBeUndefined();
    expect(stock.hasAny('other/node')).toBe(true);
  });

  it('passes by what leaves, has no address or does not run yet', () => {
    const stock = new PoolStock(() => 0);
    stock.apply(parked('a', { isLeaving: true }));
    stock.apply(parked('b', { control: undefined }));
    stock.apply(parked('c', { isRunning: false }));
    expect(stock.hasAny(pool)).toBe(false);
    stock.apply(parked('c', { isReady: false }));
    stock.apply(parked('d'));
    expect(stock.pick(pool)?.uid).toBe('d');
    expect(stock.pick(pool)?.uid).toBe('c');
  });

  it('counts those that are on their way', () => {
    const stock = new PoolStock(() => 0);
    expect(stock.countComing(pool)).toBe(0);
    stock.apply(parked('a', { isRunning: false, isComing: true }));
    stock.apply(parked('b'));
    expect([stock.countComing(pool), stock.hasAny(pool)]).toEqual([1, true]);
    stock.apply(parked('a'));
    expect(stock.countComing(pool)).toBe(0);
  });

  it('never picks one whose container has started anew, also where it was picked before', () => {
    const stock = new PoolStock(() => 0);
    stock.apply(parked('a', { restarts: 1 }));
    stock.apply(parked('b'));
    const picked = stock.pick(pool) as PoolPodView;
    expect(picked.uid).toBe('b');
    stock.putBack(picked, false);
    stock.apply(parked('b', { restarts: 1 }));
    expect([stock.hasAny(pool), stock.pick(pool)]).toEqual([false, undefined]);
  });

  it('takes back what was sent nothing, and leaves it alone until it changes if nobody was there', () => {
    const stock = new PoolStock(() => 0);
    const pod = parked('a');
    stock.apply(pod);
    stock.putBack(stock.pick(pool) as PoolPodView, false);
    stock.putBack(stock.pick(pool) as PoolPodView, true);
    expect(stock.pick(pool)).toBeUndefined();
    stock.apply(pod);
    expect(stock.pick(pool)?.uid).toBe('a');
  });

  it('never picks a pod twice, whatever is seen of it meanwhile', () => {
    const uid = fc.constantFrom('a', 'b', 'c', 'd');
    const step = fc.record({ kind: fc.constantFrom('apply', 'pick'), uid, isReady: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
        const stock = new PoolStock(() => 0.5);
        const picked: string[] = [];
        for (const one of steps) {
          if (one.kind === 'apply') stock.apply(parked(one.uid, { isReady: one.isReady }));
          else picked.push(stock.pick(pool)?.uid ?? '');
        }
        const some = picked.filter((one) => one !== '');
        expect(new Set(some).size).toBe(some.length);
      }),
    );
  });
});

describe('derivePoolPodView', () => {
  const pod = (status: Pod['status'], labels: Record<string, string>): Pod => ({
    ...{ apiVersion: 'v1', kind: 'Pod' },
    metadata: { name: 'p', namespace: 'default', uid: 'u', labels },
    spec: {
      containers: [{ name: 'function', ports: [{ name: 'control', containerPort: 8081 }] }],
    },
    ...(status !== undefined && { status }),
  });

  const labels = { 'rouse.dev/pool': 'node' };

  it('sees pods of a pool only, and when their process runs', () => {
    expect(derivePoolPodView(pod(undefined, {}))).toBeUndefined();
    const state = { running: { startedAt: '2026-01-01T00:00:00Z' } };
    const statuses = [{ name: 'function', ready: false, restartCount: 2, image: 'x', state }];
    const status = { phase: 'Running' as const, podIP: '10.1.1.1', containerStatuses: statuses };
    expect(derivePoolPodView(pod(status, labels))).toEqual({
      ...{ namespace: 'default', name: 'p', uid: 'u', runtime: 'node' },
      ...{ isLeaving: false, isRunning: true, isComing: false, isReady: false, restarts: 2 },
      http: undefined,
      control: { host: '10.1.1.1', port: 8081 },
    });
    expect(derivePoolPodView(pod({ phase: 'Failed' }, labels))?.isLeaving).toBe(true);
    expect(derivePoolPodView(pod(undefined, labels))?.isRunning).toBe(false);
  });

  it('says of a pod that has not run whether it is on its way', () => {
    const waiting = (reason: string): Pod['status'] => ({
      phase: 'Pending',
      containerStatuses: [
        {
          ...{ name: 'function', ready: false, restartCount: 0, image: '', imageID: '' },
          state: { waiting: { reason, message: '' } },
        },
      ],
    });
    const isComing = (status: Pod['status']) => derivePoolPodView(pod(status, labels))?.isComing;
    expect(isComing(undefined)).toBe(true);
    expect(isComing(waiting('ContainerCreating'))).toBe(true);
    expect(isComing(waiting('ImagePullBackOff'))).toBe(false);
    expect(isComing({ phase: 'Failed' })).toBe(false);
  });
});
