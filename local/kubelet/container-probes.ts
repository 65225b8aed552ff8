// The probes of one running container: startup first, then readiness and liveness, each in its own rhythm.

import type { Probe } from '../../api/kubernetes.ts';
import type { Clock, Timer } from '../../platform/process/clock.ts';
import {
  decideProbe,
  deriveEagerDelaysMs,
  deriveProbeTimes,
  probeStateFirst,
  type ProbeState,
  type ProbeTimes,
} from './decide-probe.ts';
import { runProbe, type ProbeAnswer, type ProbeTarget } from './probe-runner.ts';

export type ProbeKind = 'startup' | 'readiness' | 'liveness';

export interface ProbeListener {
  /** The result of a kind has changed; the first result counts as a change. */
  readonly onResult: (kind: ProbeKind, isSuccess: boolean, message: string) => void;
  readonly onFailure: (kind: ProbeKind, message: string) => void;
}

/** Probes from `start` to `stop`; kinds the container doesn't have are left out. */
export class ContainerProbes {
  readonly #clock: Clock;
  readonly #target: ProbeTarget;
  readonly #listener: ProbeListener;
  readonly #timers = new Set<Timer>();
  #isStopped = false;

  constructor(clock: Clock, target: ProbeTarget, listener: ProbeListener) {
    this.#clock = clock;
    this.#target = target;
    this.#listener = listener;
  }

  start(): void {
    const { startupProbe } = this.#target.container;
    if (startupProbe === undefined) this.#startOthers();
    else this.#follow('startup', startupProbe);
  }

  stop(): void {
    this.#isStopped = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  #startOthers(): void {
    const { readinessProbe, livenessProbe } = this.#target.container;
    if (readinessProbe !== undefined) this.#follow('readiness', readinessProbe);
    if (livenessProbe !== undefined) this.#follow('liveness', livenessProbe);
  }

  #follow(kind: ProbeKind, probe: Probe): void {
    const times = deriveProbeTimes(probe);
    let state: ProbeState = probeStateFirst;
    const isPassed = (): boolean => state.result === true;
    const take = (answer: ProbeAnswer): void => {
      if (this.#isStopped) return;
      if (!answer.isSuccess) this.#listener.onFailure(kind, answer.message);
      const before = state.result;
      state = decideProbe(state, answer.isSuccess, times);
      if (state.result === undefined || state.result === before) return;
      this.#listener.onResult(kind, state.result, answer.message);
      if (kind === 'startup' && isPassed()) this.#startOthers();
    };
    const round = async (): Promise<void> => {
      // A startup probe has done its work once it has passed.
      if (kind === 'startup' && isPassed()) return;
      take(await runProbe(probe, this.#target, times.timeoutMs));
      this.#after(times.periodMs, round);
    };
    // A process that has just been spawned answers nothing yet: an Event that says so would only be noise.
    const isEager = kind !== 'liveness' && times.successThreshold === 1;
    const firstMs = isEager || kind === 'liveness' ? times.periodMs : 0;
    this.#after(times.initialDelayMs + firstMs, round);
    if (isEager) this.#probeEagerly(probe, times, { take, isPassed });
  }

  /** Extra probes until the first success, so that a container isn't found ready a whole period late. */
  #probeEagerly(
    probe: Probe,
    times: ProbeTimes,
    ports: { take: (answer: ProbeAnswer) => void; isPassed: () => boolean },
  ): void {
    const delays = deriveEagerDelaysMs(times.periodMs);
    const next = (extraMs: number): void => {
      const delayMs = delays.shift();
      if (delayMs !== undefined) this.#after(delayMs + extraMs, round);
    };
    const round = async (): Promise<void> => {
      if (ports.isPassed()) return;
      const answer = await runProbe(probe, this.#target, times.timeoutMs);
      // A failure between the periods is no failure: it only came too early.
      if (answer.isSuccess && !ports.isPassed()) ports.take(answer);
      next(0);
    };
    next(times.initialDelayMs);
  }

  #after(delayMs: number, run: () => Promise<void>): void {
    if (this.#isStopped) return;
    const timer = this.#clock.setTimeout(() => {
      this.#timers.delete(timer);
      void run();
    }, delayMs);
    this.#timers.add(timer);
  }
}
