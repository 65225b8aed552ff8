// Measures one Revision's concurrency: the average over time of requests in flight or queued, and how fast it serves.

/** How far back the service rate looks, in milliseconds; older completions fade out. */
const rateMemoryMs = 5_000;

export class ConcurrencyMeter {
  /** In flight or queued at this moment. */
  current = 0;
  /** Arrived since the last `take`. */
  arrived = 0;

  #areaMs = 0;
  #changedAtMs: number;
  #takenAtMs: number;
  #served = 0;
  #servedAtMs: number;

  constructor(nowMs: number) {
    this.#changedAtMs = nowMs;
    this.#takenAtMs = nowMs;
    this.#servedAtMs = nowMs;
  }

  enter(nowMs: number): void {
    this.#settle(nowMs);
    this.current += 1;
    this.arrived += 1;
  }

  leave(nowMs: number, wasServed: boolean): void {
    this.#settle(nowMs);
    this.current -= 1;
    if (wasServed) this.#served = this.#fadedServed(nowMs) + 1;
  }

  /** Requests served per second of late; 0 when none was. */
  servedPerSecond(nowMs: number): number {
    const faded = this.#fadedServed(nowMs, false);
    return faded < 0.01 ? 0 : faded / (rateMemoryMs / 1000);
  }

  /** The average since the last take, which begins anew. */
  take(nowMs: number): { readonly concurrency: number; readonly requests: number } {
    this.#settle(nowMs);
    const tookMs = nowMs - this.#takenAtMs;
    const concurrency = tookMs > 0 ? this.#areaMs / tookMs : this.current;
    const requests = this.arrived;
    this.#areaMs = 0;
    this.arrived = 0;
    this.#takenAtMs = nowMs;
    return { concurrency, requests };
  }

  #settle(nowMs: number): void {
    this.#areaMs += this.current * (nowMs - this.#changedAtMs);
    this.#changedAtMs = nowMs;
  }

  #fadedServed(nowMs: number, moves = true): number {
    const faded = this.#served * Math.exp((this.#servedAtMs - nowMs) / rateMemoryMs);
    if (moves) this.#servedAtMs = nowMs;
    return faded;
  }
}
