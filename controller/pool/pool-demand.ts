// How often a pool is claimed from, and how long it takes to fill up again: both remembered, both forgotten in time.

/** Half of what was seen counts after this. A minute's load is what a pool should be ready for. */
const claimHalfLifeMs = 30_000;
const refillSecondsFirst = 3;
const refillSecondsMin = 0.5;
/** A pod that hangs on its way must not blow the pool up. */
const refillSecondsMax = 20;
/** Share of a new measurement. */
const refillWeight = 0.3;

/** Of one pool. The time is passed in and must not run backwards. */
export class PoolDemand {
  /** Claims per second, as of `#atMs`. */
  #rate = 0;
  #atMs = 0;
  #refillSeconds = refillSecondsFirst;

  claimed(nowMs: number): void {
    // In the long run as many per second as there are: each adds what a half-life's decay takes away.
    this.#rate = this.claimsPerSecond(nowMs) + Math.LN2 / (claimHalfLifeMs / 1000);
    this.#atMs = nowMs;
  }

  claimsPerSecond(nowMs: number): number {
    return this.#rate * 2 ** (-(nowMs - this.#atMs) / claimHalfLifeMs);
  }

  /** A parked pod has become ready, this long after it was made. */
  refilled(seconds: number): void {
    const bounded = Math.min(refillSecondsMax, Math.max(refillSecondsMin, seconds));
    this.#refillSeconds += (bounded - this.#refillSeconds) * refillWeight;
  }

  get refillSeconds(): number {
    return this.#refillSeconds;
  }
}
