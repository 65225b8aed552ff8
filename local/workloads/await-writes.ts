// Lets a controller wait until its cache shows what it wrote, so that the next look never acts on an old state.

import type { KubeObject } from '../../api/kubernetes.ts';
import type { Informer } from '../../platform/kube/informer.ts';
import type { Clock } from '../../platform/process/clock.ts';

/** After this the look goes on with what the cache has: a broken watch is healed by its own list. */
const waitMsMax = 5_000;

interface Waiter {
  readonly isDone: () => boolean;
  readonly resolve: () => void;
}

export class WriteWaits<T extends KubeObject> {
  readonly #informer: Informer<T>;
  readonly #clock: Clock;
  readonly #waiters = new Set<Waiter>();

  constructor(informer: Informer<T>, clock: Clock) {
    this.#informer = informer;
    this.#clock = clock;
    informer.onChange(() => {
      for (const waiter of this.#waiters) if (waiter.isDone()) waiter.resolve();
    });
  }

  /** Until the cache has `written`, or something newer of that name. */
  async untilSeen(written: T): Promise<void> {
    const { namespace, name, resourceVersion, uid } = written.metadata;
    // Gone again already? Then the cache may never show it; the deletion comes after, so wait for nothing.
    await this.#until(() => {
      const found = this.#informer.get(namespace, name);
      if (found === undefined) return false;
      if (found.metadata.uid !== uid) return true;
      return Number(found.metadata.resourceVersion) >= Number(resourceVersion);
    });
  }

  /** Until the cache shows the object as being deleted, or no more. */
  async untilGoing(object: T): Promise<void> {
    const { namespace, name, uid } = object.metadata;
    await this.#until(() => {
      const found = this.#informer.get(namespace, name);
      return found?.metadata.uid !== uid || found?.metadata.deletionTimestamp !== undefined;
    });
  }

  async #until(isDone: () => boolean): Promise<void> {
    if (isDone()) return;
    await new Promise<void>((resolve) => {
      const waiter = { isDone, resolve: done };
      const timer = this.#clock.setTimeout(done, waitMsMax);
      this.#waiters.add(waiter);
      const waiters = this.#waiters;
      function done(): void {
        timer.cancel();
        waiters.delete(waiter);
        resolve();
      }
    });
  }
}
