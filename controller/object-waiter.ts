// Waits until the cache shows an object in a state that somebody waits for.

import type { KubeObject } from '../api/kubernetes.ts';
import { keyOf, type Informer } from '../platform/kube/informer.ts';

/** One listener on the informer, however many wait. */
export class ObjectWaiter<T extends KubeObject> {
  readonly #informer: Informer<T>;
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(informer: Informer<T>) {
    this.#informer = informer;
    informer.onChange(({ object }) => {
      const { namespace, name } = object.metadata;
      for (const look of this.#waiting.get(keyOf(namespace, name)) ?? []) look();
    });
  }

  /** Resolves with the first value of `judge` that isn't `undefined`. Rejects when the signal aborts. */
  until<R>(
    object: { readonly namespace?: string | undefined; readonly name: string },
    judge: (object: T | undefined) => R | undefined,
    signal: AbortSignal,
  ): Promise<R> {
    const { namespace, name } = object;
    const key = keyOf(namespace, name);
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = judge(this.#informer.get(namespace, name));
        if (found === undefined) return;
        stop();
        resolve(found);
      };
      const give = (): void => {
        stop();
        reject(signal.reason as Error);
      };
      const stop = (): void => {
        signal.removeEventListener('abort', give);
        this.#drop(key, look);
      };
      signal.addEventListener('abort', give, { once: true });
      this.#waiting.set(key, (this.#waiting.get(key) ?? new Set()).add(look));
      if (signal.aborted) give();
      else look();
    });
  }

  #drop(key: string, look: () => void): void {
    const all = this.#waiting.get(key);
    all?.delete(look);
    if (all?.size === 0) this.#waiting.delete(key);
  }
}
