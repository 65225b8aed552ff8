// Keeps the prepared code of the Revisions that were pushed last, so that scaling out doesn't read it again.

import { prepareBundle, type PreparedBundle } from '../platform/pod/control-port.ts';
import { buildSpecializeBundle } from '../api/build-specialize-bundle.ts';
import type { Cluster } from './cluster.ts';

/** Enough for a dozen large Functions waking at once; each bundle is at most 4 MiB. */
export const bundleCacheBytesMax = 16 * 1024 * 1024;

export class BundleCache {
  readonly #cluster: Pick<Cluster, 'readRevision'>;
  readonly #bytesMax: number;
  /** Least recently used first. */
  readonly #kept = new Map<string, PreparedBundle>();
  readonly #reading = new Map<string, Promise<PreparedBundle>>();
  bytes = 0;

  constructor(cluster: Pick<Cluster, 'readRevision'>, bytesMax = bundleCacheBytesMax) {
    this.#cluster = cluster;
    this.#bytesMax = bytesMax;
  }

  /** One read at a time per Revision. A failed read is not remembered. */
  get(namespace: string, revision: string): Promise<PreparedBundle> {
    const key = `${namespace}/${revision}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined) {
      this.#kept.delete(key);
      this.#kept.set(key, kept);
      return Promise.resolve(kept);
    }
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

  /** The Revision is gone; one of the same name may follow, with other code. */
  drop(namespace: string, revision: string): void {
    const key = `${namespace}/${revision}`;
    this.#reading.delete(key);
    const kept = this.#kept.get(key);
    if (kept === undefined) return;
    this.#kept.delete(key);
    this.bytes -= kept.body.length;
  }

  async #read(namespace: string, revision: string): Promise<PreparedBundle> {
    const found = await this.#cluster.readRevision(namespace, revision);
    return prepareBundle(buildSpecializeBundle(found));
  }

  #keep(key: string, bundle: PreparedBundle): void {
    this.#kept.set(key, bundle);
    this.bytes += bundle.body.length;
    for (const [oldKey, old] of this.#kept) {
      if (this.bytes <= this.#bytesMax) break;
      this.#kept.delete(oldKey);
      this.bytes -= old.body.length;
    }
  }
}
