// Keys to look at again: deduplicated, one handler per key at a time, back-off after a failure.

import { systemClock, type Clock, type Timer } from '../process/clock.ts';
import { silentLog, type Log } from '../process/log.ts';

export interface WorkQueueOptions {
  /** For logs. */
  readonly name: string;
  readonly clock?: Clock;
  readonly log?: Log;
  /** Handlers at once. Default 4. */
  readonly concurrency?: number;
  /** After a failure: first doubled up to max. Default 50 ms to 30 s. */
  readonly backoffMs?: { readonly first: number; readonly max: number };
}

/** Looks at one key; a number asks for another look after that many milliseconds. */
export type Handler = (key: string, signal: AbortSignal) => Promise<number | null>;

export class WorkQueue {
  readonly #options: Required<WorkQueueOptions>;
  /** Waiting to be handled, in order of arrival. */
  readonly #pending = new Set<string>();
  readonly #running = new Set<string>();
  /** Changed while they were handled: they go to the end again. */
  readonly #dirty = new Set<string>();
  readonly #delayed = new Map<string, { timer: Timer; dueMs: number }>();
  readonly #failures = new Map<string, number>();
  #handler: Handler | undefined;
  #signal: AbortSignal | undefined;
  #idle: (() => void)[] = [];

  constructor(options: WorkQueueOptions) {
    this.#options = {
      clock: systemClock,
      log: silentLog,
      concurrency: 4,
      backoffMs: { first: 50, max: 30_000 },
      ...options,
    };
  }

  /** Keys waiting now; the set is its own bound, since a key stands in it once. */
  get size(): number {
    return this.#pending.size;
  }

  add(key: string): void {
    this.#delayed.get(key)?.timer.cancel();
    this.#delayed.delete(key);
    if (this.#running.has(key)) {
      this.#dirty.add(key);
      return;
    }
    this.#pending.add(key);
    this.#drain();
  }

  /** Of several delays for one key the earliest holds. */
  addAfter(key: string, delayMs: number): void {
    const dueMs = this.#options.clock.monotonicNow() + delayMs;
    const before = this.#delayed.get(key);
    if (before !== undefined && before.dueMs <= dueMs) return;
    before?.timer.cancel();
    const timer = this.#options.clock.setTimeout(() => {
      this.#delayed.delete(key);
      this.add(key);
    }, delayMs);
    this.#delayed.set(key, { timer, dueMs });
  }

  /** Handles keys until the signal aborts; resolves when the last handler has ended. */
  async run(handler: Handler, signal: AbortSignal): Promise<void> {
    this.#handler = handler;
    this.#signal = signal;
    this.#drain();
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    this.#handler = undefined;
    for (const { timer } of this.#delayed.values()) timer.cancel();
    this.#delayed.clear();
    this.#pending.clear();
    if (this.#running.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #drain(): void {
    const handler = this.#handler;
    const signal = this.#signal;
    if (handler === undefined || signal === undefined) return;
    for (const key of this.#pending) {
      if (this.#running.size >= this.#options.concurrency) return;
      this.#pending.delete(key);
      this.#running.add(key);
      void this.#handle(key, handler, signal);
    }
  }

  async #handle(key: string, handler: Handler, signal: AbortSignal): Promise<void> {
    try {
      const againAfterMs = await handler(key, signal);
      this.#failures.delete(key);
      if (againAfterMs !== null && !signal.aborted) this.addAfter(key, againAfterMs);
    } catch (error) {
      if (!signal.aborted) this.#retry(key, error);
    }
    this.#running.delete(key);
    if (this.#dirty.delete(key) && !signal.aborted) this.add(key);
    this.#drain();
    if (this.#running.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  #retry(key: string, error: unknown): void {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    const { first, max } = this.#options.backoffMs;
    const delayMs = Math.min(max, first * 2 ** Math.min(failures - 1, 20));
    this.#options.log.warn(
      { error, key, failures, delayMs },
      `${this.#options.name} failed, trying again`,
    );
    this.addAfter(key, delayMs);
  }
}
