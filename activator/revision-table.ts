// The Revisions that have something going on: made at their first request or pod, forgotten when idle.

import type { Clock } from '../platform/process/clock.ts';
import { RequestQueue, WaitingBytes } from './request-queue.ts';
import { RevisionState, type RevisionLimits } from './revision-state.ts';
import type { Limits } from './settings.ts';

/** Until the Revision itself was seen. */
const unknownLimits = { timeoutMs: 60_000, target: 100 };

export class RevisionTable {
  readonly waitingBytes: WaitingBytes;
  readonly #limits: Limits;
  readonly #clock: Clock;
  readonly #states = new Map<string, RevisionState>();

  constructor(limits: Limits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
    this.waitingBytes = new WaitingBytes(limits.queueTotalBytesMax);
  }

  get(namespace: string, name: string): RevisionState | undefined {
    return this.#states.get(`${namespace}/${name}`);
  }

  /** `limits` is asked for only when the state is made. */
  getOrMake(namespace: string, name: string, limits: RevisionLimits | undefined): RevisionState {
    const key = `${namespace}/${name}`;
    const found = this.#states.get(key);
    if (found !== undefined) {
      if (limits !== undefined) found.limits = limits;
      return found;
    }
    const made = new RevisionState(
      { namespace, name },
      limits ?? { ...unknownLimits, podRequestsMax: this.#limits.podRequestsMax },
      this.makeQueue(),
      this.#clock,
    );
    this.#states.set(key, made);
    return made;
  }

  makeQueue<Grant>(): RequestQueue<Grant> {
    const { queueRequestsMax, queueBytesMax } = this.#limits;
    const limits = { requestsMax: queueRequestsMax, bytesMax: queueBytesMax };
    return new RequestQueue<Grant>(limits, this.waitingBytes, this.#clock);
  }

  values(): IterableIterator<RevisionState> {
    return this.#states.values();
  }

  /** Called for a state that was just found idle; the next request makes a new one. */
  forget(state: RevisionState): void {
    this.#states.delete(`${state.namespace}/${state.name}`);
  }

  get size(): number {
    return this.#states.size;
  }
}
