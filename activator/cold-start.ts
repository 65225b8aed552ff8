// A cold start: one wake per Revision, however many requests wait for it.

import { RouseError } from '../api/errors.ts';
import type { LoadError, WakeReport } from '../api/wire.ts';
import type { Clock } from '../platform/process/clock.ts';
import type { Log } from '../platform/process/log.ts';
import type { Cluster } from './cluster.ts';
import { deriveRefusal } from '../platform/kube/derive-refusal.ts';
import { isKubeError } from '../platform/kube/kube-error.ts';
import { deriveWakeObstacle, type WakeObstacle } from './derive-wake-obstacle.ts';
import type { WakeTimeline } from './derive-phases.ts';
import { deriveClaimedView, type PoolPodView } from './derive-pool-pod-view.ts';
import { GateLifter } from './gate-lifter.ts';
import type { KnockPod } from './knock-pod.ts';
import { pickGateToLift } from './plan-claim.ts';
import type { PodEntry } from './pod-entry.ts';
import { PoolClaims, type ClaimedHow, type PoolEvents, type PoolPorts } from './pool-claims.ts';
import { RevisionPods, type PodEvents, type ReadyEnd } from './revision-pods.ts';
import type { RevisionState, Wake } from './revision-state.ts';

export interface ColdStartPorts {
  readonly cluster: Pick<Cluster, 'findScale' | 'raiseFromZero' | 'liftGate'>;
  readonly knockPod: KnockPod;
  /** Left out: no parked pod is ever asked. */
  readonly pool?: PoolPorts | undefined;
  /** Starts to read the code; the pod that needs it will ask again. */
  readonly prefetch: (namespace: string, revision: string) => void;
  readonly onWakeStart: (state: RevisionState) => void;
  /** `timeline` only of a wake that worked. */
  readonly onWakeEnd: (report: WakeReport, timeline: WakeTimeline | undefined) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** Between two tries to scale up: the API server is away, or the Deployment isn't made yet. */
const raiseAgainFirstMs = 50;
const raiseAgainMaxMs = 1_000;
/**
 * A right to scale that is missing for this long is missing: an API server that has just started refuses everybody for
 * a moment, until it has read its roles.
 */
const refusedMsMin = 1_000;
/** Somebody has to do something first, or a node to come. */
const refusedRetryAfterSeconds = 5;

export class ColdStart implements PodEvents, PoolEvents {
  readonly pods: RevisionPods;
  readonly claims: PoolClaims | undefined;
  readonly #ports: ColdStartPorts;
  readonly #gates: GateLifter;

  constructor(ports: ColdStartPorts) {
    this.#ports = ports;
    this.pods = new RevisionPods(ports, this);
    this.#gates = new GateLifter(ports);
    const { pool, clock, log } = ports;
    this.claims = pool && new PoolClaims({ ...pool, clock, log }, this);
  }

  /**
   * Whether anybody waits for a first pod; if so, sees to it that one is on its way. Cheap to call
   * at any change.
   */
  evaluate(state: RevisionState): void {
    if (!state.needsPod) return;
    const wake = state.wake ?? this.#begin(state);
    if (!wake.isOrdinary && this.claims?.take(state) === true) return;
    this.#takeOrdinaryWay(state, wake);
  }

  /**
   * Somebody left the queue: with nobody left the wake is nobody's any more, and the next request's
   * is a new one.
   */
  onWaiterGone(state: RevisionState): void {
    if (state.queue.length === 0 && state.endpoints.length === 0) this.#endWake(state);
  }

  /**
   * A request's wake budget has passed; the error says what stands in the way. Never remembered.
   */
  buildTimeout(state: RevisionState, budgetMs: number): RouseError {
    const { code, message } = this.#findObstacle(state);
    const error = new RouseError(
      code,
      `revision "${state.namespace}/${state.name}" had no pod to serve within ${budgetMs} ms: ${message}`,
      { retryAfterSeconds: code === 'no_capacity' ? refusedRetryAfterSeconds : 1 },
    );
    if (state.wake !== undefined) this.#reportFailure(state, state.wake, error);
    this.onWaiterGone(state);
    return error;
  }

  /** The Revision was deleted: nothing will ever serve those who wait. Sent again, they find what is there instead. */
  onRevisionGone(state: RevisionState): void {
    this.#endWake(state);
    this.claims?.onRevisionGone(state);
    this.pods.dropClaimed(state);
    const what = `revision "${state.namespace}/${state.name}" was deleted while the request waited for it`;
    state.queue.refuseAll(new RouseError('no_capacity', what, { retryAfterSeconds: 1 }));
  }

  #findObstacle(state: RevisionState): WakeObstacle {
    const views = [...state.pods.values()].map((entry) => entry.view);
    const scale = this.#ports.cluster.findScale(state.namespace, state.name);
    return deriveWakeObstacle(views, scale, state.raiseProblem, state.claim?.pod?.name);
  }

