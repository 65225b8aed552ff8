// When to look again after somebody else was faster: at once, since the cache shows it in a moment, then less often.

/** Milliseconds after the first refusal, doubled with each other in a row. */
const firstMs = 20;
const maxMs = 500;

/** What a look came to: when to look again, in milliseconds; `null`: not by itself. */
export type LookResult = number | null | 'conflict';

export class ConflictPace {
  /** By key, refusals in a row; only of keys that are to be looked at again. */
  readonly #refusals = new Map<string, number>();

  async look(key: string, look: () => Promise<LookResult>): Promise<number | null> {
    const refusals = this.#refusals.get(key) ?? 0;
    this.#refusals.delete(key);
    const result = await look();
    if (result !== 'conflict') return result;
    this.#refusals.set(key, refusals + 1);
    return Math.min(maxMs, firstMs * 2 ** Math.min(refusals, 10));
  }

  /** Another term begins: nobody looks again at what was left of the last one. */
  clear(): void {
    this.#refusals.clear();
  }
}
