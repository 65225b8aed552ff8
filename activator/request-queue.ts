// The queue of one Revision: bounded, oldest first, each waiter with its own deadline, O(1) to leave.

import type { Clock, Timer } from '../platform/process/clock.ts';

/** Something that waits for a pod. The queue owns the fields below `onExpire`. */
export interface Waiter<Grant> {
  /** What holding it costs: headers, and as much of the body as is read ahead. */
  readonly bytes: number;
  readonly enteredAtMs: number;
  readonly deadlineAtMs: number;
  onGrant(grant: Grant): void;
  onExpire(): void;
  onRefuse(error: Error): void;
  place?: Place<Grant> | undefined;
}

/** A waiter's place in the list. */
export interface Place<Grant> {
  readonly waiter: Waiter<Grant>;
  before: Place<Grant> | undefined;
  after: Place<Grant> | undefined;
  timer: Timer;
}

export interface QueueLimits {
  /** Waiting requests at once. */
  readonly requestsMax: number;
  /** Bytes held by them. */
  readonly bytesMax: number;
}

/**
 * Bytes held over all queues, so that many sleeping functions under flood stay bounded together.
 */
export class WaitingBytes {
  held = 0;
  readonly max: number;

  constructor(max: number) {
    this.max = max;
  }
}

export class RequestQueue<Grant> {
  length = 0;
  bytes = 0;

  readonly #limits: QueueLimits;
  readonly #total: WaitingBytes;
  readonly #clock: Clock;
  #first: Place<Grant> | undefined;
  #last: Place<Grant> | undefined;

  constructor(limits: QueueLimits, total: WaitingBytes, clock: Clock) {
    this.#limits = limits;
    this.#total = total;
    this.#clock = clock;
  }

  hasRoomFor(bytes: number): boolean {
    return (
      this.length < this.#limits.requestsMax &&
      this.bytes + bytes <= this.#limits.bytesMax &&
      this.#total.held + bytes <= this.#total.max
    );
  }

  get first(): Waiter<Grant> | undefined {
    return this.#first?.waiter;
  }

  /** Enters at the end. Ask `hasRoomFor` first. */
  push(waiter: Waiter<Grant>): void {
    const place = this.#enter(waiter);
    place.before = this.#last;
    if (this.#last === undefined) this.#first = place;
    else this.#last.after = place;
    this.#last = place;
  }

  /**
   * Gives back the place at the head to one who had been handed out for nothing. Never refused: it
   * was counted before.
   */
  pushFirst(waiter: Waiter<Grant>): void {
    const place = this.#enter(waiter);
    place.after = this.#first;
    if (this.#first === undefined) this.#last = place;
    else this.#first.before = place;
    this.#first = place;
  }

  shift(): Waiter<Grant> | undefined {
    const waiter = this.#first?.waiter;
    if (waiter !== undefined) this.remove(waiter);
    return waiter;
  }

  /** Frees the place; nothing happens when the waiter isn't here any more. */
  remove(waiter: Waiter<Grant>): void {
    const place = waiter.place;
    if (place === undefined) return;
    waiter.place = undefined;
    place.timer.cancel();
    if (place.before === undefined) this.#first = place.after;
    else place.before.after = place.after;
    if (place.after === undefined) this.#last = place.before;
    else place.after.before = place.before;
    this.length -= 1;
    this.bytes -= waiter.bytes;
    this.#total.held -= waiter.bytes;
  }

  /** Empties the queue; every waiter gets the error. Those who come while it empties stay. */
  refuseAll(error: Error): void {
    for (let left = this.length; left > 0; left -= 1) this.shift()?.onRefuse(error);
  }

  #enter(waiter: Waiter<Grant>): Place<Grant> {
    const expire = (): void => {
      this.remove(waiter);
      waiter.onExpire();
    };
    const delayMs = Math.max(0, waiter.deadlineAtMs - this.#clock.now());
    const timer = this.#clock.setTimeout(expire, delayMs);
    const place = { waiter, before: undefined, after: undefined, timer };
    waiter.place = place;
    this.length += 1;
    this.bytes += waiter.bytes;
    this.#total.held += waiter.bytes;
    return place;
  }
}
