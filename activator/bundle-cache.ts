// Keeps prepared code in memory, so that a wake needs no answer of the API server: small Functions first.

import { prepareBundle, type PreparedBundle } from '../platform/pod/control-port.ts';
import { buildSpecializeBundle } from '../api/build-specialize-bundle.ts';
import { derivePoolable } from '../api/derive-poolable.ts';
import type { Revision } from '../api/revision.ts';
import type { Cluster } from './cluster.ts';

/** Default of ROUSE_BUNDLE_CACHE_BYTES_MAX: tens of thousands of small Functions, or sixteen of the largest. */
export const bundleCacheBytesMax = 64 * 1024 * 1024;

export class BundleCache {
  readonly #cluster: Pick<Cluster, 'readRevision'>;
  readonly #bytesMax: number;
  /** By how many bits its length has; in each, least recently used first. */
  readonly #bySize = new Map<number, Map<string, PreparedBundle>>();
  readonly #kept = new Map<string, PreparedBundle>();
  readonly #reading = new Map<string, Promise<PreparedBundle>>();
  bytes = 0;

  constructor(cluster: Pick<Cluster, 'readRevision'>, bytesMax = bundleCacheBytesMax) {
    this.#cluster = cluster;
    this.#bytesMax = bytesMax;
  }

  /** Only what is in memory. */
  find(namespace: string, revision: string): PreparedBundle | undefined {
    const key = `${namespace}/${revision}`;
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    const same = this.#bySize.get(sizeOf(kept));
    same?.delete(key);
    same?.set(key, kept);
    return kept;
  }

  /** One read at a time per Revision. A failed read is not remembered. */
  get(namespace: string, revision: string): Promise<PreparedBundle> {
    const kept = this.find(namespace, revision);
    if (kept !== undefined) return Promise.resolve(kept);
    const key = `${namespace}/${revision}`;
    const found = this.#reading.get(key);
    if (found !== undefined) return found;
    const reading = this.#read(namespace, revision);
    this.#reading.set(key, reading);
    // Only the newest read is kept: after a `drop` an older one may bring the code of a Revision that is gone.
    const isNewest = (): boolean => this.#reading.get(key) === reading;
    reading.then(
      (bundle) => isNewest() && this.#reading.delete(key) && this.#keep(key, bundle),
      () => isNewest() && this.#reading.delete(key),
    );
    return reading;
  }

  /**
   * A Revision came by with its code, as the watch brings it. It is kept where there is room for it, or where it is
   * smaller than others; nobody has asked for it yet.
   */
  offer(revision: Revision): void {
    const { namespace = '', name, uid } = revision.metadata;
    const key = `${namespace}/${name}`;
    // An image brings no code. A change of its status is no news.
    if (revision.spec.files === undefined) return;
    const kept = this.#kept.get(key);
    if (kept !== undefined && kept.revisionUid === uid) return;
    if (this.#roomFor(revision.spec.files)) this.#keep(key, prepare(revision));
  }

  /** The Revision is gone; one of the same name may follow, with other code. */
  drop(namespace: string, revision: string): void {
    const key = `${namespace}/${revision}`;
    this.#reading.delete(key);
    this.#remove(key);
  }

  async #read(namespace: string, revision: string): Promise<PreparedBundle> {
    return prepare(await this.#cluster.readRevision(namespace, revision));
  }

  /** Cheaply, before anything is made of it: with the cache full only what is smaller than the largest comes in. */
  #roomFor(files: Record<string, string>): boolean {
    let characters = 0;
    for (const text of Object.values(files)) characters += text.length;
    if (this.bytes + characters <= this.#bytesMax) return true;
    return characters > 0 && bitsOf(characters) < this.#largest();
  }

  #keep(key: string, bundle: PreparedBundle): void {
    this.#remove(key);
    if (bundle.body.length > this.#bytesMax) return;
    const size = sizeOf(bundle);
    const same = this.#bySize.get(size) ?? new Map<string, PreparedBundle>();
    this.#bySize.set(size, same.set(key, bundle));
    this.#kept.set(key, bundle);
    this.bytes += bundle.body.length;
    while (this.bytes > this.#bytesMax) this.#evict(key);
  }

  /** The least recently used of the largest, but not the one that has just come. */
  #evict(newest: string): void {
    for (const size of [...this.#bySize.keys()].toSorted((a, b) => b - a)) {
      for (const key of this.#bySize.get(size)?.keys() ?? []) {
        if (key !== newest) return this.#remove(key);
      }
    }
  }

  #remove(key: string): void {
    const kept = this.#kept.get(key);
    if (kept === undefined) return;
    this.#kept.delete(key);
    this.bytes -= kept.body.length;
    const size = sizeOf(kept);
    const same = this.#bySize.get(size);
    same?.delete(key);
    if (same?.size === 0) this.#bySize.delete(size);
  }

  #largest(): number {
    return Math.max(0, ...this.#bySize.keys());
  }
}

/**
 * A parked pod has nothing of the user's environment, so the bundle brings it along; a pod of the Revision's own has
 * the same already.
 */
function prepare(revision: Revision): PreparedBundle {
  const { env = [] } = revision.spec;
  const values = derivePoolable(revision.spec).isPoolable
    ? Object.fromEntries(env.map(({ name, value }) => [name, value ?? '']))
    : {};
  return prepareBundle(buildSpecializeBundle(revision, values));
}

function sizeOf(bundle: PreparedBundle): number {
  return bitsOf(bundle.body.length);
}

function bitsOf(bytes: number): number {
  return 32 - Math.clz32(bytes);
}
