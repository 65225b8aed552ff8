// The controller's metrics, all named rouse_controller_*.

import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { createApiProblemsGauge } from '../platform/kube/api-problems-gauge.ts';
import type { ApiProblem } from '../platform/kube/derive-api-problem.ts';
import type { ScaleMessage } from './autoscaler/build-scale-message.ts';
import type { Verdict } from './function/derive-verdict.ts';

export interface MetricSources {
  readonly isLeader: () => boolean;
  readonly reconcilesWaiting: () => number;
  readonly proofsWaiting: () => number;
  readonly functions: () => number;
  readonly apiProblems: () => readonly ApiProblem[];
}

const prefix = 'rouse_controller_';

export class ControllerMetrics {
  readonly registry = new Registry();
  readonly #reconciles: Histogram<'result'>;
  readonly #proofs: Histogram<'result'>;
  readonly #reports: Counter<'result'>;
  readonly #scalings: Counter<'reason'>;

  constructor() {
    const registers = [this.registry];
    this.#reconciles = new Histogram({
      name: `${prefix}reconcile_seconds`,
      help: 'Time to reconcile one Function.',
      labelNames: ['result'],
      buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
      registers,
    });
    this.#proofs = new Histogram({
      name: `${prefix}proof_seconds`,
      help: 'Time from asking for a proof pod to its verdict.',
      labelNames: ['result'],
      buckets: [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30],
      registers,
    });
    this.#reports = new Counter({
      name: `${prefix}sample_reports_total`,
      help: 'Reports received from activators.',
      labelNames: ['result'],
      registers,
    });
    this.#scalings = new Counter({
      name: `${prefix}scale_decisions_total`,
      help: 'Changes of replicas that were written.',
      labelNames: ['reason'],
      registers,
    });
    collectDefaultMetrics({ register: this.registry });
  }

  /** Gauges that are read when somebody asks. */
  follow(sources: MetricSources): void {
    this.#gauge('leader', 'Whether this replica leads.', () => Number(sources.isLeader()));
    this.#gauge('functions', 'Functions known.', sources.functions);
    this.#gauge('reconciles_waiting', 'Functions to look at.', sources.reconcilesWaiting);
    this.#gauge('proofs_waiting', 'Revisions to prove.', sources.proofsWaiting);
    createApiProblemsGauge(prefix, this.registry, sources.apiProblems);
  }

  reconciled(durationMs: number, isOk: boolean): void {
    this.#reconciles.observe({ result: isOk ? 'ok' : 'error' }, durationMs / 1000);
  }

  proved(verdict: Verdict, durationMs: number): void {
    const result = { True: 'ready', False: 'failed', Unknown: 'unknown' }[verdict.status];
    this.#proofs.observe({ result }, durationMs / 1000);
  }

  reported(result: 'ok' | 'refused'): void {
    this.#reports.inc({ result });
  }

  scaled(reason: ScaleMessage['reason']): void {
    this.#scalings.inc({ reason });
  }

  #gauge(name: string, help: string, read: () => number): void {
    // prom-client calls it with the gauge as `this`.
    function collect(this: Gauge): void {
      this.set(read());
    }
    const gauge = new Gauge({ name: prefix + name, help, registers: [this.registry], collect });
    gauge.set(0);
  }
}
