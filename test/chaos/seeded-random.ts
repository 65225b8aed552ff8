// Random numbers that come in the same order again for the same seed.

export interface SeededRandom {
  /** From `min` up to and without `max`. */
  between(min: number, max: number): number;
  pick<T>(from: readonly T[]): T | undefined;
  shuffle<T>(of: readonly T[]): T[];
}

/** A linear congruential generator: what matters here is that it repeats, not how good it is. */
export function createSeededRandom(seed: number): SeededRandom {
  let state = BigInt(seed);
  const next = (): number => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffff_ffff_ffff_ffffn;
    return Number(state >> 32n) / 2 ** 32;
  };
  const between = (min: number, max: number): number => min + next() * (max - min);
  const indexIn = (of: readonly unknown[]): number => Math.floor(between(0, of.length));
  return {
    between,
    pick: (from) => from[indexIn(from)],
    shuffle: (of) => {
      const left = [...of];
      return of.flatMap(() => left.splice(indexIn(left), 1));
    },
  };
}
