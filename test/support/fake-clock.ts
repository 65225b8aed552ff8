// A clock that stands still until a test moves it.

import type { Clock, Timer } from '../../platform/process/clock.ts';

interface Due {
  readonly atMs: number;
  readonly callback: () => void;
}

export class FakeClock implements Clock {
  #nowMs: number;
  /** How far somebody has set the wall clock. */
  #jumpedMs = 0;
  readonly #due = new Set<Due>();

  constructor(startMs = 1_000_000) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs + this.#jumpedMs;
  }

  monotonicNow(): number {
    return this.#nowMs;
  }

  /** Sets the wall clock forward or back; no time passes and no timer fires. */
  jump(byMs: number): void {
    this.#jumpedMs += byMs;
  }

  get timersWaiting(): number {
    return this.#due.size;
  }

  setTimeout(callback: () => void, delayMs: number): Timer {
    const entry = { atMs: this.#nowMs + delayMs, callback };
    this.#due.add(entry);
    return { cancel: () => void this.#due.delete(entry) };
  }

  /** Moves on and fires what became due, in order of time; promises settle between two timers. */
  async advance(byMs: number): Promise<void> {
    const untilMs = this.#nowMs + byMs;
    for (;;) {
      await settle();
      const next = [...this.#due].sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.#due.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.callback();
    }
    this.#nowMs = untilMs;
    await settle();
  }
}

/** Lets promises that are already resolved run their continuations. */
async function settle(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}
