// A cold start: one wake per Revision, however many requests wait for it.

import { RouseError } from '../api/errors.ts';
import type { LoadError, WakeReport } from '../api/wire.ts';
import type { Clock } from '../platform/process/clock.ts';
import type { Log } from '../platform/process/log.ts';
import type { Cluster } from './cluster.ts';
import { deriveWakeObstacle } from './derive-wake-obstacle.ts';
import type { WakeTimeline } from './derive-phases.ts';
import type { KnockPod } from './knock-pod.ts';
import type { PodEntry } from './pod-entry.ts';
import { RevisionPods, type PodEvents } from './revision-pods.ts';
import type { RevisionState, Wake } from './revision-state.ts';

export interface ColdStartPorts {
  readonly cluster: Pick<Cluster, 'findScale' | 'raiseFromZero'>;
  readonly knockPod: KnockPod;
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

export class ColdStart implements PodEvents {
  readonly pods: RevisionPods;
  readonly #ports: ColdStartPorts;

  constructor(ports: ColdStartPorts) {
    this.#ports = ports;
    this.pods = new RevisionPods(ports, this);
  }

  /**
   * Whether anybody waits for a first pod; if so, sees to it that one is on its way. Cheap to call
   * at any change.
   */
  evaluate(state: RevisionState): void {
    if (!isNeeded(state)) return;
    if (state.wake === undefined) {
      state.wake = { startedAtMs: this.#ports.clock.now(), isReported: false };
      this.#ports.onWakeStart(state);
      this.pods.retryFailed(state);
    }
    this.#raise(state);
  }

  /**
   * Somebody left the queue: with nobody left the wake is nobody's any more, and the next request's
   * is a new one.
   */
  onWaiterGone(state: RevisionState): void {
    if (state.queue.length === 0 && state.endpoints.length === 0) state.wake = undefined;
  }

  /**
   * A request's wake budget has passed; the error says what stands in the way. Never remembered.
   */
  buildTimeout(state: RevisionState, budgetMs: number): RouseError {
    const obstacle = deriveWakeObstacle(
      [...state.pods.values()].map((entry) => entry.view),
      this.#ports.cluster.findScale(state.namespace, state.name)?.replicas,
    );
    const error = new RouseError(
      'wake_timeout',
      `revision "${state.namespace}/${state.name}" had no pod to serve within ${budgetMs} ms: ${obstacle}`,
      { retryAfterSeconds: 1 },
    );
    if (state.wake !== undefined) this.#reportFailure(state, state.wake, error);
    this.onWaiterGone(state);
    return error;
  }

  /** The Revision was deleted: nothing will ever serve those who wait. Sent again, they find what is there instead. */
  onRevisionGone(state: RevisionState): void {
    state.wake = undefined;
    const what = `revision "${state.namespace}/${state.name}" was deleted while the request waited for it`;
    state.queue.refuseAll(new RouseError('no_capacity', what, { retryAfterSeconds: 1 }));
  }

  onReady(state: RevisionState, entry: PodEntry, loadMs: number): void {
    const { wake } = state;
    state.wake = undefined;
    if (wake === undefined) return;
    const readyAtMs = this.#ports.clock.now();
    const { startedAtMs } = wake;
    const addressAtMs = Math.max(entry.addressAtMs, startedAtMs);
    state.lastWake = { startedAtMs, addressAtMs, readyAtMs, loadMs };
    const { namespace, name } = state;
    const durationMs = readyAtMs - startedAtMs;
    this.#ports.onWakeEnd({ namespace, revision: name, durationMs }, state.lastWake);
  }

  onLoadFailed(state: RevisionState, error: LoadError): void {
    // Another pod serves, so nobody has to fail: this one is asked again when it is needed.
    if (state.endpoints.length > 0) return;
    const failure = new RouseError('function_failed_to_load', `${error.type}: ${error.message}`);
    const { wake } = state;
    state.wake = undefined;
    if (wake !== undefined) this.#reportFailure(state, wake, failure);
    state.queue.refuseAll(failure);
  }

  onLost(state: RevisionState): void {
    this.evaluate(state);
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
    while (isNeeded(state)) {
      const before = cluster.findScale(namespace, name)?.resourceVersion;
      try {
        await cluster.raiseFromZero(namespace, name);
        state.raisedFrom = before;
        return;
      } catch (error) {
        log.warn({ error, namespace, revision: name }, 'could not scale from zero, trying again');
      }
      const waitMs = pauseMs;
      await new Promise<void>((resolve) => void clock.setTimeout(resolve, waitMs));
      pauseMs = Math.min(raiseAgainMaxMs, pauseMs * 2);
    }
  }
}

function isNeeded(state: RevisionState): boolean {
  return state.queue.length > 0 && state.endpoints.length === 0;
}
