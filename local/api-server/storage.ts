// What the API server needs from whatever keeps its objects: one global version, a history, a change feed.

import type { AnyObject } from './any-object.ts';
import type { Selectable } from './build-selectable.ts';

/** One object as it is kept. `object` is parsed from `json` when first asked for; treat it as frozen. */
export interface StoredObject {
  /** `group/plural`; `/pods` for the core group. */
  readonly resource: string;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
  readonly resourceVersion: number;
  readonly json: string;
  readonly object: AnyObject;
}

export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** The state after the change; for DELETED the last state, with the version of the deletion. */
  readonly stored: StoredObject;
  /** What selectors can see of the state before; absent for ADDED. */
  readonly previous: Selectable | undefined;
  /** The state before; `undefined` for ADDED, and where the history no longer has it. */
  readonly before: () => StoredObject | undefined;
}

export interface ListPosition {
  readonly namespace: string;
  readonly name: string;
}

export interface StorageListOptions {
  /** Only this namespace; absent: all. */
  readonly namespace?: string | undefined;
  /** Start after this object, in order of namespace and name. */
  readonly after?: ListPosition | undefined;
  /** Most objects to return; absent: all. */
  readonly limit?: number | undefined;
}

/**
 * Every call is synchronous, so a verb that reads, decides and writes in one go can't be interrupted by another.
 * Versions grow by one with every write, over all resources, and survive a restart.
 */
export interface Storage {
  resourceVersion(): number;
  /** A watch may start at this version or later; below it the history is gone. */
  oldestResourceVersion(): number;
  get(resource: string, namespace: string, name: string): StoredObject | undefined;
  list(resource: string, options?: StorageListOptions): StoredObject[];
  count(resource: string, namespace?: string): number;
  /** Sets metadata.resourceVersion. Throws StatusError 409 AlreadyExists when the name is taken. */
  create(resource: string, object: AnyObject): StoredObject;
  /** Sets metadata.resourceVersion. Throws when `current` isn't the latest state any more. */
  update(current: StoredObject, object: AnyObject): StoredObject;
  /** Removes; the returned state carries the version of the deletion. */
  remove(current: StoredObject, object: AnyObject): StoredObject;
  /** Changes of one resource after `resourceVersion`, oldest first. */
  changesSince(resource: string, resourceVersion: number): Change[];
  /** Calls `listener` for every later change, in order, in a microtask of its own. Returns the unsubscribe. */
  subscribe(resource: string, listener: (change: Change) => void): () => void;
  close(): void;
}
