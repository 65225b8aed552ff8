// The data path put together, over ports: tests give it a cluster in memory, main.ts the real one.

import type { Server } from 'node:http';
import type { ClaimReport } from '../api/wire.ts';
import { systemClock, type Clock } from '../platform/process/clock.ts';
import type { Log } from '../platform/process/log.ts';
import { createChain } from './chain.ts';
import type { Cluster } from './cluster.ts';
import { ColdStart } from './cold-start.ts';
import { ClaimLedger } from './claim-ledger.ts';
import type { PodView } from './derive-pod-view.ts';
import type { PoolPodView } from './derive-pool-pod-view.ts';
import type { Exchange } from './exchange.ts';
import { FunctionHolds } from './function-holds.ts';
import { createGatewayServer } from './gateway-server.ts';
import type { KnockPod } from './knock-pod.ts';
import type { PoolPorts } from './pool-claims.ts';
import { poolKeyOf, PoolStock } from './pool-stock.ts';
import { Metrics } from './metrics.ts';
import { SampleReporter } from './report-samples.ts';
import { RevisionTable } from './revision-table.ts';
import type { Limits } from './settings.ts';
import type { Tracing } from './tracing.ts';

export interface ActivatorPorts {
  readonly cluster: Cluster;
  readonly knockPod: KnockPod;
  /** Left out: there is no warm pool. */
  readonly pool?: Pick<PoolPorts, 'claimPod' | 'findCode' | 'readCode'> | undefined;
  readonly prefetch: (namespace: string, revision: string) => void;
  readonly identity: string;
  readonly findControllers: () => readonly string[];
  readonly readToken: () => string | undefined;
  readonly domain: string;
  readonly limits: Limits;
  readonly log: Log;
  /** Left out: no request is traced. */
  readonly tracing?: Tracing | undefined;
  /** At least 0 and below 1. */
  readonly random?: () => number;
}

/** Durations need more than whole milliseconds, and must not jump with the wall clock. */
export const monotonicClock: Clock = {
  now: () => performance.now(),
  monotonicNow: () => performance.now(),
  setTimeout: (callback, delayMs) => systemClock.setTimeout(callback, delayMs),
};

export class Activator {
  readonly server: Server;
  readonly metrics: Metrics;
  readonly reporter: SampleReporter;
  readonly revisions: RevisionTable;
  isDraining = false;

  readonly #coldStart: ColdStart;
  readonly #stock: PoolStock;
  readonly #ledger = new ClaimLedger();
  readonly #holds: FunctionHolds;
  /** Requests and upgrades that have not ended. */
  #open = 0;
  #onEmpty: (() => void) | undefined;