  /**
   * An image that can't be pulled comes no sooner for waiting: the kubelet itself waits minutes between its tries. Room
   * on a node may come any moment, so that is waited for.
   */
  #refuseStuck(state: RevisionState): boolean {
    const pods = [...state.pods.values()];
    // A parked pod that loads the code may be faster than any other.
    if (state.claim?.pod !== undefined) return false;
    if (pods.length === 0 || pods.some(({ view }) => view.stuck !== 'image')) return false;
    this.#refuse(state, this.#findObstacle(state).message);
    return true;
  }

  /** All who wait now; the next request has another look. */
  #refuse(state: RevisionState, why: string): void {
    const what = `revision "${state.namespace}/${state.name}" can't get a pod: ${why}`;
    const error = new RouseError('no_capacity', what, {
      retryAfterSeconds: refusedRetryAfterSeconds,
    });
    const wake = this.#endWake(state);
    if (wake !== undefined) this.#reportFailure(state, wake, error);
    state.queue.refuseAll(error);
  }

  onReady(state: RevisionState, entry: PodEntry, { loadMs, claimedAtMs }: ReadyEnd): void {
    const wake = this.#endWake(state);
    if (wake === undefined) return;
    const readyAtMs = this.#ports.clock.now();
    const { startedAtMs } = wake;
    const { scheduledAtMs, addressAtMs } = entry;
    const ends = { startedAtMs, readyAtMs, loadMs };
    state.lastWake =
      claimedAtMs === undefined
        ? { path: 'ordinary', ...ends, scheduledAtMs, addressAtMs }
        : { path: 'pool', ...ends, claimedAtMs };
    const { namespace, name } = state;
    const durationMs = readyAtMs - startedAtMs;
    this.#ports.onWakeEnd({ namespace, revision: name, durationMs }, state.lastWake);
  }

  onLoadFailed(state: RevisionState, error: LoadError): void {
    // Another pod serves, so nobody has to fail: this one is asked again when it is needed.
    if (state.endpoints.length > 0) return;
    const failure = new RouseError('function_failed_to_load', `${error.type}: ${error.message}`);
    const wake = this.#endWake(state);
    if (wake !== undefined) this.#reportFailure(state, wake, failure);
    state.queue.refuseAll(failure);
  }

  onLost(state: RevisionState): void {
    this.evaluate(state);
  }

  onClaimed(state: RevisionState, pod: PoolPodView, how: ClaimedHow): void {
    this.pods.addClaimed(state, { view: deriveClaimedView(pod, state.name), ...how });
  }

  onNoParkedPod(state: RevisionState): void {
    if (state.needsPod) this.#takeOrdinaryWay(state, state.wake ?? this.#begin(state));
  }

  #begin(state: RevisionState): Wake {
    // Code that a pod of its own has refused is no better in a parked one.
    const isOrdinary = this.pods.retryFailed(state);
    const wake = { startedAtMs: this.#ports.clock.now(), isReported: false, isOrdinary };
    state.wake = wake;
    this.#ports.onWakeStart(state);
    return wake;
  }

  #endWake(state: RevisionState): Wake | undefined {
    const { wake } = state;
    state.wake = undefined;
    this.claims?.leave(state);
    return wake;
  }

  /** Looked at again at each change, since a pod that the Deployment makes may be gated. */
  #takeOrdinaryWay(state: RevisionState, wake: Wake): void {
    if (!wake.isOrdinary) {
      wake.isOrdinary = true;
      if (state.limits.poolRuntime !== undefined) this.#ports.pool?.countClaim('miss');
    }
    if (this.#refuseStuck(state)) return;
    this.#liftGate(state);
    this.#raise(state);
  }

  /** Pods that were claimed here are among the Revision's, so a claim counts until its pod is gone. */
  #liftGate(state: RevisionState): void {
    const views = [...state.pods.values()].map(({ view, isLifted }) =>
      isLifted ? { ...view, gateIndex: undefined } : view,
    );
    const picked = pickGateToLift(views, state.claim?.pod !== undefined);
    const entry = picked && state.pods.get(picked.name);
    if (entry !== undefined) this.#gates.lift(entry);
  }

  #reportFailure(state: RevisionState, wake: Wake, error: RouseError): void {
    if (wake.isReported) return;
    wake.isReported = true;
    const report: WakeReport = {
      namespace: state.namespace,
      revision: state.name,
      durationMs: this.#ports.clock.now() - wake.startedAtMs,
      failure: { code: error.code, message: error.message },
    };
    this.#ports.onWakeEnd(report, undefined);
  }

  #raise(state: RevisionState): void {
    if (state.isRaising) return;
    const { cluster, prefetch } = this.#ports;
    const scale = cluster.findScale(state.namespace, state.name);
    if (scale !== undefined && scale.replicas > 0) return;
    // The cache still shows the zero we raised it from.
    if (scale !== undefined && scale.resourceVersion === state.raisedFrom) return;
    state.isRaising = true;
    // In parallel, so that the code is here before the pod can take it.
    prefetch(state.namespace, state.name);
    void this.#raiseUntilDone(state).finally(() => {
      state.isRaising = false;
    });
  }

  async #raiseUntilDone(state: RevisionState): Promise<void> {
    const { cluster, clock, log } = this.#ports;
    const { namespace, name } = state;
    let pauseMs = raiseAgainFirstMs;
    let refusedSinceMs: number | undefined;
    while (state.needsPod) {
      const before = cluster.findScale(namespace, name)?.resourceVersion;
      state.raiseProblem ??= 'the Kubernetes API has not answered';
      try {
        await cluster.raiseFromZero(namespace, name);
        state.raisedFrom = before;
        state.raiseProblem = undefined;
        return;
      } catch (error) {
        const refusal = isKubeError(error) ? deriveRefusal(error) : undefined;
        state.raiseProblem = refusal?.message ?? (error as Error).message;
        refusedSinceMs = refusal && (refusedSinceMs ?? clock.now());
        if (refusedSinceMs !== undefined && clock.now() - refusedSinceMs >= refusedMsMin) {
          log.warn({ error, namespace, revision: name }, 'may not scale from zero');
          this.#refuse(state, state.raiseProblem);
          return;
        }
        log.warn({ error, namespace, revision: name }, 'could not scale from zero, trying again');
      }
      const waitMs = pauseMs;
      await new Promise<void>((resolve) => void clock.setTimeout(resolve, waitMs));
      pauseMs = Math.min(raiseAgainMaxMs, pauseMs * 2);
    }
  }
}
