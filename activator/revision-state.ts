// What the activator knows of one Revision: its serving pods with their load, its queue, and how slots are handed out.

import type { Clock, Timer } from '../platform/process/clock.ts';
import type { PoolPodView } from './derive-pool-pod-view.ts';
import { ConcurrencyMeter } from './concurrency-meter.ts';
import type { WakeTimeline } from './derive-phases.ts';
import type { Endpoint } from './endpoint.ts';
import { pickEndpoint } from './pick-endpoint.ts';
import type { RequestQueue } from './request-queue.ts';
import type { PodEntry } from './pod-entry.ts';

/** What the Revision's spec says about its requests. */
export interface RevisionLimits {
  readonly timeoutMs: number;
  /** In flight per pod, never exceeded; at least 1. */
  readonly podRequestsMax: number;
  /** In flight per pod that the autoscaler aims at. */
  readonly target: number;
  /** The runtime whose parked pods may serve it; `undefined`: none may. */
  readonly poolRuntime?: string | undefined;
}

/** A wake that is going on. */
export interface Wake {
  readonly startedAtMs: number;
  isReported: boolean;
  /** It is on the ordinary way: its Deployment is scaled up. A parked pod may still come first. */
  isOrdinary: boolean;
}

/** A Revision's place in line for a parked pod, or its claim on one. */
export interface PoolClaim {
  /** Set while the pod is asked; from then on the claim can't be taken back. */
  pod: PoolPodView | undefined;
  startedAtMs: number;
  tries: number;
  losses: number;
  /** The Revision was deleted meanwhile: one of the same name may have other code. */
  isObsolete: boolean;
}

/**
 * For this long after a wake those who wait are handed out up to `target` per pod only, so that the
 * first pod doesn't get them all while more are on their way; after that any pod below its limit
 * will do, since no other seems to come.
 */
export const spreadMs = 1_000;

export class RevisionState {
  readonly namespace: string;
  readonly name: string;
  readonly queue: RequestQueue<Endpoint>;
  readonly meter: ConcurrencyMeter;
  /** Pods that serve. */
  readonly endpoints: Endpoint[] = [];
  /** All pods by name, serving or not. */
  readonly pods = new Map<string, PodEntry>();
  limits: RevisionLimits;
  wake: Wake | undefined;
  lastWake: WakeTimeline | undefined;
  claim: PoolClaim | undefined;
  /** When parked pods were last asked for it, oldest first; a few. */
  readonly claimedAtMs: number[] = [];
  /** Until then it takes no parked pod. */
  restsUntilMs = 0;
  /** A request to scale up is on its way. */
  isRaising = false;
  /**
   * The Deployment's resourceVersion from which it was scaled up: as long as the cache shows it, it
   * is stale.
   */
  raisedFrom: string | undefined;
  /** Why the last try to scale it up failed; `undefined` after one that worked. */
  raiseProblem: string | undefined;
  /** Had something to report in the last report; the next one then says that it is over. */
  wasReported = false;

  readonly #clock: Clock;
  #turn = 0;
  #isHandingOut = false;
  #spreadTimer: Timer | undefined;

  constructor(
    name: { readonly namespace: string; readonly name: string },
    limits: RevisionLimits,
    queue: RequestQueue<Endpoint>,
    clock: Clock,
  ) {
    this.namespace = name.namespace;
    this.name = name.name;
    this.limits = limits;
    this.queue = queue;
    this.meter = new ConcurrencyMeter(clock.now());
    this.#clock = clock;
  }

  /** A slot for a request that has just come, unless others wait for one. */
  takeSlot(): Endpoint | undefined {
    if (this.queue.length > 0) return undefined;
    return this.#take(this.limits.podRequestsMax);
  }

  releaseSlot(endpoint: Endpoint): void {
    endpoint.inFlight -= 1;
    if (this.queue.length > 0) this.handOut();
  }

  addEndpoint(endpoint: Endpoint): void {
    this.endpoints.push(endpoint);
    this.handOut();
  }

  /** Takes the pod out of service; its requests in flight go on. */
  removeEndpoint(endpoint: Endpoint): void {
    const index = this.endpoints.indexOf(endpoint);
    if (index >= 0) this.endpoints.splice(index, 1);
  }

  /** Gives free slots to those who wait, oldest first. */
  handOut(): void {
    // Granting can end a request at once and come back here; the outer loop then goes on.
    if (this.#isHandingOut) return;
    this.#isHandingOut = true;
    try {
      for (let first = this.queue.first; first !== undefined; first = this.queue.first) {
        const endpoint = this.#take(this.#slotsForWaiters());
        if (endpoint === undefined) break;
        this.queue.remove(first);
        first.onGrant(endpoint);
      }
    } finally {
      this.#isHandingOut = false;
    }
    this.#awaitSpread();
  }

  /** Somebody waits, and nothing serves. */
  get needsPod(): boolean {
    return this.queue.length > 0 && this.endpoints.length === 0;
  }

  /** Nothing is left that would be lost with this object. */
  get isIdle(): boolean {
    return (
      this.pods.size === 0 &&
      this.queue.length === 0 &&
      this.meter.current === 0 &&
      this.meter.arrived === 0 &&
      !this.isRaising &&
      this.claim === undefined &&
      this.restsUntilMs <= this.#clock.now()
    );
  }

  #take(inFlightMax: number): Endpoint | undefined {
    const index = pickEndpoint(this.endpoints, inFlightMax, this.#turn);
    if (index < 0) return undefined;
    this.#turn = (index + 1) % this.endpoints.length;
    const endpoint = this.endpoints[index];
    if (endpoint !== undefined) endpoint.inFlight += 1;
    return endpoint;
  }

  #slotsForWaiters(): number {
    const { podRequestsMax, target } = this.limits;
    return this.#spreadLeftMs() > 0 ? Math.min(podRequestsMax, target) : podRequestsMax;
  }

  #spreadLeftMs(): number {
    if (this.lastWake === undefined) return 0;
    return this.lastWake.readyAtMs + spreadMs - this.#clock.now();
  }

  /**
   * Looks again when the time of spreading is over. One timer per Revision, only while somebody
   * waits.
   */
  #awaitSpread(): void {
    if (this.queue.length === 0 || this.#spreadTimer !== undefined) return;
    const leftMs = this.#spreadLeftMs();
    if (leftMs <= 0) return;
    this.#spreadTimer = this.#clock.setTimeout(() => {
      this.#spreadTimer = undefined;
      this.handOut();
    }, leftMs);
  }
}
