// What the activator counts, for Prometheus.

import { STATUS_CODES } from 'node:http';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { WakeReport } from '../api/wire.ts';
import { derivePhases, deriveWakeSpans, type WakeTimeline } from './derive-phases.ts';
import type { Exchange } from './exchange.ts';
import type { ClaimResult } from './pool-claims.ts';

/** Seconds. A warm call takes about a millisecond, a cold start some tens. */
const requestBuckets = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const coldStartBuckets = [
  0.001, 0.0025, 0.005, 0.01, 0.015, 0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10,
  30,
];
/**
 * How often the event loop's lag is measured; the default of 10 ms would cost an idle process a
 * third of a percent.
 */
const loopLagPrecisionMs = 100;

export interface Gauges {
  /** Requests waiting, in all queues. */
  readonly queueDepth: () => number;
  /** Requests at pods. */
  readonly inFlight: () => number;
}

export class Metrics {
  readonly registry = new Registry();
  readonly #requests: Counter<'namespace' | 'function' | 'code' | 'error'>;
  readonly #duration: Histogram<'namespace' | 'function'>;
  readonly #coldStarts: Counter<'path' | 'result'>;
  readonly #coldStart: Histogram<'path'>;
  readonly #phase: Histogram<'phase'>;
  readonly #claims: Counter<'result'>;
  /** Wakes whose first answer was seen. */
  readonly #answered = new WeakSet<WakeTimeline>();

  constructor(gauges: Gauges) {
    const registers = [this.registry];
    this.#requests = new Counter({
      name: 'rouse_requests_total',
      help: 'Requests that ended. code: the HTTP status the caller got; error: the code of an answer of the platform.',
      labelNames: ['namespace', 'function', 'code', 'error'],
      registers,
    });
    this.#duration = new Histogram({
      name: 'rouse_request_duration_seconds',
      help: 'From arrival to the last byte of the answer, waiting included.',
      labelNames: ['namespace', 'function'],
      buckets: requestBuckets,
      registers,
    });
    this.#coldStarts = new Counter({
      name: 'rouse_cold_starts_total',
      help: 'Wakes from zero that ended. path: pool (a parked pod), ordinary, or failed; result: ok or failed.',
      labelNames: ['path', 'result'],
      registers,
    });
    this.#coldStart = new Histogram({
      name: 'rouse_cold_start_seconds',
      help: 'From the first waiting request to a pod that serves.',
      labelNames: ['path'],
      buckets: coldStartBuckets,
      registers,
    });
    this.#phase = new Histogram({
      name: 'rouse_cold_start_phase_seconds',
      help: 'Parts of a cold start: queue, claim, load; on the ordinary way schedule, pull, start, load; then ready, first_byte.',
      labelNames: ['phase'],
      buckets: coldStartBuckets,
      registers,
    });
    this.#claims = new Counter({
      name: 'rouse_pool_claims_total',
      help: 'Parked pods asked. hit: it serves; conflict: another was faster; failed: neither; miss: a wake found none to ask.',
      labelNames: ['result'],
      registers,
    });
    addGauge('rouse_queue_depth', 'Requests that wait.', gauges.queueDepth, registers);
    addGauge('rouse_in_flight', 'Requests at pods.', gauges.inFlight, registers);
    collectDefaultMetrics({
      register: this.registry,
      eventLoopMonitoringPrecision: loopLagPrecisionMs,
    });
  }

  countRequest(exchange: Exchange, durationMs: number): void {
    // Only Functions that exist become labels: what strangers ask for must not grow our memory.
    const { namespace, functionName, status } = exchange;
    const error = exchange.failure?.code ?? '';
    this.#requests.inc({ namespace, function: functionName, code: codeOf(status), error });
    if (exchange.wake !== undefined) this.#countFirstByte(exchange, exchange.wake);
    if (functionName === '') return;
    this.#duration.observe({ namespace, function: functionName }, durationMs / 1000);
  }

  countWake(report: WakeReport, timeline: WakeTimeline | undefined): void {
    if (report.failure !== undefined || timeline === undefined) {
      this.#coldStarts.inc({ path: 'failed', result: 'failed' });
      return;
    }
    const { path, startedAtMs, readyAtMs } = timeline;
    this.#coldStarts.inc({ path, result: 'ok' });
    this.#coldStart.observe({ path }, (readyAtMs - startedAtMs) / 1000);
    for (const { phase, fromMs, untilMs } of deriveWakeSpans(timeline)) {
      this.#phase.observe({ phase }, (untilMs - fromMs) / 1000);
    }
  }

  countClaim(result: ClaimResult): void {
    this.#claims.inc({ result });
  }

  /** What the first of those who waited saw after the pod served. */
  #countFirstByte(exchange: Exchange, wake: WakeTimeline): void {
    const { arrivedAtMs, grantedAtMs, firstByteAtMs } = exchange;
    if (firstByteAtMs === 0 || arrivedAtMs > wake.readyAtMs || this.#answered.has(wake)) return;
    this.#answered.add(wake);
    const { handler } = derivePhases({ arrivedAtMs, grantedAtMs, firstByteAtMs });
    const readyMs = Math.max(0, grantedAtMs - wake.readyAtMs);
    this.#phase.observe({ phase: 'ready' }, readyMs / 1000);
    this.#phase.observe({ phase: 'first_byte' }, handler / 1000);
  }

  /** The Function is gone, and its series with it. */
  async forgetFunction(namespace: string, name: string): Promise<void> {
    const { values } = await this.#requests.get();
    for (const { labels } of values) {
      if (labels.namespace === namespace && labels.function === name) this.#requests.remove(labels);
    }
    this.#duration.remove({ namespace, function: name });
  }
}

function addGauge(name: string, help: string, read: () => number, registers: Registry[]): void {
  new Gauge({
    name,
    help,
    registers,
    collect() {
      this.set(read());
    },
  });
}

/**
 * A function may answer with any number; only registered ones (and 499, a caller gone) become
 * labels.
 */
function codeOf(status: number): string {
  if (status === 499 || STATUS_CODES[status] !== undefined) return String(status);
  return `${Math.floor(status / 100)}xx`;
}
