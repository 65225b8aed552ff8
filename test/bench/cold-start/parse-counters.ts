// Reads from the activators' metrics how Functions were woken.

export interface Counters {
  /** `rouse_pool_claims_total{result="hit"}`. */
  readonly hits: number;
  /** `rouse_cold_starts_total`, all of them: by the pool, the ordinary way, and in vain. */
  readonly starts: number;
}

export function parseCounters(texts: readonly string[]): Counters {
  const sum = (pattern: RegExp): number =>
    texts
      .flatMap((text) => [...text.matchAll(pattern)])
      .reduce((total, [, value]) => total + Number(value), 0);
  return {
    hits: sum(/^rouse_pool_claims_total\{[^}]*result="hit"[^}]*\} (\S+)$/gm),
    starts: sum(/^rouse_cold_starts_total\{[^}]*\} (\S+)$/gm),
  };
}

export function subtractCounters(after: Counters, before: Counters): Counters {
  return { hits: after.hits - before.hits, starts: after.starts - before.starts };
}
