// Splits the time of one request into the phases that Server-Timing and the metrics show.

/** When the phases of a Revision's wake ended, on the clock of the requests. */
export type WakeTimeline = WakeEnds & (PoolTimes | OrdinaryTimes);

interface WakeEnds {
  readonly startedAtMs: number;
  /** The pod serves: its runtime has answered that the code is loaded. */
  readonly readyAtMs: number;
  /** What the runtime says loading took; 0 for a plain image. */
  readonly loadMs: number;
}

interface PoolTimes {
  readonly path: 'pool';
  /** A parked pod was picked; before that the Revision stood in line for one. */
  readonly claimedAtMs: number;
}

interface OrdinaryTimes {
  readonly path: 'ordinary';
  /** The pod was seen to have a node. */
  readonly scheduledAtMs: number;
  /** The pod was seen to have an address: its image is there and its container was made. */
  readonly addressAtMs: number;
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
 * `claim`: until a parked pod had taken the code; `schedule`: until the pod had a node; `pull`: until it had an
 * address; `start`: until its process answered; `load`: until the code was loaded.
 */
export const wakePhases = ['claim', 'schedule', 'pull', 'start', 'load'] as const;
export type WakePhase = (typeof wakePhases)[number];

/**
 * In milliseconds; together the time from arrival to the first byte of the answer. `queue`: waiting
 * for a free slot, or in line for a parked pod; `handler`: from a pod being found to the first byte.
 */
export type Phases = Readonly<Record<WakePhase | 'queue' | 'handler', number>>;

export interface Span {
  readonly phase: WakePhase | 'queue';
  readonly fromMs: number;
  readonly untilMs: number;
}

/** The parts of a wake in order, without gaps, from its start until the pod served. */
export function deriveWakeSpans(wake: WakeTimeline): Span[] {
  const { startedAtMs, readyAtMs } = wake;
  // What began before anybody waited is not part of it.
  const clamp = (atMs: number): number => Math.min(readyAtMs, Math.max(startedAtMs, atMs));
  const loadAtMs = (from: number): number => Math.max(from, clamp(readyAtMs - wake.loadMs));
  const ends: [Span['phase'], number][] = [];
  if (wake.path === 'pool') {
    const claimedAtMs = clamp(wake.claimedAtMs);
    ends.push(['queue', claimedAtMs], ['claim', loadAtMs(claimedAtMs)]);
  } else {
    const addressAtMs = clamp(wake.addressAtMs);
    ends.push(['schedule', Math.min(clamp(wake.scheduledAtMs), addressAtMs)]);
    ends.push(['pull', addressAtMs], ['start', loadAtMs(addressAtMs)]);
  }
  ends.push(['load', readyAtMs]);
  let fromMs = startedAtMs;
  return ends.map(([phase, untilMs]) => {
    const span = { phase, fromMs, untilMs };
    fromMs = untilMs;
    return span;
  });
}

export function derivePhases(times: RequestTimes): Phases {
  const { arrivedAtMs, grantedAtMs, wake } = times;
  const handler = Math.max(0, times.firstByteAtMs - grantedAtMs);
  const waited = Math.max(0, grantedAtMs - arrivedAtMs);
  const phases = { queue: waited, claim: 0, schedule: 0, pull: 0, start: 0, load: 0, handler };
  if (wake === undefined) return phases;
  for (const { phase, fromMs, untilMs } of deriveWakeSpans(wake)) {
    if (phase === 'queue') continue;
    // A request that came in mid-wake has waited for the rest of it only.
    const untilGranted = Math.min(untilMs, grantedAtMs);
    const share = Math.max(0, untilGranted - Math.max(fromMs, arrivedAtMs));
    phases[phase] = share;
    phases.queue = Math.max(0, phases.queue - share);
  }
  return phases;
}
