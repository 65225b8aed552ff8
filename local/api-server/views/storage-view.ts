// The storage as a view's verbs see it: objects of its home come out in the view's form, and go back in the kept one.

import type { AnyObject } from '../any-object.ts';
import type { Selectable } from '../build-selectable.ts';
import type { Change, Storage, StorageListOptions, StoredObject } from '../storage.ts';
import type { ResourceView } from './resource-view.ts';

/** Watchers of one change share what they are shown. */
const shownByKept = new WeakMap<StoredObject, StoredObject>();
const keptByShown = new WeakMap<StoredObject, StoredObject>();

export class StorageView implements Storage {
  readonly #storage: Storage;
  readonly #resource: string;
  readonly #view: ResourceView;

  /** `resource` is the view's own key. Every other collection is as it is. */
  constructor(storage: Storage, resource: string, view: ResourceView) {
    this.#storage = storage;
    this.#resource = resource;
    this.#view = view;
  }

  resourceVersion(): number {
    return this.#storage.resourceVersion();
  }

  oldestResourceVersion(): number {
    return this.#storage.oldestResourceVersion();
  }

  get(resource: string, namespace: string, name: string): StoredObject | undefined {
    const found = this.#storage.get(this.#keyOf(resource), namespace, name);
    return found === undefined || !this.#isMine(resource) ? found : this.#show(found);
  }

  list(resource: string, options?: StorageListOptions): StoredObject[] {
    const found = this.#storage.list(this.#keyOf(resource), options);
    return this.#isMine(resource) ? found.map((one) => this.#show(one)) : found;
  }

  count(resource: string, namespace?: string): number {
    return this.#storage.count(this.#keyOf(resource), namespace);
  }

  create(resource: string, object: AnyObject): StoredObject {
    if (!this.#isMine(resource)) return this.#storage.create(resource, object);
    return this.#show(this.#storage.create(this.#view.home, this.#view.keep(object)));
  }

  update(current: StoredObject, object: AnyObject): StoredObject {
    const kept = keptByShown.get(current);
    if (kept === undefined) return this.#storage.update(current, object);
    return this.#show(this.#storage.update(kept, this.#view.keep(object)));
  }

  remove(current: StoredObject, object: AnyObject): StoredObject {
    const kept = keptByShown.get(current);
    if (kept === undefined) return this.#storage.remove(current, object);
    return this.#show(this.#storage.remove(kept, this.#view.keep(object)));
  }

  changesSince(resource: string, resourceVersion: number): Change[] {
    const changes = this.#storage.changesSince(this.#keyOf(resource), resourceVersion);
    return this.#isMine(resource) ? changes.map((one) => this.#showChange(one)) : changes;
  }

  subscribe(resource: string, listener: (change: Change) => void): () => void {
    if (!this.#isMine(resource)) return this.#storage.subscribe(resource, listener);
    return this.#storage.subscribe(this.#view.home, (change) => listener(this.#showChange(change)));
  }

  /** The storage itself belongs to whoever opened it. */
  close(): void {}

  #isMine(resource: string): boolean {
    return resource === this.#resource;
  }

  #keyOf(resource: string): string {
    return this.#isMine(resource) ? this.#view.home : resource;
  }

  #show(kept: StoredObject): StoredObject {
    const known = shownByKept.get(kept);
    // One kept form may have more than one view.
    if (known?.resource === this.#resource) return known;
    const object = this.#view.show(kept.object);
    const { namespace, name, resourceVersion } = kept;
    const json = JSON.stringify(object);
    const shown = { resource: this.#resource, namespace, name, resourceVersion, json, object };
    shownByKept.set(kept, shown);
    keptByShown.set(shown, kept);
    return shown;
  }

  #showChange(change: Change): Change {
    const { previous } = change;
    return {
      type: change.type,
      stored: this.#show(change.stored),
      previous: previous === undefined ? undefined : this.#showFields(previous),
      before: () => {
        const kept = change.before();
        return kept === undefined ? undefined : this.#show(kept);
      },
    };
  }

  #showFields({ labels, fields }: Selectable): Selectable {
    const names = this.#view.fieldNames;
    if (names === undefined) return { labels, fields };
    const shown: Record<string, string> = { ...fields };
    for (const [own, home] of names) {
      const value = fields[home];
      if (value !== undefined) shown[own] = value;
    }
    return { labels, fields: shown };
  }
}
