// How often to knock on a port that nobody listens on yet, and which errors mean just that.

import { setTimeout as pause } from 'node:timers/promises';

/** A process on the same machine listens 20 to 60 ms after its start: each millisecond here is one of a cold start. */
export const eagerPauseMs = 3;
/** So many knocks at the first pace; after that the pod is slow: an image to pull, a node to find. */
const eagerKnocks = 60;
/** Then each pause is so much longer than the last, which is about a tenth of the time knocked so far. */
const pauseGrowth = 1.1;
const pauseMsMax = 250;

export interface KnockPace {
  readonly signal: AbortSignal;
  /** Between the first knocks, in milliseconds. */
  readonly firstPauseMs: number;
}

const unreachable = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNTIMEOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'EPIPE',
  'EADDRNOTAVAIL',
]);

/** Whether nobody was there, so that knocking again makes sense. */
export function isUnreachable(error: unknown): boolean {
  return unreachable.has((error as NodeJS.ErrnoException | undefined)?.code ?? '');
}

/** Milliseconds between knock number `attempt` (from 0) and the next. */
export function knockPauseMs(attempt: number, firstPauseMs: number): number {
  if (attempt < eagerKnocks) return firstPauseMs;
  return Math.min(pauseMsMax, firstPauseMs * pauseGrowth ** (attempt - eagerKnocks + 1));
}

/** Rejects when the signal aborts. */
export async function pauseBetweenKnocks(attempt: number, pace: KnockPace): Promise<void> {
  await pause(knockPauseMs(attempt, pace.firstPauseMs), undefined, { signal: pace.signal });
}
