// Lets parked pods start a few at a time: pods that start all at once are all ready only when the last one is.

import { findGate } from '../../api/build-gate-patch.ts';
import type { Pod } from '../../api/kubernetes.ts';
import { refillGate } from '../../api/names.ts';
import { indexes } from '../caches.ts';
import { deriveStarts } from '../derive-starts.ts';
import type { LookResult } from './conflict-pace.ts';
import { liftGate } from './lift-gate.ts';
import type { PoolPorts } from './pool-ports.ts';

/**
 * Of all that start on a node: enough to keep two cores busy. On kind 50 pods at once were ready after 7.0 s (the
 * first) to 13.2 s (the last), eight at a time after 1.2 s to 12.0 s.
 */
export const startsPerNodeMax = 5;
/** Nothing tells that a pod takes longer than a start takes. */
const lookAgainMs = 1_000;
/** Until the cache shows a lifted gate, in milliseconds. */
const liftedMsMax = 5_000;

export class RefillPacer {
  readonly #ports: Pick<PoolPorts, 'caches' | 'client' | 'clock'>;
  /** By uid, until when pods whose gate was lifted count although the cache shows it still. */
  readonly #lifted = new Map<string, number>();

  constructor(ports: Pick<PoolPorts, 'caches' | 'client' | 'clock'>) {
    this.#ports = ports;
  }

  /** How many parked pods that are made now may start at once, beside `unseen` that the cache does not show yet. */
  room(unseen: number): number {
    const { caches, clock } = this.#ports;
    const { nodes, starting, waiting } = deriveStarts(caches.pods.list(), clock.now());
    return Math.max(0, nodes * startsPerNodeMax - starting - waiting.length - unseen);
  }

  async look(): Promise<LookResult> {
    const { caches, clock } = this.#ports;
    const parked = caches.pods.byIndex(indexes.parked, indexes.parked);
    if (!parked.some((pod) => findGate(pod.spec, refillGate) >= 0)) {
      this.#lifted.clear();
      return null;
    }
    const { nodes, starting, waiting } = deriveStarts(caches.pods.list(), clock.now());
    const held = this.#forgetSeen(waiting);
    const room = nodes * startsPerNodeMax - starting - (waiting.length - held.length);
    const chosen = held.slice(0, Math.max(0, room));
    const results = await Promise.all(chosen.map((pod) => this.#lift(pod)));
    if (!results.every(Boolean)) return 'conflict';
    return chosen.length === waiting.length ? null : lookAgainMs;
  }

  /** Those whose gate nobody has lifted yet. */
  #forgetSeen(waiting: readonly Pod[]): Pod[] {
    const nowMs = this.#ports.clock.monotonicNow();
    const uids = new Set(waiting.map((pod) => pod.metadata.uid ?? ''));
    for (const [uid, untilMs] of this.#lifted) {
      if (!uids.has(uid) || untilMs <= nowMs) this.#lifted.delete(uid);
    }
    return waiting.filter((pod) => !this.#lifted.has(pod.metadata.uid ?? ''));
  }

  async #lift(pod: Pod): Promise<boolean> {
    const { client, clock } = this.#ports;
    const { uid = '' } = pod.metadata;
    this.#lifted.set(uid, clock.monotonicNow() + liftedMsMax);
    let isLifted = false;
    try {
      isLifted = await liftGate(pod, refillGate, client);
    } finally {
      if (!isLifted) this.#lifted.delete(uid);
    }
    return isLifted;
  }
}
