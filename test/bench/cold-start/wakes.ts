// Calls Functions at zero and says of each call how it was woken.

import { call } from '../../support/call.ts';
import { percentile } from '../report.ts';
import type { Bed } from './bed.ts';
import { parseCounters, subtractCounters } from './parse-counters.ts';

export interface Wake {
  readonly firstByteMs: number;
  /** `warm`: a pod served already, or another caller's wake had begun. */
  readonly way: 'pool' | 'ordinary' | 'warm' | 'failed';
  /** The header Server-Timing, or what went wrong. */
  readonly said: string;
}

export interface Spread {
  readonly n: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Never throws: a lost request is a figure. */
export async function wake({ target }: Bed, host: string): Promise<Wake> {
  const startedMs = performance.now();
  try {
    const answer = await call({ gatewayUrl: target.gatewayUrl, host });
    const { firstByteMs } = answer;
    if (answer.status !== 200) {
      const said = `${answer.status} ${answer.text.trim().slice(0, 300)}`;
      return { firstByteMs, way: 'failed', said };
    }
    const said = String(answer.headers['server-timing']);
    return { firstByteMs, way: wayOf(said), said };
  } catch (error) {
    const firstByteMs = performance.now() - startedMs;
    return { firstByteMs, way: 'failed', said: (error as Error).message };
  }
}

function wayOf(timing: string): Wake['way'] {
  if (timing.includes('claim;')) return 'pool';
  return /\b(schedule|pull|start);/.test(timing) ? 'ordinary' : 'warm';
}

export function spreadOf(values: readonly number[]): Spread {
  return {
    n: values.length,
    p50Ms: round(percentile(values, 0.5)),
    p90Ms: round(percentile(values, 0.9)),
    p99Ms: round(percentile(values, 0.99)),
    maxMs: round(percentile(values, 1)),
  };
}

export function firstBytes(wakes: readonly Wake[]): number[] {
  return wakes.map((one) => one.firstByteMs);
}

/** At most a few, so that a report stays readable. */
export function failuresOf(wakes: readonly Wake[]): string[] {
  const said = wakes.filter(({ way }) => way === 'failed').map((one) => one.said);
  return [...new Set(said)].slice(0, 5);
}

export function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Of the cold starts that `work` brings about, the share that a parked pod served, as the activators count. */
export async function countHits<T>(
  bed: Bed,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly hitRatio: number; readonly starts: number }> {
  const before = parseCounters(await bed.readMetrics());
  const result = await work();
  const { hits, starts } = subtractCounters(parseCounters(await bed.readMetrics()), before);
  return { result, starts, hitRatio: round(hits / starts) };
}
