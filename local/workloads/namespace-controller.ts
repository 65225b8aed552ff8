// Empties a namespace that is being deleted, then lets it go; gives each living one its ServiceAccount `default`.

import type { KubeObject, Resource } from '../../api/kubernetes.ts';
import { namespaces } from '../../api/resources.ts';
import type { KubeClient } from '../../platform/kube/client.ts';
import { Informer } from '../../platform/kube/informer.ts';
import { isKubeError } from '../../platform/kube/kube-error.ts';
import { WorkQueue } from '../../platform/kube/work-queue.ts';
import type { Clock } from '../../platform/process/clock.ts';
import type { Log } from '../../platform/process/log.ts';
import { serviceAccounts, type Namespace } from './cluster-resources.ts';

export interface NamespaceControllerOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Log;
  /** All collections there are. */
  readonly allResources: () => readonly Resource[];
}

const kubernetesFinalizer = 'kubernetes';
const defaultAccount = 'default';
/** How soon to look again for what is still ending; pods take up to their grace period. */
const againMs = 100;
const deletesAtOnceMax = 50;

export class NamespaceController {
  readonly #options: NamespaceControllerOptions;
  readonly #namespaces: Informer<Namespace>;
  readonly #accounts: Informer<KubeObject>;
  readonly #queue: WorkQueue;

  constructor(options: NamespaceControllerOptions) {
    this.#options = options;
    const { client, clock, log } = options;
    this.#queue = new WorkQueue({ name: 'namespace-controller', clock, log });
    this.#namespaces = new Informer<Namespace>({ client, resource: namespaces, clock, log });
    const fieldSelector = `metadata.name=${defaultAccount}`;
    this.#accounts = new Informer({ client, resource: serviceAccounts, fieldSelector, clock, log });
    this.#namespaces.onChange(({ object }) => this.#queue.add(object.metadata.name));
    this.#accounts.onChange(({ type, object }) => {
      if (type === 'deleted') this.#queue.add(object.metadata.namespace ?? '');
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#namespaces.start(signal);
    this.#accounts.start(signal);
    await Promise.race([
      this.#accounts.synced,
      new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true })),
    ]);
    await this.#queue.run((name) => this.#reconcile(name), signal);
  }

  async #reconcile(name: string): Promise<number | null> {
    const namespace = this.#namespaces.get(undefined, name);
    if (namespace === undefined) return null;
    if (namespace.metadata.deletionTimestamp === undefined) return this.#ensureAccount(name);
    if (!(namespace.spec?.finalizers ?? []).includes(kubernetesFinalizer)) return null;
    const left = await this.#empty(name);
    if (left > 0) return againMs;
    await this.#finalize(name);
    return null;
  }

  async #ensureAccount(namespace: string): Promise<null> {
    if (this.#accounts.get(namespace, defaultAccount) !== undefined) return null;
    const metadata = { name: defaultAccount, namespace };
    const account: KubeObject = { apiVersion: 'v1', kind: 'ServiceAccount', metadata };
    try {
      await this.#options.client.create(serviceAccounts, account);
    } catch (error) {
      // 409: there already; 403 and 404: the namespace has just begun to go.
      if (![403, 404, 409].includes(isKubeError(error) ? error.status : 0)) throw error;
    }
    return null;
  }

  /** Deletes everything that isn't being deleted yet; returns how many objects are left. */
  async #empty(namespace: string): Promise<number> {
    const { client, allResources } = this.#options;
    let left = 0;
    for (const resource of allResources().filter((one) => one.namespaced)) {
      const { items } = await client.list(resource, { namespace });
      const doomed = items.filter((one) => one.metadata.deletionTimestamp === undefined);
      for (let from = 0; from < doomed.length; from += deletesAtOnceMax) {
        const batch = doomed.slice(from, from + deletesAtOnceMax);
        await Promise.all(batch.map((one) => this.#delete(resource, namespace, one)));
      }
      if (items.length > 0) left += (await client.list(resource, { namespace })).items.length;
    }
    return left;
  }

  async #delete(resource: Resource, namespace: string, object: KubeObject): Promise<void> {
    const { name } = object.metadata;
    const options = { propagationPolicy: 'Background' } as const;
    await this.#options.client.delete(resource, { namespace, name }, options);
  }

  async #finalize(name: string): Promise<void> {
    const { client } = this.#options;
    const namespace = await client.getOrUndefined(namespaces, { name });
    if (namespace === undefined) return;
    const now: Namespace = { ...namespace };
    now.spec = {
      ...now.spec,
      finalizers: (now.spec?.finalizers ?? []).filter((one) => one !== kubernetesFinalizer),
    };
    try {
      await client.replace<KubeObject>(namespaces, now, 'finalize');
    } catch (error) {
      if (!isKubeError(error, 404)) throw error;
    }
  }
}
