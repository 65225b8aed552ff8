// Makes Services reachable on the loopback, as kube-proxy does on a node: a listener per port of a Service.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EndpointSlice, Service } from '../../api/kubernetes.ts';
import { labels, managedByRouse } from '../../api/names.ts';
import { endpointSlices, services } from '../../api/resources.ts';
import type { KubeClient } from '../../platform/kube/client.ts';
import { Informer, keyOf, type Change } from '../../platform/kube/informer.ts';
import type { EventInput } from '../../platform/kube/record-event.ts';
import type { Clock } from '../../platform/process/clock.ts';
import type { Log } from '../../platform/process/log.ts';
import { managedByLabel, serviceLabel } from '../workloads/derive-endpoint-slices.ts';
import type { ServiceAddress } from './build-cluster-variables.ts';
import { pickEndpoints, pickServicePorts, type ServicePort } from './pick-endpoints.ts';
import { ServiceListener } from './service-listener.ts';

const host = '127.0.0.1';

export interface ServiceProxyOptions {
  /** The file `services` in it says where each Service is. */
  readonly home: string;
  readonly client: KubeClient;
  readonly recordEvent: (input: EventInput) => void;
  readonly clock: Clock;
  readonly log: Log;
}

interface Entry {
  readonly port: ServicePort;
  readonly listener: ServiceListener;
}

/** Functions' own Services have no listener: they lead to the activators, whose Service has one. */
export class ServiceProxy {
  readonly #options: ServiceProxyOptions;
  readonly #services: Informer<Service>;
  readonly #slices: Informer<EndpointSlice>;
  /** By the Service's key, in the order of its ports. */
  readonly #entries = new Map<string, Entry[]>();
  #isStopped = false;

  constructor(options: ServiceProxyOptions) {
    const { client, clock, log } = options;
    this.#options = options;
    const notOurs = (label: string): string => `${label}!=${managedByRouse}`;
    this.#services = new Informer({
      ...{ client, clock, log, resource: services },
      labelSelector: notOurs(labels.managedBy),
    });
    this.#slices = new Informer({
      ...{ client, clock, log, resource: endpointSlices },
      labelSelector: notOurs(managedByLabel),
    });
    this.#slices.addIndex(serviceLabel, (slice) => {
      const service = slice.metadata.labels?.[serviceLabel];
      return service === undefined ? [] : [keyOf(slice.metadata.namespace, service)];
    });
  }

  /** Resolves when every Service that there is has been given its listeners. */
  async start(signal: AbortSignal): Promise<void> {
    this.#services.onChange((change) => this.#receive(change));
    this.#slices.start(signal);
    this.#services.start(signal);
    await Promise.all([this.#services.synced, this.#slices.synced]);
    const entries = [...this.#entries.values()].flat();
    await Promise.all(entries.map(({ listener }) => listener.tried));
    this.#writePlaces();
  }

  stop(): void {
    this.#isStopped = true;
    for (const key of [...this.#entries.keys()]) this.#close(key);
  }

  /** Of the Services of one namespace that are reachable now. */
  addresses(namespace: string): ServiceAddress[] {
    return this.#services.list(namespace).flatMap(({ metadata }) => {
      const entries = this.#entries.get(keyOf(namespace, metadata.name)) ?? [];
      return entries.flatMap(({ port: { name: portName, number }, listener: { port } }) =>
        port === undefined ? [] : [{ service: metadata.name, portName, number, host, port }],
      );
    });
  }

  #receive({ type, object, old }: Change<Service>): void {
    if (this.#isStopped) return;
    const key = keyOf(object.metadata.namespace, object.metadata.name);
    const ports = type === 'deleted' ? [] : pickServicePorts(object);
    const before = old === undefined ? [] : pickServicePorts(old);
    // Connections survive a change that says the same about ports.
    if (this.#entries.has(key) && JSON.stringify(before) === JSON.stringify(ports)) return;
    this.#close(key);
    if (ports.length > 0) this.#entries.set(key, this.#open(key, object, ports));
    this.#writePlaces();
  }

  #open(key: string, service: Service, ports: readonly ServicePort[]): Entry[] {
    const { clock, log, recordEvent } = this.#options;
    return ports.map((port) => ({
      port,
      listener: new ServiceListener({
        port: port.nodePort,
        clock,
        findEndpoints: () => pickEndpoints(this.#slices.byIndex(serviceLabel, key), port.name),
        onListening: () => this.#writePlaces(),
        onTaken: (taken) => {
          const message =
            `another program of this machine has port ${taken} of ${host}: ` +
            `stop it, or give the Service another nodePort`;
          log.warn({ service: key, port: taken }, message);
          recordEvent({ object: service, type: 'Warning', reason: 'NodePortTaken', message });
        },
      }),
    }));
  }

  #close(key: string): void {
    for (const { listener } of this.#entries.get(key) ?? []) listener.close();
    this.#entries.delete(key);
  }

  /** For people: a Service without a node port has no other address that they could know. */
  #writePlaces(): void {
    const lines = [...this.#entries].flatMap(([key, entries]) =>
      entries
        .filter(({ listener }) => listener.port !== undefined)
        .map(({ port, listener }) => `${key}:${port.number} ${host}:${listener.port}\n`),
    );
    writeFileSync(join(this.#options.home, 'services'), lines.sort().join(''));
  }
}
