// A small typed client of the Kubernetes API over any transport.

import type { KubeList, KubeObject, Resource } from '../../api/kubernetes.ts';
import { KubeError, isKubeError } from './kube-error.ts';
import type { KubeRequest, Transport, WatchEvent } from './transport.ts';

export interface Ref {
  readonly name: string;
  readonly namespace?: string | undefined;
}

export interface Selection {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

export interface WatchOptions extends Selection {
  readonly resourceVersion: string;
  readonly signal: AbortSignal;
  readonly onEvent: (event: WatchEvent) => void;
  /** The server has accepted the watch. */
  readonly onOpen?: () => void;
}

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  readonly uid?: string;
  readonly resourceVersion?: string;
}

const patchTypes = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const;

/** Objects per page of a list: a page stays well below the size where a server starts to hurt. */
const pageItemsMax = 500;
/** How long the server keeps one watch before the client opens the next, in seconds. */
const watchSeconds = 300;

export class KubeClient {
  readonly #transport: Transport;
  readonly #fieldManager: string;

  constructor(transport: Transport, options: { fieldManager?: string } = {}) {
    this.#transport = transport;
    this.#fieldManager = options.fieldManager ?? 'rouse';
  }

  async get<T extends KubeObject>(
    resource: Resource<T>,
    ref: Ref,
    subresource?: string,
    signal?: AbortSignal,
  ): Promise<T> {
    const path = pathOf(resource, ref, subresource);
    return (await this.#send({ method: 'GET', path, ...(signal && { signal }) })) as T;
  }

  /** Like `get`, but a missing object is `undefined` and not an error. */
  async getOrUndefined<T extends KubeObject>(
    resource: Resource<T>,
    ref: Ref,
  ): Promise<T | undefined> {
    try {
      return await this.get(resource, ref);
    } catch (error) {
      if (isKubeError(error, 404)) return undefined;
      throw error;
    }
  }

  /** All objects, page after page; `metadata` is the last page's. */
  async list<T extends KubeObject>(
    resource: Resource<T>,
    selection: Selection = {},
  ): Promise<KubeList<T>> {
    const path = pathOf(resource, { name: '', namespace: selection.namespace });
    const items: T[] = [];
    let next: string | undefined;
    for (;;) {
      const query = {
        ...queryOf(selection),
        limit: String(pageItemsMax),
        ...(next && { continue: next }),
      };
      const page = (await this.#send({ method: 'GET', path, query })) as KubeList<T>;
      items.push(...page.items);
      next = page.metadata.continue;
      if (next === undefined || next === '') return { ...page, items };
    }
  }

  /** To the collection, or to a subresource of the object that is named as the one sent. */
  async create<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    subresource?: string,
  ): Promise<T> {
    const { name, namespace } = object.metadata;
    const ref = { name: subresource === undefined ? '' : name, namespace };
    const path = pathOf(resource, ref, subresource);
    return (await this.#send({ method: 'POST', path, query: this.#manager(), body: object })) as T;
  }

  /** PUT; a stale `metadata.resourceVersion` gives a KubeError 409. */
  async replace<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    subresource?: string,
  ): Promise<T> {
    const path = pathOf(resource, object.metadata, subresource);
    return (await this.#send({ method: 'PUT', path, query: this.#manager(), body: object })) as T;
  }

  async replaceStatus<T extends KubeObject>(resource: Resource<T>, object: T): Promise<T> {
    return this.replace(resource, object, 'status');
  }

  /** Default is a JSON merge patch. A `metadata.resourceVersion` in the body makes it conditional. */
  async patch<T extends KubeObject>(
    resource: Resource<T>,
    ref: Ref,
    body: unknown,
    options: { type?: keyof typeof patchTypes; subresource?: string; signal?: AbortSignal } = {},
  ): Promise<T> {
    const { type = 'merge', subresource, signal } = options;
    return (await this.#send({
      method: 'PATCH',
      path: pathOf(resource, ref, subresource),
      query: this.#manager(),
      contentType: patchTypes[type],
      body,
      ...(signal && { signal }),
    })) as T;
  }

  /** A missing object is fine; a failed precondition (uid, resourceVersion) is a KubeError 409. */
  async delete(resource: Resource, ref: Ref, options: DeleteOptions = {}): Promise<void> {
    const { uid, resourceVersion, ...rest } = options;
    const preconditions = { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) };
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions, ...rest };
    try {
      await this.#send({ method: 'DELETE', path: pathOf(resource, ref), body });
    } catch (error) {
      if (!isKubeError(error, 404)) throw error;
    }
  }

  /** Resolves when the server ends the watch; an ERROR event is handed on, not thrown. */
  async watch(resource: Resource, options: WatchOptions): Promise<void> {
    const { resourceVersion, signal, onEvent } = options;
    const query = {
      ...queryOf(options),
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion,
      timeoutSeconds: String(watchSeconds),
    };
    const path = pathOf(resource, { name: '', namespace: options.namespace });
    await this.#transport.watch({ method: 'GET', path, query, signal }, onEvent, options.onOpen);
  }

  #manager(): Record<string, string> {
    return { fieldManager: this.#fieldManager };
  }

  async #send(request: KubeRequest): Promise<unknown> {
    const { status, body } = await this.#transport.request(request);
    if (status >= 200 && status < 300) return body;
    throw new KubeError(status, body, `${request.method} ${request.path}`);
  }
}

function queryOf(selection: Selection): Record<string, string> {
  return {
    ...(selection.labelSelector !== undefined && { labelSelector: selection.labelSelector }),
    ...(selection.fieldSelector !== undefined && { fieldSelector: selection.fieldSelector }),
  };
}

/** The path of a collection (empty name), an object or its subresource. */
export function pathOf(resource: Resource, ref: Ref, subresource?: string): string {
  const { group, version, plural } = resource;
  let path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  if (resource.namespaced && ref.namespace !== undefined) path += `/namespaces/${ref.namespace}`;
  path += `/${plural}`;
  if (ref.name !== '') path += `/${ref.name}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}
