// Plain images whose pods would be the same but for names: where one starts, the others are as good as started.

import type { Clock } from '../../platform/process/clock.ts';

/** How long a start speaks for others, in milliseconds: a tag may name another image after a while. */
export const startedMsMax = 10_000;
/** Started pods that are remembered; the oldest is forgotten first. */
export const startedMax = 1_000;

/** Tells the others how it ended; more than once does nothing. */
export type EndProof = (hasStarted: boolean) => void;

/** Whom to wait for, or the turn to prove. */
export type ProofTurn = { readonly others: Promise<boolean> } | { readonly end: EndProof };

export class EqualProofs {
  readonly #clock: Clock;
  readonly #running = new Map<string, Promise<boolean>>();
  /** When they were started, by what they are. The oldest first. */
  readonly #startedAtMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * `others` resolves to `true` when such a pod has started. `false`: it did not, or waits for something; whoever asked
   * then tries for itself and waits for nobody any more, so that each Revision says what stands in its own way.
   */
  turnOf(key: string): ProofTurn {
    const startedAtMs = this.#startedAtMs.get(key) ?? -Infinity;
    if (this.#clock.monotonicNow() - startedAtMs < startedMsMax) {
      return { others: Promise.resolve(true) };
    }
    const running = this.#running.get(key);
    if (running !== undefined) return { others: running };
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#running.set(key, promise);
    return {
      end: (hasStarted) => {
        if (this.#running.get(key) !== promise) return;
        this.#running.delete(key);
        if (hasStarted) this.#remember(key);
        resolve(hasStarted);
      },
    };
  }

  #remember(key: string): void {
    this.#startedAtMs.delete(key);
    this.#startedAtMs.set(key, this.#clock.monotonicNow());
    const [oldest] = this.#startedAtMs.keys();
    if (this.#startedAtMs.size > startedMax && oldest !== undefined) {
      this.#startedAtMs.delete(oldest);
    }
  }
}
