// How many adoptions are under way at once: each is a dozen requests of Kubernetes' own controllers, which take turns.

/**
 * kube-controller-manager sends 20 requests a second by default. Adoptions of many claims at once would fill its line
 * for seconds, and a caller whose Function needs a pod of its own would stand behind them. Faster ones get more done.
 */
export const adoptionsUnderWayMax = 4;
/** One that takes longer waits for something else, and no longer counts. Milliseconds. */
export const underWayMsMax = 5_000;

export class AdoptionWindow {
  /** By uid of the pod, since when. */
  readonly #underWay = new Map<string, number>();
  /** The oldest first. */
  readonly #waiting = new Set<string>();

  /** Whether it may go on, or begin: those that asked first come first. */
  mayAdopt(uid: string, nowMs: number): boolean {
    if (this.#underWay.has(uid)) return true;
    this.#waiting.add(uid);
    let room = adoptionsUnderWayMax - this.#count(nowMs);
    for (const one of this.#waiting) {
      if (room <= 0) return false;
      if (one === uid) break;
      room -= 1;
    }
    this.#waiting.delete(uid);
    this.#underWay.set(uid, nowMs);
    return true;
  }

  /** Adopted, gone, or nobody's any more. */
  leave(uid: string): void {
    this.#underWay.delete(uid);
    this.#waiting.delete(uid);
  }

  clear(): void {
    this.#underWay.clear();
    this.#waiting.clear();
  }

  #count(nowMs: number): number {
    return [...this.#underWay.values()].filter((sinceMs) => nowMs - sinceMs < underWayMsMax).length;
  }
}