  constructor(ports: ActivatorPorts, clock: Clock = monotonicClock) {
    const { limits, cluster, log, tracing } = ports;
    this.revisions = new RevisionTable(limits, clock);
    const { revisions } = this;
    this.#holds = new FunctionHolds(() => revisions.makeQueue());
    this.metrics = new Metrics({
      queueDepth: () => this.#holds.length + sumOf(revisions, (state) => state.queue.length),
      inFlight: () => sumOf(revisions, (state) => state.meter.current - state.queue.length),
    });
    const listClaims = () => this.listClaims();
    this.reporter = new SampleReporter({ ...ports, revisions, listClaims, clock });
    const random = ports.random ?? Math.random;
    this.#stock = new PoolStock(random);
    this.#coldStart = new ColdStart({
      cluster,
      knockPod: ports.knockPod,
      pool: ports.pool && {
        ...ports.pool,
        stock: this.#stock,
        ledger: this.#ledger,
        countClaim: (result) => this.metrics.countClaim(result),
        onClaim: () => this.reporter.poke(),
      },
      prefetch: ports.prefetch,
      onWakeStart: () => this.reporter.poke(),
      onWakeEnd: (report, timeline) => {
        this.metrics.countWake(report, timeline);
        this.reporter.addWake(report);
      },
      clock,
      log,
    });
    const coldStart = this.#coldStart;
    const handle = createChain({
      cluster,
      revisions,
      holds: this.#holds,
      coldStart,
      clock,
      domain: ports.domain,
      random,
      wakeTimeoutMs: limits.wakeTimeoutMs,
      bodyBytesMax: limits.bodyBytesMax,
      onFirstRequest: (state) => {
        // Busy Functions go from one to none and back all the time; only the first in a while is
        // news.
        if (!state.wasReported) this.reporter.poke();
      },
      suspect: (state, endpoint) => coldStart.pods.suspect(state, endpoint),
      isDraining: () => this.isDraining,
      countRequest: (exchange, durationMs) => this.#end(exchange, durationMs),
    });
    this.server = createGatewayServer({
      limits,
      clock,
      handle: (exchange) => {
        this.#open += 1;
        if (tracing !== undefined) exchange.trace = tracing.begin(exchange);
        handle(exchange);
      },
    });
  }

  applyPod(view: PodView): void {
    // Under its Revision's labels: the controller has adopted it.
    this.#ledger.settle(view.uid);
    if (view.isLeaving && this.revisions.get(view.namespace, view.revision) === undefined) return;
    const state = this.revisions.getOrMake(view.namespace, view.revision, undefined);
    this.#coldStart.pods.apply(state, view);
    // What Kubernetes says of a pod on its way may be the answer for those who wait.
    this.#coldStart.evaluate(state);
  }

  removePod(view: PodView): void {
    this.#coldStart.pods.remove(this.revisions.get(view.namespace, view.revision), view);
  }

  /** Parked pods that were sent code, until it shows that a controller has seen to them. */
  listClaims(): ClaimReport[] {
    return this.#ledger.list();
  }

  applyParked(view: PoolPodView): void {
    this.#stock.apply(view);
    // It dies with what it holds, and its object says so itself.
    if (view.isLeaving) this.#ledger.settle(view.uid);
    this.#coldStart.pods.applyParked(view);
    this.#coldStart.claims?.onPoolChange(poolKeyOf(view));
  }

  /** It left the pool: adopted, or gone. */
  removeParked(view: PoolPodView): void {
    this.#stock.remove(view);
    this.#ledger.settle(view.uid);
    this.#coldStart.pods.removeParked(view);
  }

  /** The Deployment's scale changed: seen at zero while requests wait, it is raised again. */
  onScaleChange(namespace: string, revision: string): void {
    const state = this.revisions.get(namespace, revision);
    if (state !== undefined) this.#coldStart.evaluate(state);
  }

  onRevisionGone(namespace: string, revision: string): void {
    const state = this.revisions.get(namespace, revision);
    if (state !== undefined) this.#coldStart.onRevisionGone(state);
  }

  /** The Function, or one of its Revisions, changed: requests held for it have another look. */
  onFunctionChange(namespace: string, name: string): void {
    this.#holds.release(`${namespace}/${name}`);
  }

  onFunctionGone(namespace: string, name: string): void {
    this.onFunctionChange(namespace, name);
    void this.metrics.forgetFunction(namespace, name);
  }

  /** From now on every answer ends its connection, so that few are left to break when it drains. */
  leave(): void {
    this.isDraining = true;
  }

  /**
   * Accepts nothing new; resolves when all that was there has ended, or after `timeoutMs` by ending
   * it.
   */
  async drain(timeoutMs: number): Promise<void> {
    this.leave();
    this.server.close();
    this.server.closeIdleConnections();
    if (this.#open > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.#onEmpty = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    // Answers that have just ended are still being written out.
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.server.closeIdleConnections();
    if (this.#open > 0) this.server.closeAllConnections();
  }

  #end(exchange: Exchange, durationMs: number): void {
    this.#open -= 1;
    this.metrics.countRequest(exchange, durationMs);
    exchange.trace?.end(exchange.arrivedAtMs + durationMs);
    if (this.#open === 0) this.#onEmpty?.();
  }
}

function sumOf(
  revisions: RevisionTable,
  read: (state: { queue: { length: number }; meter: { current: number } }) => number,
): number {
  let sum = 0;
  for (const state of revisions.values()) sum += read(state);
  return sum;
}
