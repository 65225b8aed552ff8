// The parked pods of the warm pools that this activator knows of, and which of them it may still claim.

import type { PoolPodView } from './derive-pool-pod-view.ts';

interface Parked {
  view: PoolPodView;
  /** Was picked: whatever came of it, it may hold code now. */
  isUsed: boolean;
  /** Nobody answered there; it is looked at again when its object changes. */
  isAside: boolean;
}

export class PoolStock {
  /** By pool, then by the pod's uid. */
  readonly #pools = new Map<string, Map<string, Parked>>();
  readonly #random: () => number;

  /** `random`: at least 0 and below 1. */
  constructor(random: () => number) {
    this.#random = random;
  }

  apply(view: PoolPodView): void {
    const pool = this.#pools.get(poolKeyOf(view)) ?? new Map<string, Parked>();
    this.#pools.set(poolKeyOf(view), pool);
    const found = pool.get(view.uid);
    if (found === undefined) {
      pool.set(view.uid, { view, isUsed: false, isAside: false });
      return;
    }
    found.view = view;
    found.isAside = false;
  }

  /** It left the pool: adopted, or gone. */
  remove(view: PoolPodView): void {
    const pool = this.#pools.get(poolKeyOf(view));
    pool?.delete(view.uid);
    if (pool?.size === 0) this.#pools.delete(poolKeyOf(view));
  }

  /** As it was seen last; `undefined` once it has left the pool. */
  find(pod: PoolPodView): PoolPodView | undefined {
    return this.#pools.get(poolKeyOf(pod))?.get(pod.uid)?.view;
  }

  /**
   * Any of those that nobody here has tried, so that two activators rarely pick the same; never the same twice. One
   * that is seen to listen comes before one whose process has only just started.
   */
  pick(poolKey: string): PoolPodView | undefined {
    const left = this.#claimable(poolKey);
    const ready = left.filter((one) => one.view.isReady);
    const from = ready.length > 0 ? ready : left;
    const picked = from[Math.floor(this.#random() * from.length)];
    if (picked === undefined) return undefined;
    picked.isUsed = true;
    return picked.view;
  }

  /** Nothing was sent to it, so it is as it was. `isAside`: nobody answered, leave it alone until it changes. */
  putBack(view: PoolPodView, isAside: boolean): void {
    const parked = this.#pools.get(poolKeyOf(view))?.get(view.uid);
    if (parked === undefined) return;
    parked.isUsed = false;
    parked.isAside = isAside;
  }

  hasAny(poolKey: string): boolean {
    return this.countClaimable(poolKey) > 0;
  }

  countClaimable(poolKey: string): number {
    return this.#claimable(poolKey).length;
  }

  /** Pods that will be here in a moment: they were made before any that is asked for now. */
  countComing(poolKey: string): number {
    const pool = this.#pools.get(poolKey);
    if (pool === undefined) return 0;
    let count = 0;
    for (const { view } of pool.values()) if (view.isComing) count += 1;
    return count;
  }

  #claimable(poolKey: string): Parked[] {
    const pool = this.#pools.get(poolKey);
    return pool === undefined ? [] : [...pool.values()].filter(isClaimable);
  }
}

function isClaimable({ view, isUsed, isAside }: Parked): boolean {
  if (isUsed || isAside || view.isLeaving || !view.isRunning) return false;
  // Nobody knows what the process before held, and the controller deletes it.
  if (view.restarts > 0) return false;
  return view.http !== undefined && view.control !== undefined;
}

/** One pool per namespace and runtime. */
export function poolKeyOf(pool: { readonly namespace: string; readonly runtime: string }): string {
  return `${pool.namespace}/${pool.runtime}`;
}
