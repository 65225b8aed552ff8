// Parked pods that were made or deleted a moment ago, until the cache shows it: else it would be done again.

import type { Pod } from '../../api/kubernetes.ts';
import type { Clock } from '../../platform/process/clock.ts';

/** A cache that lags for longer is believed again, in milliseconds. */
const unseenMsMax = 10_000;

export class UnseenWrites {
  readonly #clock: Pick<Clock, 'monotonicNow'>;
  /** By uid. `key`: namespace/runtime of the pool. */
  readonly #made = new Map<
    string,
    { readonly key: string; readonly pod: Pod; readonly untilMs: number }
  >();
  readonly #deleted = new Map<string, number>();

  constructor(clock: Pick<Clock, 'monotonicNow'>) {
    this.#clock = clock;
  }

  made(key: string, pod: Pod): void {
    const { uid = '' } = pod.metadata;
    this.#made.set(uid, { key, pod, untilMs: this.#untilMs() });
  }

  deleted({ metadata }: Pod): void {
    this.#deleted.set(metadata.uid ?? '', this.#untilMs());
  }

  /** The cache has news of it. */
  seen(uid: string): void {
    this.#made.delete(uid);
    this.#deleted.delete(uid);
  }

  /** Of all pools. */
  get madeCount(): number {
    return this.#made.size;
  }

  /** The pods of a pool as they are, from what the cache shows of them. */
  correct(key: string, cached: readonly Pod[]): Pod[] {
    const nowMs = this.#clock.monotonicNow();
    for (const [uid, { untilMs }] of this.#made) if (untilMs <= nowMs) this.#made.delete(uid);
    for (const [uid, untilMs] of this.#deleted) if (untilMs <= nowMs) this.#deleted.delete(uid);
    const made = [...this.#made.values()].filter((one) => one.key === key);
    return [
      ...cached.filter(({ metadata }) => !this.#deleted.has(metadata.uid ?? '')),
      ...made.map(({ pod }) => pod),
    ];
  }

  #untilMs(): number {
    return this.#clock.monotonicNow() + unseenMsMax;
  }
}
