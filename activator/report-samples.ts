// Tells every controller each second how many requests are in flight or queued, and at once when a sleeper is called.

import { request } from 'undici';
import { samplePath, samplePeriodMs } from '../api/wire.ts';
import type { ClaimReport, RevisionSample, WakeReport } from '../api/wire.ts';
import type { Clock } from '../platform/process/clock.ts';
import type { Log } from '../platform/process/log.ts';
import { buildSampleReports } from './build-sample-reports.ts';
import type { RevisionState } from './revision-state.ts';
import type { RevisionTable } from './revision-table.ts';

export interface ReportPorts {
  readonly identity: string;
  readonly revisions: RevisionTable;
  /** Base addresses of all controllers, for example http://10.0.0.7:8085. */
  /** Parked pods that were sent code, until it shows that a controller has seen to them. */
  readonly listClaims?: () => readonly ClaimReport[];
  readonly findControllers: () => readonly string[];
  /** `undefined` until the platform's keys are there; nothing is sent before. */
  readonly readToken: () => string | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** Wakes kept for a controller that is away; the oldest go first. */
export const wakesKeptMax = 1_000;
/** Several functions called in the same moment make one report. */
const pokeDelayMs = 5;
/** A controller that takes longer has missed this report; the next one has all it needs. */
const sendTimeoutMs = 2_000;

export class SampleReporter {
  readonly #ports: ReportPorts;
  #wakes: WakeReport[] = [];
  #isPoked = false;
  #hasWarned = false;
  /** One report at a time per controller: a slow one is skipped, not queued for. */
  readonly #sending = new Set<string>();

  constructor(ports: ReportPorts) {
    this.#ports = ports;
  }

  start(signal: AbortSignal): void {
    const tick = (): void => {
      if (signal.aborted) return;
      this.#send();
      this.#ports.clock.setTimeout(tick, samplePeriodMs);
    };
    this.#ports.clock.setTimeout(tick, samplePeriodMs);
  }

  addWake(wake: WakeReport): void {
    this.#wakes.push(wake);
    if (this.#wakes.length > wakesKeptMax) this.#wakes.shift();
    if (wake.failure !== undefined) this.poke();
  }

  /** Reports in a moment instead of at the next second. */
  poke(): void {
    if (this.#isPoked) return;
    this.#isPoked = true;
    this.#ports.clock.setTimeout(() => {
      this.#isPoked = false;
      this.#send();
    }, pokeDelayMs);
  }

  #send(): void {
    const { revisions, wakes } = { revisions: this.#collect(), wakes: this.#wakes };
    const claims = this.#ports.listClaims?.() ?? [];
    if (revisions.length === 0 && wakes.length === 0 && claims.length === 0) return;
    const token = this.#ports.readToken();
    const controllers = this.#ports.findControllers();
    if (token === undefined || controllers.length === 0) return;
    const head = { activator: this.#ports.identity, sentAtMs: Date.now() };
    const bodies = buildSampleReports(head, revisions, wakes, claims);
    this.#wakes = [];
    void Promise.all(controllers.map((base) => this.#post(base, bodies, token))).then((taken) => {
      // Samples are stale in a second, but why a wake failed must reach somebody.
      if (!taken.includes(true)) this.#wakes = [...wakes, ...this.#wakes].slice(-wakesKeptMax);
    });
  }

  async #post(base: string, bodies: readonly string[], token: string): Promise<boolean> {
    if (this.#sending.has(base)) return false;
    this.#sending.add(base);
    try {
      for (const body of bodies) await postReport(base, body, token);
      this.#hasWarned = false;
      return true;
    } catch (error) {
      if (!this.#hasWarned) this.#ports.log.warn({ error, base }, 'a controller takes no reports');
      this.#hasWarned = true;
      return false;
    } finally {
      this.#sending.delete(base);
    }
  }

  #collect(): RevisionSample[] {
    const samples: RevisionSample[] = [];
    const nowMs = this.#ports.clock.now();
    for (const state of this.#ports.revisions.values()) {
      const { concurrency, requests } = state.meter.take(nowMs);
      const isActive = concurrency > 0 || requests > 0 || state.meter.current > 0;
      // One report more after the last request says that it is over.
      if (isActive || state.wasReported) samples.push(buildSample(state, concurrency, requests));
      state.wasReported = isActive;
      if (!isActive && state.isIdle) this.#ports.revisions.forget(state);
    }
    return samples;
  }
}

async function postReport(base: string, body: string, token: string): Promise<void> {
  const answer = await request(base + samplePath, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body,
    headersTimeout: sendTimeoutMs,
    bodyTimeout: sendTimeoutMs,
    signal: AbortSignal.timeout(sendTimeoutMs),
  });
  await answer.body.dump();
  if (answer.statusCode >= 300) throw new Error(`controller answered ${answer.statusCode}`);
}

function buildSample(state: RevisionState, concurrency: number, requests: number): RevisionSample {
  const pods: Record<string, number> = {};
  for (const endpoint of state.endpoints) pods[endpoint.podName] = endpoint.inFlight;
  return {
    namespace: state.namespace,
    revision: state.name,
    concurrency,
    requests,
    inFlight: state.meter.current,
    pods,
  };
}
