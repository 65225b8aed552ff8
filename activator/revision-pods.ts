// Follows the pods of each Revision and makes every one of them serve, whether or not anybody waits.

import type { LoadError } from '../api/wire.ts';
import { pause, type Clock } from '../platform/process/clock.ts';
import type { Log } from '../platform/process/log.ts';
import type { PodView } from './derive-pod-view.ts';
import { deriveClaimedView, type PoolPodView } from './derive-pool-pod-view.ts';
import { Endpoint } from './endpoint.ts';
import type { KnockPod } from './knock-pod.ts';
import type { PodEntry } from './pod-entry.ts';
import type { ClaimedHow } from './pool-claims.ts';
import type { RevisionState } from './revision-state.ts';

export interface PodEvents {
  /** `claimedAtMs`: only of a parked pod that was just claimed. */
  onReady(state: RevisionState, entry: PodEntry, end: ReadyEnd): void;
  onLoadFailed(state: RevisionState, error: LoadError): void;
  /** A pod left, or stopped serving. */
  onLost(state: RevisionState): void;
}

export interface ReadyEnd {
  readonly loadMs: number;
  readonly claimedAtMs?: number;
}

export interface ClaimedPod extends ClaimedHow {
  readonly view: PodView;
}

export interface RevisionPodsPorts {
  readonly knockPod: KnockPod;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * After an answer outside the contract, or a load that took too long: how long until the next
 * knock.
 */
const againMs = 500;
/**
 * A pod whose runtime refused the code is asked again after this even if nobody waits: the cause
 * may have passed.
 */
const failedAgainMs = 10_000;
/** A pod object that is gone means dead containers: what hasn't ended after this never will. */
const goneGraceMs = 2_000;
/**
 * A claimed pod that left the pool shows up under its Revision's labels before this, or it is asked whether it is there
 * at all: the watch of the pool ends the same way for both.
 */
const adoptionMsMax = 2_000;
const adoptionKnockMsMax = 1_000;

export class RevisionPods {
  readonly #ports: RevisionPodsPorts;
  readonly #events: PodEvents;
  /** By pod uid: those that are leaving and may still have requests in flight. */
  readonly #leaving = new Map<string, Endpoint>();
  /** By pod uid: those that serve a Revision whose labels they don't carry yet. */
  readonly #claimed = new Map<string, RevisionState>();

  constructor(ports: RevisionPodsPorts, events: PodEvents) {
    this.#ports = ports;
    this.#events = events;
  }

  /** The pod carries the Revision's labels. */
  apply(state: RevisionState, view: PodView): void {
    this.#claimed.delete(view.uid);
    this.#apply(state, view);
  }

  /** A parked pod has taken the code and serves from now on, whatever its labels say. */
  addClaimed(state: RevisionState, pod: ClaimedPod): void {
    const { view } = pod;
    let entry = state.pods.get(view.name);
    if (entry !== undefined && entry.view.uid !== view.uid) {
      this.#drop(state, entry);
      entry = undefined;
    }
    if (entry === undefined) {
      entry = this.#makeEntry(view);
      state.pods.set(view.name, entry);
      this.#claimed.set(view.uid, state);
      if (!pod.isInPool) this.#expectAdoption(state, entry);
    }
    // Another activator's claim of the same pod, or its adoption, may have been faster.
    entry.knocking?.abort();
    this.#serve(state, entry, { loadMs: pod.loadMs, claimedAtMs: pod.claimedAtMs });
  }

  /** The Revision was deleted; its Deployment's pods go with it, but these are not of it yet. */
  dropClaimed(state: RevisionState): void {
    for (const entry of [...state.pods.values()]) {
      if (this.#claimed.has(entry.view.uid)) this.#leave(state, entry);
    }
  }

  /** The pool's view of a pod; of those that were claimed here it is the only one until they are adopted. */
  applyParked(pod: PoolPodView): void {
    const state = this.#claimed.get(pod.uid);
    if (state !== undefined) this.#apply(state, deriveClaimedView(pod, state.name));
  }

  /** The pod carries the pool's label no more, or is gone. */
  removeParked(pod: PoolPodView): void {
    const state = this.#claimed.get(pod.uid);
    const entry = state?.pods.get(pod.name);
    if (state !== undefined && entry !== undefined) this.#expectAdoption(state, entry);
    else this.#endLeaving(pod.uid);
  }

  #expectAdoption(state: RevisionState, entry: PodEntry): void {
    this.#ports.clock.setTimeout(() => {
      if (this.#isUnadopted(state, entry)) void this.#askUnadopted(state, entry);
    }, adoptionMsMax);
  }

