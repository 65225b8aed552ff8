// A cache of one collection that follows the API server: list once, then watch, for ever.

import type { KubeObject, KubeStatus, Resource } from '../../api/kubernetes.ts';
import { pause, systemClock, type Clock } from '../process/clock.ts';
import { silentLog, type Log } from '../process/log.ts';
import type { KubeClient, Selection } from './client.ts';
import { isKubeError } from './kube-error.ts';
import type { WatchEvent } from './transport.ts';

export interface Change<T> {
  readonly type: 'added' | 'modified' | 'deleted';
  readonly object: T;
  readonly old?: T;
}

export interface InformerOptions<T extends KubeObject> extends Selection {
  readonly client: KubeClient;
  readonly resource: Resource<T>;
  /** Cuts an object down to what is used, before it is kept. Must keep metadata.name, namespace, resourceVersion. */
  readonly transform?: (object: T) => T;
  readonly log?: Log;
  readonly clock?: Clock;
  /** At least 0 and below 1; spreads the retries of many clients. */
  readonly random?: () => number;
}

const retryFirstMs = 50;
const retryMaxMs = 5_000;
/**
 * A collection that is not served for this long, answer after answer, has been removed with all its objects. Not at
 * once: a server that has just started may not know its custom kinds yet.
 */
export const unservedMsMax = 10_000;
/** A watch that ends before this has not worked. */
const watchShortMs = 1_000;

/** Objects handed out are the cache's own: never change them. Handlers run in the order of the changes. */
export class Informer<T extends KubeObject> {
  readonly synced: Promise<void>;
  isSynced = false;

  readonly #options: InformerOptions<T>;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #objects = new Map<string, T>();
  readonly #handlers: ((change: Change<T>) => void)[] = [];
  readonly #indexes = new Map<string, Index<T>>();
  #resolveSynced: () => void = () => {};
  #resourceVersion: string | undefined;
  #retryMs = retryFirstMs;
  #unservedSinceMs: number | undefined;
  #hasWarned = false;

