// A Function's Service, which selects nothing, and the EndpointSlices that point it at the activators.

import type { RouseFunction } from '../../api/function.ts';
import type { EndpointSlice, Service } from '../../api/kubernetes.ts';
import { httpPort, labels, managedByRouse, portNames } from '../../api/names.ts';
import { buildFunctionOwner } from './build-revision.ts';

export const serviceNameLabel = 'kubernetes.io/service-name';
const sliceManagerLabel = 'endpointslice.kubernetes.io/managed-by';

const servicePort = 80;

export function buildService(owner: RouseFunction): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: buildMetadata(owner, owner.metadata.name),
    spec: {
      type: 'ClusterIP',
      ports: [{ name: portNames.http, port: servicePort, targetPort: httpPort, protocol: 'TCP' }],
    },
  };
}

/** One slice per address type among the activators' own slices; none while no activator is known. */
export function buildEndpointSlices(
  owner: RouseFunction,
  activators: readonly EndpointSlice[],
): EndpointSlice[] {
  const types = [...new Set(activators.map((slice) => slice.addressType))].sort();
  return types.flatMap((addressType) => {
    const same = activators.filter((slice) => slice.addressType === addressType);
    const port = same.flatMap((slice) => slice.ports ?? []).find(isHttp)?.port;
    const addresses = same.flatMap(readyAddresses).sort();
    if (port === undefined || addresses.length === 0) return [];
    const metadata = buildMetadata(owner, `${owner.metadata.name}-${addressType.toLowerCase()}`);
    return [
      {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: {
          ...metadata,
          labels: {
            ...metadata.labels,
            [serviceNameLabel]: owner.metadata.name,
            [sliceManagerLabel]: managedByRouse,
          },
        },
        addressType,
        endpoints: [...new Set(addresses)].map((address) => ({
          addresses: [address],
          conditions: { ready: true },
        })),
        ports: [{ name: portNames.http, port, protocol: 'TCP' }],
      },
    ];
  });
}

function buildMetadata(owner: RouseFunction, name: string): EndpointSlice['metadata'] {
  const { namespace } = owner.metadata;
  return {
    name,
    ...(namespace !== undefined && { namespace }),
    labels: { [labels.function]: owner.metadata.name, [labels.managedBy]: managedByRouse },
    ownerReferences: [buildFunctionOwner(owner)],
  };
}

function isHttp(port: { name?: string }): boolean {
  return port.name === undefined || port.name === '' || port.name === portNames.http;
}

function readyAddresses(slice: EndpointSlice): string[] {
  // Kubernetes writes null, not an empty list, where no pod has an address yet.
  const ready = (slice.endpoints ?? []).filter((one) => one.conditions?.ready !== false);
  return ready.flatMap((one) => one.addresses);
}
