// The queue: oldest first, bounded, each waiter with its own deadline.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RequestQueue, WaitingBytes, type Waiter } from '../../../activator/request-queue.ts';
import { FakeClock } from '../../support/fake-clock.ts';

interface Named extends Waiter<string> {
  readonly name: string;
}

function make(limits = { requestsMax: 3, bytesMax: 100 }, total = new WaitingBytes(1_000)) {
  const clock = new FakeClock(0);
  const events: string[] = [];
  const queue = new RequestQueue<string>(limits, total, clock);
  const waiter = (name: string, bytes = 10, deadlineAtMs = 1_000): Named => ({
    name,
    bytes,
    enteredAtMs: clock.now(),
    deadlineAtMs,
    onGrant: (grant) => events.push(`${name} gets ${grant}`),
    onExpire: () => events.push(`${name} expires`),
    onRefuse: (error) => events.push(`${name} refused: ${error.message}`),
  });
  return { clock, events, queue, waiter, total };
}

describe('RequestQueue', () => {
  it('lets out the oldest first, and those put back before them', () => {
    const { queue, waiter } = make();
    queue.push(waiter('a'));
    queue.push(waiter('b'));
    queue.pushFirst(waiter('back'));
    const names = [queue.shift(), queue.shift(), queue.shift()].map((one) => (one as Named).name);
    expect(names).toEqual(['back', 'a', 'b']);
    expect(queue.shift()).toBeUndefined();
  });

  it('has room up to its bounds: requests, bytes, and bytes over all queues', () => {
    const { queue, waiter, total } = make();
    expect(queue.hasRoomFor(100)).toBe(true);
    expect(queue.hasRoomFor(101)).toBe(false);
    queue.push(waiter('a', 60));
    expect(queue.hasRoomFor(41)).toBe(false);
    total.held = 990;
    expect(queue.hasRoomFor(11)).toBe(false);
    total.held = 60;
    queue.push(waiter('b', 1));
    queue.push(waiter('c', 1));
    expect(queue.hasRoomFor(1)).toBe(false);
  });

  it('lets each waiter expire at its own deadline', async () => {
    const { queue, waiter, clock, events } = make();
    queue.push(waiter('late', 10, 500));
    queue.push(waiter('early', 10, 100));
    await clock.advance(100);
    expect(events).toEqual(['early expires']);
    expect(queue.length).toBe(1);
    await clock.advance(400);
    expect(events).toEqual(['early expires', 'late expires']);
    expect(clock.timersWaiting).toBe(0);
  });

  it('forgets who leaves, also when told twice', () => {
    const { queue, waiter, clock } = make();
    const one = waiter('a');
    queue.push(one);
    queue.remove(one);
    queue.remove(one);
    expect(queue.length).toBe(0);
    expect(queue.bytes).toBe(0);
    expect(clock.timersWaiting).toBe(0);
  });

  it('refuses all who wait, but nobody who comes meanwhile', () => {
    const { queue, waiter, events } = make();
    queue.push({ ...waiter('a'), onRefuse: () => queue.push(waiter('new')) });
    queue.push(waiter('b'));
    queue.refuseAll(new Error('no'));
    expect(events).toEqual(['b refused: no']);
    expect(queue.length).toBe(1);
  });

  it('counts right whatever happens', () => {
    const action = fc.constantFrom('push', 'first', 'shift', 'remove') as fc.Arbitrary<string>;
    fc.assert(
      fc.property(fc.array(fc.tuple(action, fc.nat(50)), { maxLength: 60 }), (steps) => {
        const { queue, waiter, total } = make({ requestsMax: 100, bytesMax: 10_000 });
        const model: Named[] = [];
        for (const [what, number] of steps) {
          const one = waiter(String(number), number);
          if (what === 'push') {
            model.push(one);
            queue.push(one);
          } else if (what === 'first') {
            model.unshift(one);
            queue.pushFirst(one);
          } else if (what === 'shift') expect(queue.shift()).toBe(model.shift());
          else for (const gone of model.splice(number % (model.length + 1), 1)) queue.remove(gone);
          expect(queue.length).toBe(model.length);
          expect(queue.first).toBe(model[0]);
          const bytes = model.reduce((sum, each) => sum + each.bytes, 0);
          expect(queue.bytes).toBe(bytes);
          expect(total.held).toBe(bytes);
        }
      }),
    );
  });
});
