// Knows every collection the server serves: the built-in ones and those of the CustomResourceDefinitions in storage.

import type { AnyObject } from './any-object.ts';
import { buildCustomResources } from './build-custom-resources.ts';
import { builtinResources } from './builtin-resources.ts';
import type { ResourceInfo } from './resource-info.ts';
import type { Storage } from './storage.ts';

export const definitionsKey = 'apiextensions.k8s.io/customresourcedefinitions';

export class ResourceRegistry {
  readonly #storage: Storage;
  readonly #byPath = new Map<string, ResourceInfo>();
  /** What each definition made, by its name and version, so that a compiled schema lives as long as its definition. */
  #custom = new Map<string, ResourceInfo[]>();
  #generation = 0;

  constructor(storage: Storage) {
    this.#storage = storage;
    this.reload();
  }

  /** Grows whenever a collection comes, goes or changes. */
  get generation(): number {
    return this.#generation;
  }

  find(group: string, version: string, plural: string): ResourceInfo | undefined {
    return this.#byPath.get(`${group}/${version}/${plural}`);
  }

  /** Whether a path is inside of a group that is served, whatever it names there. */
  hasGroupOf(path: string): boolean {
    if (path.startsWith('/api/')) return true;
    const group = /^\/apis\/([^/]+)/.exec(path)?.[1];
    return group !== undefined && this.all().some((one) => one.group === group);
  }

  /** Built-ins first, then custom ones in order of their definitions' names. */
  all(): ResourceInfo[] {
    return [...this.#byPath.values()];
  }

  /** To be called after every write to a CustomResourceDefinition, before the write is answered. */
  reload(): void {
    const custom = new Map<string, ResourceInfo[]>();
    for (const stored of this.#storage.list(definitionsKey)) {
      const { metadata } = stored.object;
      const key = `${metadata.uid}/${metadata.generation}`;
      custom.set(key, this.#custom.get(key) ?? buildCustomResources(stored.object as AnyObject));
    }
    this.#custom = custom;
    this.#byPath.clear();
    for (const info of [...builtinResources, ...[...custom.values()].flat()]) {
      const path = `${info.group}/${info.version}/${info.plural}`;
      // A definition never takes the place of a built-in collection.
      if (!this.#byPath.has(path)) this.#byPath.set(path, info);
    }
    this.#generation += 1;
  }
}
