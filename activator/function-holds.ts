// Holds requests to Functions that can't be routed yet, until a change of the Function lets them go on.

import type { RequestQueue, Waiter } from './request-queue.ts';

export class FunctionHolds {
  readonly #queues = new Map<string, RequestQueue<undefined>>();
  readonly #makeQueue: () => RequestQueue<undefined>;

  constructor(makeQueue: () => RequestQueue<undefined>) {
    this.#makeQueue = makeQueue;
  }

  /** False when the queue is full. */
  hold(key: string, waiter: Waiter<undefined>): boolean {
    const queue = this.#queues.get(key) ?? this.#makeQueue();
    if (!queue.hasRoomFor(waiter.bytes)) return false;
    this.#queues.set(key, queue);
    queue.push(waiter);
    return true;
  }

  leave(key: string, waiter: Waiter<undefined>): void {
    const queue = this.#queues.get(key);
    queue?.remove(waiter);
    if (queue?.length === 0) this.#queues.delete(key);
  }

  /** Lets all go on that are held now; who has to wait again enters a new queue. */
  release(key: string): void {
    const queue = this.#queues.get(key);
    if (queue === undefined) return;
    this.#queues.delete(key);
    for (let waiter = queue.shift(); waiter !== undefined; waiter = queue.shift()) {
      waiter.onGrant(undefined);
    }
  }

  get length(): number {
    let sum = 0;
    for (const queue of this.#queues.values()) sum += queue.length;
    return sum;
  }
}
