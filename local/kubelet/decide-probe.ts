// What a row of probe results means, and when to probe next.

import type { Probe } from '../../api/kubernetes.ts';

export interface ProbeTimes {
  readonly initialDelayMs: number;
  readonly periodMs: number;
  readonly timeoutMs: number;
  readonly successThreshold: number;
  readonly failureThreshold: number;
}

/** Kubernetes' defaults: period 10 s, timeout 1 s, one success, three failures. */
export function deriveProbeTimes(probe: Probe): ProbeTimes {
  return {
    initialDelayMs: (probe.initialDelaySeconds ?? 0) * 1000,
    periodMs: Math.max(1, probe.periodSeconds ?? 10) * 1000,
    timeoutMs: Math.max(1, probe.timeoutSeconds ?? 1) * 1000,
    successThreshold: Math.max(1, probe.successThreshold ?? 1),
    failureThreshold: Math.max(1, probe.failureThreshold ?? 3),
  };
}

export interface ProbeState {
  /** `undefined` until a threshold was reached for the first time. */
  readonly result: boolean | undefined;
  /** Equal results in a row. */
  readonly last: boolean | undefined;
  readonly row: number;
}

export const probeStateFirst: ProbeState = { result: undefined, last: undefined, row: 0 };

export function decideProbe(state: ProbeState, isSuccess: boolean, times: ProbeTimes): ProbeState {
  const row = state.last === isSuccess ? state.row + 1 : 1;
  const threshold = isSuccess ? times.successThreshold : times.failureThreshold;
  return { result: row >= threshold ? isSuccess : state.result, last: isSuccess, row };
}

/** The first extra probe of a container that isn't ready comes this soon; each next one waits twice as long. */
export const eagerFirstMs = 50;

/**
 * Kubernetes may probe a container more often than each period until it is ready, to notice sooner. Only successes of
 * such extra probes count.
 */
export function deriveEagerDelaysMs(periodMs: number): number[] {
  const delays: number[] = [];
  for (let delayMs = eagerFirstMs; delayMs < periodMs; delayMs *= 2) delays.push(delayMs);
  return delays;
}