  async #askUnadopted(state: RevisionState, entry: PodEntry): Promise<void> {
    const signal = AbortSignal.timeout(adoptionKnockMsMax);
    const answer = await this.#ports.knockPod(entry.view, signal).catch(() => undefined);
    if (!this.#isUnadopted(state, entry)) return;
    if (answer?.kind === 'ready') return this.#expectAdoption(state, entry);
    this.#leave(state, entry);
    this.#endLeaving(entry.view.uid);
  }

  #isUnadopted(state: RevisionState, entry: PodEntry): boolean {
    return state.pods.get(entry.view.name) === entry && this.#claimed.has(entry.view.uid);
  }

  #apply(state: RevisionState, view: PodView): void {
    let entry = state.pods.get(view.name);
    const isNew = entry === undefined;
    if (entry !== undefined && entry.view.uid !== view.uid) {
      this.#drop(state, entry);
      entry = undefined;
    }
    if (view.isLeaving) {
      if (entry !== undefined) this.#leave(state, entry);
      return;
    }
    if (entry === undefined) {
      entry = this.#makeEntry(view);
      state.pods.set(view.name, entry);
    }
    const before = entry.view;
    entry.view = view;
    this.#follow(state, entry, { before, isNew });
  }

  /** The pod object is gone. */
  remove(state: RevisionState | undefined, view: PodView): void {
    const entry = state?.pods.get(view.name);
    if (state !== undefined && entry?.view.uid === view.uid) this.#leave(state, entry);
    this.#endLeaving(view.uid);
  }

  /** Nothing is left of the pod. */
  #endLeaving(uid: string): void {
    const endpoint = this.#leaving.get(uid);
    this.#leaving.delete(uid);
    if (endpoint === undefined || endpoint.inFlight === 0) return;
    this.#ports.clock.setTimeout(() => endpoint.destroy(), goneGraceMs);
  }

  /**
   * Nobody answered at this endpoint: it stops serving until a knock is answered again, in
   * milliseconds if it lives.
   */
  suspect(state: RevisionState, endpoint: Endpoint): void {
    const entry = state.pods.get(endpoint.podName);
    if (entry?.endpoint !== endpoint || !entry.isServing) return;
    this.#stopServing(state, entry);
    this.#startKnocking(state, entry);
    this.#events.onLost(state);
  }

  /** Asks those pods again whose runtime had refused the code; true if there are any. */
  retryFailed(state: RevisionState): boolean {
    let hasFailed = false;
    for (const entry of state.pods.values()) {
      if (!entry.hasFailed) continue;
      hasFailed = true;
      entry.hasFailed = false;
      this.#startKnocking(state, entry);
    }
    return hasFailed;
  }

  #makeEntry(view: PodView): PodEntry {
    return {
      view,
      scheduledAtMs: 0,
      addressAtMs: 0,
      endpoint: undefined,
      isServing: false,
      isLifted: false,
      knocking: undefined,
      hasFailed: false,
    };
  }

  #follow(
    state: RevisionState,
    entry: PodEntry,
    seen: { readonly before: PodView; readonly isNew: boolean },
  ): void {
    const { view } = entry;
    if (entry.scheduledAtMs === 0 && view.isScheduled) {
      entry.scheduledAtMs = this.#ports.clock.now();
    }
    if (view.http === undefined) return;
    if (entry.addressAtMs === 0) entry.addressAtMs = this.#ports.clock.now();
    if (isOtherProcess(seen.before, view)) {
      // A new process holds no code.
      this.#closeEndpoint(state, entry);
      this.#startKnocking(state, entry);
      this.#events.onLost(state);
    } else if (seen.isNew && view.isReady && !view.isAdopted) {
      // It passed its readiness probe before we saw it, so it was specialized before: nothing to
      // push after our restart.
      this.#serve(state, entry, { loadMs: 0 });
    } else if (seen.before.isReady && !view.isReady && entry.isServing) {
      // Busy, or a new process: a knock tells. It goes on serving meanwhile, it may be the only
      // pod.
      this.#startKnocking(state, entry);
    } else if (!entry.isServing && entry.knocking === undefined && !entry.hasFailed) {
      this.#startKnocking(state, entry);
    }
  }

  #startKnocking(state: RevisionState, entry: PodEntry): void {
    entry.knocking?.abort();
    const controller = new AbortController();
    entry.knocking = controller;
    void this.#knockUntilAnswered(state, entry, controller);
  }

  async #knockUntilAnswered(
    state: RevisionState,
    entry: PodEntry,
    controller: AbortController,
  ): Promise<void> {
    const { signal } = controller;
    while (!signal.aborted) {
      try {
        const answer = await this.#ports.knockPod(entry.view, signal);
        if (signal.aborted) return;
        if (answer.kind === 'ready') return this.#serve(state, entry, answer);
        if (answer.kind === 'failed') return this.#fail(state, entry, answer.error);
        this.#ports.log.warn(this.#fields(entry, { answer }), 'pod did not take the code');
      } catch (error) {
        if (signal.aborted) return;
        this.#ports.log.warn(this.#fields(entry, { error }), 'pod could not be asked');
      }
      await pause(this.#ports.clock, againMs, signal);
    }
  }

  #serve(state: RevisionState, entry: PodEntry, end: ReadyEnd): void {
    entry.knocking = undefined;
    entry.hasFailed = false;
    const { http, control } = entry.view;
    if (http === undefined || entry.isServing) return;
    const { name, uid } = entry.view;
    const pod = { name, uid, hasRuntime: control !== undefined };
    entry.endpoint ??= new Endpoint(pod, http, state.limits.podRequestsMax);
    entry.isServing = true;
    // First the news, so that those who are handed out know the wake they waited for.
    this.#events.onReady(state, entry, end);
    state.addEndpoint(entry.endpoint);
  }

  #fail(state: RevisionState, entry: PodEntry, error: LoadError): void {
    entry.knocking = undefined;
    entry.hasFailed = true;
    this.#stopServing(state, entry);
    this.#events.onLoadFailed(state, error);
    this.#ports.clock.setTimeout(() => {
      if (!entry.hasFailed || state.pods.get(entry.view.name) !== entry) return;
      entry.hasFailed = false;
      this.#startKnocking(state, entry);
    }, failedAgainMs);
  }

  #leave(state: RevisionState, entry: PodEntry): void {
    this.#drop(state, entry);
    this.#events.onLost(state);
  }

  #drop(state: RevisionState, entry: PodEntry): void {
    entry.knocking?.abort();
    entry.knocking = undefined;
    state.pods.delete(entry.view.name);
    this.#claimed.delete(entry.view.uid);
    const { endpoint } = entry;
    if (endpoint !== undefined && endpoint.inFlight > 0)
      this.#leaving.set(entry.view.uid, endpoint);
    this.#closeEndpoint(state, entry);
  }

  #closeEndpoint(state: RevisionState, entry: PodEntry): void {
    this.#stopServing(state, entry);
    entry.endpoint?.close();
    entry.endpoint = undefined;
  }

  #stopServing(state: RevisionState, entry: PodEntry): void {
    if (!entry.isServing || entry.endpoint === undefined) return;
    entry.isServing = false;
    state.removeEndpoint(entry.endpoint);
  }

  #fields(entry: PodEntry, more: Record<string, unknown>): Record<string, unknown> {
    const { namespace, name, revision } = entry.view;
    return { namespace, pod: name, revision, ...more };
  }
}

/** The container restarted, or its whole pod got another address. */
function isOtherProcess(before: PodView, now: PodView): boolean {
  if (before.restarts !== now.restarts) return true;
  if (before.http === undefined) return false;
  return before.http.host !== now.http?.host || before.http.port !== now.http.port;
}
