// How many parked pods a namespace keeps of one runtime: as many as are claimed while a new one starts, and some more.

export interface PoolPolicy {
  /** Parked pods of a namespace where nobody claims any. 0 or more. */
  readonly min: number;
  /** Never more than this; 0 turns the pool off. */
  readonly max: number;
}

export interface PoolObservation {
  /** Functions that a parked pod may serve, in this namespace and of this runtime. */
  readonly functions: number;
  /** Claims per second, an average that forgets. */
  readonly claimsPerSecond: number;
  /** From the making of a parked pod until it can be claimed. */
  readonly refillSeconds: number;
  /** What the pool's PodTemplate says now; 0 when there is none. */
  readonly sizeNow: number;
}

/** Since when fewer would do, and the most that was wanted since then; `null` while none would be too many. */
export type PoolState = { readonly sinceMs: number; readonly sizeMax: number } | null;

export interface PoolDecision {
  readonly size: number;
  readonly state: PoolState;
  /** When to look again if nothing changes, in milliseconds from now; `null`: not needed. */
  readonly againAfterMs: number | null;
}

/** What varies is covered by half as much again. */
const headroom = 1.5;
/** Of a pod: an average that forgets never gets to zero, and would keep one pod too many for ever. */
const negligible = 0.05;
/** Fewer must do for this long before any goes: making pods costs more than keeping them. */
export const shrinkAfterMs = 60_000;

/** Deterministic: the same arguments give the same decision. */
export function decidePoolSize(
  state: PoolState,
  seen: PoolObservation,
  policy: PoolPolicy,
  nowMs: number,
): PoolDecision {
  // Nobody is there to come back, so nothing is kept in case they do.
  if (seen.functions === 0 || policy.max === 0) return { size: 0, state: null, againAfterMs: null };
  const missing = seen.claimsPerSecond * seen.refillSeconds * headroom;
  const demand = Math.max(0, Math.ceil(missing - negligible));
  const wanted = Math.min(policy.max, Math.max(policy.min, demand + policy.min));
  if (wanted >= seen.sizeNow) return { size: wanted, state: null, againAfterMs: null };
  const sinceMs = state?.sinceMs ?? nowMs;
  const sizeMax = Math.max(state?.sizeMax ?? 0, wanted);
  const leftMs = sinceMs + shrinkAfterMs - nowMs;
  if (leftMs > 0) {
    return { size: seen.sizeNow, state: { sinceMs, sizeMax }, againAfterMs: leftMs };
  }
  return { size: Math.min(seen.sizeNow, sizeMax), state: null, againAfterMs: null };
}