  constructor(options: InformerOptions<T>) {
    this.#options = options;
    this.#log = options.log ?? silentLog;
    this.#clock = options.clock ?? systemClock;
    this.synced = new Promise((resolve) => (this.#resolveSynced = resolve));
  }

  /** Returns at once; follows until the signal aborts. */
  start(signal: AbortSignal): void {
    void this.#follow(signal);
  }

  get(namespace: string | undefined, name: string): T | undefined {
    return this.#objects.get(keyOf(namespace, name));
  }

  list(namespace?: string): T[] {
    const all = [...this.#objects.values()];
    return namespace === undefined
      ? all
      : all.filter((one) => one.metadata.namespace === namespace);
  }

  /** Call before `start`. `keysOf` gives the keys under which an object is found. */
  addIndex(name: string, keysOf: (object: T) => string[]): void {
    this.#indexes.set(name, new Index(keysOf));
  }

  byIndex(name: string, key: string): T[] {
    const index = this.#indexes.get(name);
    if (index === undefined) throw new Error(`informer has no index "${name}"`);
    return index.find(key);
  }

  onChange(handler: (change: Change<T>) => void): void {
    this.#handlers.push(handler);
  }

  async #follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#resourceVersion === undefined) await this.#relist();
        const startedMs = this.#clock.monotonicNow();
        await this.#watch(signal);
        // A server (or a proxy) that ends every watch at once must not be asked in a tight loop.
        if (this.#clock.monotonicNow() - startedMs < watchShortMs) await this.#pause(signal);
        else this.#retryMs = retryFirstMs;
      } catch (error) {
        if (signal.aborted) return;
        if (isRefusal(error)) this.#resourceVersion = undefined;
        this.#dropUnserved(error);
        this.#warn(error);
        await this.#pause(signal);
      }
    }
  }

  async #relist(): Promise<void> {
    const { client, resource } = this.#options;
    const list = await client.list(resource, this.#options);
    this.#unservedSinceMs = undefined;
    const seen = new Set<string>();
    for (const item of list.items) {
      // Items of a list carry no kind of their own.
      item.apiVersion ??=
        resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
      item.kind ??= resource.kind;
      seen.add(keyOf(item.metadata.namespace, item.metadata.name));
      this.#put(item);
    }
    for (const [key, object] of this.#objects) if (!seen.has(key)) this.#drop(object);
    this.#resourceVersion = list.metadata.resourceVersion;
    if (!this.isSynced) {
      this.isSynced = true;
      this.#resolveSynced();
    }
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { client, resource, namespace, labelSelector, fieldSelector } = this.#options;
    await client.watch(resource, {
      namespace,
      labelSelector,
      fieldSelector,
      resourceVersion: this.#resourceVersion ?? '',
      signal,
      onOpen: () => (this.#hasWarned = false),
      onEvent: (event) => {
        if (!signal.aborted) this.#receive(event);
      },
    });
  }

  #receive(event: WatchEvent): void {
    if (event.type === 'ERROR') {
      const status = event.object as KubeStatus;
      // 410: our resourceVersion is too old; a new list heals. Anything else is tried again the same way.
      this.#resourceVersion = undefined;
      if (status.code !== 410) {
        this.#log.warn({ status }, `watch of ${this.#options.resource.plural} failed`);
      }
      return;
    }
    const object = event.object as T;
    this.#retryMs = retryFirstMs;
    this.#hasWarned = false;
    this.#resourceVersion = object.metadata.resourceVersion;
    if (event.type === 'DELETED') this.#drop(object);
    else if (event.type !== 'BOOKMARK') this.#put(object);
  }

  #put(raw: T): void {
    const key = keyOf(raw.metadata.namespace, raw.metadata.name);
    const { uid, resourceVersion } = raw.metadata;
    let old = this.#objects.get(key);
    if (old !== undefined && old.metadata.resourceVersion === resourceVersion) return;
    if (old?.metadata.uid !== undefined && old.metadata.uid !== uid) {
      // Deleted and made anew while nobody watched: another object, of which nothing may be taken over.
      this.#drop(old);
      old = undefined;
    }
    const object = this.#options.transform?.(raw) ?? raw;
    // Kept whatever the transform cuts off, for the comparison above.
    if (uid !== undefined) object.metadata.uid ??= uid;
    this.#objects.set(key, object);
    for (const index of this.#indexes.values()) index.replace(old, object);
    this.#tell(old === undefined ? { type: 'added', object } : { type: 'modified', object, old });
  }

  #drop(raw: T): void {
    const key = keyOf(raw.metadata.namespace, raw.metadata.name);
    const old = this.#objects.get(key);
    if (old === undefined) return;
    this.#objects.delete(key);
    for (const index of this.#indexes.values()) index.replace(old, undefined);
    this.#tell({ type: 'deleted', object: this.#options.transform?.(raw) ?? raw, old });
  }

  #tell(change: Change<T>): void {
    for (const handler of this.#handlers) {
      try {
        handler(change);
      } catch (error) {
        this.#log.error(
          { error, resource: this.#options.resource.plural },
          'change handler failed',
        );
      }
    }
  }

  /** Objects of a kind that is gone are gone; after any other failure what was known stays. */
  #dropUnserved(error: unknown): void {
    if (!isKubeError(error, 404)) {
      this.#unservedSinceMs = undefined;
      return;
    }
    const nowMs = this.#clock.monotonicNow();
    this.#unservedSinceMs ??= nowMs;
    if (nowMs - this.#unservedSinceMs < unservedMsMax) return;
    for (const object of this.#objects.values()) this.#drop(object);
  }

  /** Once per outage, since it may last; each try is there for who wants it. */
  #warn(error: unknown): void {
    const fields = { error, resource: this.#options.resource.plural, retryMs: this.#retryMs };
    if (this.#hasWarned) this.#log.debug(fields, 'watch broke again');
    else this.#log.warn(fields, 'watch broke, trying again');
    this.#hasWarned = true;
  }

  /** Between half and all of the delay, so that those who lost one server don't come back to it in step. */
  async #pause(signal: AbortSignal): Promise<void> {
    const delayMs = this.#retryMs;
    this.#retryMs = Math.min(retryMaxMs, delayMs * 2);
    const random = this.#options.random ?? Math.random;
    await pause(this.#clock, (delayMs * (1 + random())) / 2, signal);
  }
}

class Index<T> {
  readonly #keysOf: (object: T) => string[];
  readonly #sets = new Map<string, Set<T>>();

  constructor(keysOf: (object: T) => string[]) {
    this.#keysOf = keysOf;
  }

  find(key: string): T[] {
    return [...(this.#sets.get(key) ?? [])];
  }

  replace(old: T | undefined, now: T | undefined): void {
    if (old !== undefined) {
      for (const key of this.#keysOf(old)) {
        const set = this.#sets.get(key);
        set?.delete(old);
        if (set?.size === 0) this.#sets.delete(key);
      }
    }
    if (now === undefined) return;
    for (const key of this.#keysOf(now)) {
      const set = this.#sets.get(key) ?? new Set<T>();
      this.#sets.set(key, set.add(now));
    }
  }
}

/**
 * The server has answered and wants no watch from this version, for example with 410 as a status instead of an event:
 * the same again would be refused for ever, a new list heals. A server with too much to do is not asked for a list.
 */
function isRefusal(error: unknown): boolean {
  return isKubeError(error) && error.status !== 429 && error.status !== 503;
}

/** `namespace/name`, or `name` for what is cluster-wide. */
export function keyOf(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}
