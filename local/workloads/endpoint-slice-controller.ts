// Keeps the EndpointSlices of every Service that has a selector.

import type { EndpointSlice, Pod, Service } from '../../api/kubernetes.ts';
import { endpointSlices } from '../../api/resources.ts';
import { keyOf } from '../../platform/kube/informer.ts';
import { isKubeError } from '../../platform/kube/kube-error.ts';
import { WorkQueue } from '../../platform/kube/work-queue.ts';
import { WriteWaits } from './await-writes.ts';
import {
  buildEndpointSlice,
  deriveEndpointSlices,
  managedByLabel,
  planEndpointSlices,
  serviceLabel,
  sliceManager,
} from './derive-endpoint-slices.ts';
import { decideLabelsMatch } from './decide-selector-match.ts';
import { splitKey, type WorkloadPorts } from './workload-ports.ts';

const component = 'endpoint-slice-controller';
/** A burst of pod changes makes one write. */
const batchMs = 10;

export class EndpointSliceController {
  readonly #ports: WorkloadPorts;
  readonly #queue: WorkQueue;
  readonly #waits: WriteWaits<EndpointSlice>;

  constructor(ports: WorkloadPorts) {
    this.#ports = ports;
    const { clock, log } = ports;
    this.#queue = new WorkQueue({ name: component, clock, log });
    ports.services.onChange(({ object }) =>
      this.#look(object.metadata.namespace, object.metadata.name),
    );
    ports.pods.onChange(({ object, old }) => {
      this.#podChanged(object);
      if (old !== undefined && old.metadata.labels !== object.metadata.labels)
        this.#podChanged(old);
    });
    ports.endpointSlices.onChange(({ object }) => {
      const service = object.metadata.labels?.[serviceLabel];
      if (service !== undefined && isManaged(object))
        this.#look(object.metadata.namespace, service);
    });
    this.#waits = new WriteWaits(ports.endpointSlices, clock);
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#queue.run((key) => this.#reconcile(key), signal);
  }

  #look(namespace: string | undefined, name: string): void {
    this.#queue.addAfter(keyOf(namespace, name), batchMs);
  }

  #podChanged(pod: Pod): void {
    const { namespace, labels } = pod.metadata;
    for (const service of this.#ports.services.list(namespace)) {
      if (hasSelector(service) && decideLabelsMatch(service.spec.selector ?? {}, labels)) {
        this.#look(namespace, service.metadata.name);
      }
    }
  }

  async #reconcile(key: string): Promise<null> {
    const { client, pods, services, endpointSlices: cache } = this.#ports;
    const { namespace, name } = splitKey(key);
    const service = services.get(namespace, name);
    const found = cache.byIndex(serviceLabel, key).filter(isManaged);
    // Slices of a Service that is gone are the garbage collector's.
    if (service === undefined || service.metadata.deletionTimestamp !== undefined) return null;
    if (!hasSelector(service) || service.spec.type === 'ExternalName') return null;
    const selected = pods
      .list(namespace)
      .filter((pod) => decideLabelsMatch(service.spec.selector ?? {}, pod.metadata.labels));
    const plan = planEndpointSlices(deriveEndpointSlices(service, selected), found);
    for (const content of plan.create) {
      const made = await client.create(endpointSlices, buildEndpointSlice(service, content));
      await this.#waits.untilSeen(made);
    }
    for (const { slice, content } of plan.update) {
      const body = { endpoints: content.endpoints };
      await this.#write(() => client.patch(endpointSlices, refOf(slice), body));
    }
    for (const slice of plan.remove) {
      await client.delete(endpointSlices, refOf(slice));
      await this.#waits.untilGoing(slice);
    }
    return null;
  }

  async #write(send: () => Promise<EndpointSlice>): Promise<void> {
    try {
      await this.#waits.untilSeen(await send());
    } catch (error) {
      if (!isKubeError(error, 404)) throw error;
    }
  }
}

function refOf(slice: EndpointSlice) {
  return { namespace: slice.metadata.namespace, name: slice.metadata.name };
}

function isManaged(slice: EndpointSlice): boolean {
  return slice.metadata.labels?.[managedByLabel] === sliceManager;
}

function hasSelector(service: Service): boolean {
  return service.spec.selector !== undefined && Object.keys(service.spec.selector).length > 0;
}
