// What the activator counts, for Prometheus.

import { STATUS_CODES } from 'node:http';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { WakeReport } from '../api/wire.ts';
import type { WakeTimeline } from './derive-phases.ts';
import type { Exchange } from './exchange.ts';

/** Seconds. A warm call takes about a millisecond, a cold start some tens. */
const requestBuckets = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const coldStartBuckets = [0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/**
 * How often the event loop's lag is measured; the default of 10 ms would cost an idle process a
 * third of a percent.
 */
const loopLagPrecisionMs = 100;
/** The only way to a pod that there is without a warm pool. */
const ordinaryPath = 'ordinary';

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
      help: 'Wakes from zero that ended. path: how the pod was come by; result: ok or failed.',
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
      help: 'Parts of a cold start. claim: until a pod has an address; start: until its process answers; load: its code.',
      labelNames: ['phase'],
      buckets: coldStartBuckets,
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
    if (functionName === '') return;
    this.#duration.observe({ namespace, function: functionName }, durationMs / 1000);
  }

  countWake(report: WakeReport, timeline: WakeTimeline | undefined): void {
    const path = ordinaryPath;
    this.#coldStarts.inc({ path, result: report.failure === undefined ? 'ok' : 'failed' });
    if (timeline === undefined) return;
    const { startedAtMs, addressAtMs, readyAtMs, loadMs } = timeline;
    this.#coldStart.observe({ path }, (readyAtMs - startedAtMs) / 1000);
    this.#phase.observe({ phase: 'claim' }, (addressAtMs - startedAtMs) / 1000);
    this.#phase.observe({ phase: 'start' }, Math.max(0, readyAtMs - addressAtMs - loadMs) / 1000);
    this.#phase.observe({ phase: 'load' }, loadMs / 1000);
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
