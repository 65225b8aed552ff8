// Splits the time of one request into the phases that Server-Timing and the metrics show.

/** When the phases of a Revision's wake ended, on the clock of the requests. */
export interface WakeTimeline {
  readonly startedAtMs: number;
  /** The pod has an address. */
  readonly addressAtMs: number;
  /** The pod serves: its runtime has answered that the code is loaded. */
  readonly readyAtMs: number;
  /** What the runtime says loading took; 0 for a plain image. */
  readonly loadMs: number;
}

export interface RequestTimes {
  readonly arrivedAtMs: number;
  /** A pod was found for it. */
  readonly grantedAtMs: number;
  readonly firstByteAtMs: number;
  /** Only when the request waited for a wake. */
  readonly wake?: WakeTimeline | undefined;
}

/**
 * In milliseconds; together the time from arrival to the first byte of the answer. `queue`: waiting
 * for a free slot; `claim`: until a pod had an address; `start`: until its process answered;
 * `load`: until the code was loaded; `handler`: from a pod being found to the first byte.
 */
export interface Phases {
  readonly queue: number;
  readonly claim: number;
  readonly start: number;
  readonly load: number;
  readonly handler: number;
}

export function derivePhases(times: RequestTimes): Phases {
  const { arrivedAtMs, grantedAtMs, wake } = times;
  const handler = Math.max(0, times.firstByteAtMs - grantedAtMs);
  const waited = Math.max(0, grantedAtMs - arrivedAtMs);
  if (wake === undefined) return { queue: waited, claim: 0, start: 0, load: 0, handler };
  // A request that came in mid-wake has waited for the rest of it only.
  const share = (fromMs: number, untilMs: number): number =>
    Math.max(0, Math.min(untilMs, grantedAtMs) - Math.max(fromMs, arrivedAtMs));
  const loadFromMs = Math.max(wake.addressAtMs, wake.readyAtMs - wake.loadMs);
  const claim = share(wake.startedAtMs, wake.addressAtMs);
  const start = share(wake.addressAtMs, loadFromMs);
  const load = share(loadFromMs, wake.readyAtMs);
  return { queue: Math.max(0, waited - claim - start - load), claim, start, load, handler };
}
