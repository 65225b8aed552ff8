// How many idle Revisions may fall asleep while the nodes have more pods to start than they get done.

import type { Starts } from '../derive-starts.ts';

/**
 * How much longer than its idle time a Revision stays awake then at most, in milliseconds: taking a pod apart costs a
 * node nearly as much as starting one, and Kubernetes' controllers as many requests, and somebody waits for those.
 */
export const crowdedIdleMs = 60_000;
/** Pods that a node has to start; one or two are on their way wherever Functions come and go. */
const crowdedPerNode = 2;
/** Per node, from one `tick` to the next, where a pod finds no room: a node holds only so many. */
export const fullSleeps = 4;

export class SleepPace {
  #left = Infinity;

  /** Every two seconds. */
  tick({ nodes, starting, waiting, isFull }: Starts): void {
    const isCrowded = starting + waiting.length > crowdedPerNode * nodes;
    if (!isCrowded) this.#left = Infinity;
    else this.#left = isFull ? nodes * fullSleeps : 0;
  }

  /** `overdueMs`: since its idle time was over. */
  maySleep(overdueMs: number): boolean {
    if (overdueMs >= crowdedIdleMs) return true;
    if (this.#left <= 0) return false;
    this.#left -= 1;
    return true;
  }
}
