// The work queue: deduplication, exclusiveness per key, back-off.

import { describe, expect, it } from '@jest/globals';
import { WorkQueue } from '../../../platform/kube/work-queue.ts';
import { FakeClock } from '../../support/fake-clock.ts';

function start(handler: (key: string) => Promise<number | null>, concurrency = 2) {
  const clock = new FakeClock();
  const stop = new AbortController();
  const queue = new WorkQueue({ name: 'test', clock, concurrency });
  const done = queue.run(handler, stop.signal);
  return { clock, queue, stop: () => (stop.abort(), done) };
}

describe('WorkQueue', () => {
  it('handles a key once however often it was added before its turn', async () => {
    const seen: string[] = [];
    const clock = new FakeClock();
    const stop = new AbortController();
    const queue = new WorkQueue({ name: 'test', clock });
    for (const key of ['a', 'b', 'a', 'a']) queue.add(key);
    const done = queue.run(async (key) => (seen.push(key), null), stop.signal);
    await clock.advance(0);
    stop.abort();
    await done;
    expect(seen).toEqual(['a', 'b']);
  });

  it('takes the earlier of two delays whatever somebody does to the wall clock between them', async () => {
    let runs = 0;
    const { clock, queue, stop } = start(() => Promise.resolve(((runs += 1), null)));
    queue.addAfter('a', 10_000);
    clock.jump(3_600_000);
    queue.addAfter('a', 1_000);
    await clock.advance(1_000);
    expect(runs).toBe(1);
    await stop();
  });

  it('never handles one key twice at once, and looks again when it changed meanwhile', async () => {
    let running = 0;
    let runs = 0;
    const release: (() => void)[] = [];
    const { clock, queue, stop } = start(async () => {
      running += 1;
      runs += 1;
      expect(running).toBe(1);
      await new Promise<void>((resolve) => release.push(resolve));
      running -= 1;
      return null;
    });
    queue.add('a');
    await clock.advance(0);
    queue.add('a');
    await clock.advance(0);
    expect(runs).toBe(1);
    release.shift()?.();
    await clock.advance(0);
    expect(runs).toBe(2);
    release.shift()?.();
    await stop();
  });

  it('keeps to its concurrency', async () => {
    let running = 0;
    let most = 0;
    const release: (() => void)[] = [];
    const { clock, queue, stop } = start(async () => {
      most = Math.max(most, ++running);
      await new Promise<void>((resolve) => release.push(resolve));
      running -= 1;
      return null;
    });
    for (let i = 0; i < 10; i += 1) queue.add(`key-${i}`);
    for (let i = 0; i < 10; i += 1) {
      await clock.advance(0);
      release.shift()?.();
    }
    await stop();
    expect(most).toBe(2);
  });

  it('doubles the delay after each failure up to its maximum and forgets it after a success', async () => {
    const atMs: number[] = [];
    let failing = true;
    const { clock, queue, stop } = start(async () => {
      atMs.push(clock.now());
      if (failing) throw new Error('no');
      return null;
    });
    queue.add('a');
    await clock.advance(400);
    expect(atMs.map((at) => at - (atMs[0] ?? 0))).toEqual([0, 50, 150, 350]);
    await clock.advance(600_000);
    expect((atMs.at(-1) ?? 0) - (atMs.at(-2) ?? 0)).toBe(30_000);
    failing = false;
    await clock.advance(30_000);
    failing = true;
    const before = atMs.length;
    queue.add('a');
    await clock.advance(50);
    expect(atMs.length).toBe(before + 2);
    await stop();
  });

  it('looks again after the time a handler asked for, the earliest of several', async () => {
    const atMs: number[] = [];
    const { clock, queue, stop } = start(async () => {
      atMs.push(clock.now());
      return atMs.length === 1 ? 1000 : null;
    });
    queue.add('a');
    await clock.advance(0);
    queue.addAfter('a', 5000);
    queue.addAfter('a', 200);
    await clock.advance(6000);
    expect(atMs.map((at) => at - (atMs[0] ?? 0))).toEqual([0, 200]);
    await stop();
  });

  it('waits for running handlers when it stops', async () => {
    let ended = false;
    const release: (() => void)[] = [];
    const { clock, queue, stop } = start(async () => {
      await new Promise<void>((resolve) => release.push(resolve));
      ended = true;
      return null;
    });
    queue.add('a');
    await clock.advance(0);
    const stopped = stop();
    release.shift()?.();
    await stopped;
    expect(ended).toBe(true);
  });
});
