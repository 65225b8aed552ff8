// Follows every deletable collection of the cluster, and starts and stops as CustomResourceDefinitions come and go.

import type { KubeObject, Resource } from '../../api/kubernetes.ts';
import { customResourceDefinitions } from '../../api/resources.ts';
import type { KubeClient } from '../../platform/kube/client.ts';
import { Informer, type Change } from '../../platform/kube/informer.ts';
import type { Transport } from '../../platform/kube/transport.ts';
import { WorkQueue } from '../../platform/kube/work-queue.ts';
import type { Clock } from '../../platform/process/clock.ts';
import type { Log } from '../../platform/process/log.ts';
import { discoverResources } from './discover-resources.ts';
import { cutToMetadata } from './object-graph.ts';

/** Events come in numbers, own nothing and are owned by nothing. */
const ignored: readonly string[] = ['/events', 'events.k8s.io/events'];

export interface MonitorOptions {
  readonly client: KubeClient;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Log;
  readonly onChange: (resource: Resource, change: Change<KubeObject>) => void;
}

interface Monitor {
  readonly informer: Informer<KubeObject>;
  readonly stop: AbortController;
}

export class ResourceMonitors {
  readonly #options: MonitorOptions;
  readonly #monitors = new Map<string, Monitor>();
  readonly #queue: WorkQueue;
  #all: Resource[] = [];
  #resolveSynced: () => void = () => {};
  /** Every collection of the first discovery has been listed. */
  readonly synced: Promise<void>;

  constructor(options: MonitorOptions) {
    this.#options = options;
    const { clock, log } = options;
    this.#queue = new WorkQueue({ name: 'resource discovery', clock, log });
    this.synced = new Promise((resolve) => (this.#resolveSynced = resolve));
  }

  async run(signal: AbortSignal): Promise<void> {
    const { client, clock, log } = this.#options;
    const definitions = new Informer({
      client,
      resource: customResourceDefinitions,
      transform: (one) => cutDefinition(one),
      clock,
      log,
    });
    definitions.onChange(() => this.#queue.add('all'));
    definitions.start(signal);
    this.#queue.add('all');
    await this.#queue.run(() => this.#refresh(signal), signal);
    for (const one of this.#monitors.values()) one.stop.abort();
  }

  /** All collections, those that aren't followed included. */
  all(): readonly Resource[] {
    return this.#all;
  }

  find(apiVersion: string, kind: string): Resource | undefined {
    const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
    return this.#all.find((one) => one.group === group && one.kind === kind);
  }

  async #refresh(signal: AbortSignal): Promise<null> {
    const found = await discoverResources(this.#options.transport);
    this.#all = found;
    const wanted = new Map<string, Resource>(
      found
        .map((one) => [`${one.group}/${one.plural}`, one] as const)
        .filter(([key]) => !ignored.includes(key)),
    );
    for (const [key, monitor] of this.#monitors) {
      if (wanted.has(key)) continue;
      // The definition is gone, and each of its objects was announced as deleted before. Should discovery be wrong,
      // nothing may follow from it: dependents are deleted for deleted owners only.
      monitor.stop.abort();
      this.#monitors.delete(key);
    }
    for (const [key, resource] of wanted) {
      if (!this.#monitors.has(key)) this.#start(key, resource, signal);
    }
    // Not awaited: a collection that goes away before its first list would block every later discovery.
    const synced = [...this.#monitors.values()].map((one) => one.informer.synced);
    void Promise.all(synced).then(() => this.#resolveSynced());
    return null;
  }

  #start(key: string, resource: Resource, signal: AbortSignal): void {
    const { client, clock, log, onChange } = this.#options;
    const stop = new AbortController();
    signal.addEventListener('abort', () => stop.abort(), { once: true });
    const informer = new Informer({ client, resource, transform: cutToMetadata, clock, log });
    informer.onChange((change) => onChange(resource, change));
    this.#monitors.set(key, { informer, stop });
    informer.start(stop.signal);
  }
}

/** Only a change of names or conditions makes another discovery worth it. */
function cutDefinition(one: KubeObject): KubeObject {
  const { apiVersion, kind, metadata } = one;
  const { name, resourceVersion } = metadata;
  return {
    apiVersion,
    kind,
    metadata: { name, ...(resourceVersion !== undefined && { resourceVersion }) },
  };
}
