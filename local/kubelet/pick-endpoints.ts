// Where a connection to a Service may go.

import type { EndpointSlice, Service } from '../../api/kubernetes.ts';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** The ready ones; when there is none, those that end but still serve, as Kubernetes' own proxy has it. */
export function pickEndpoints(slices: readonly EndpointSlice[], portName: string): Endpoint[] {
  const ready: Endpoint[] = [];
  const ending: Endpoint[] = [];
  for (const slice of slices) {
    const port = slice.ports?.find((one) => (one.name ?? '') === portName)?.port;
    if (port === undefined) continue;
    for (const { addresses, conditions = {} } of slice.endpoints ?? []) {
      const host = addresses[0];
      if (host === undefined) continue;
      if (conditions.ready !== false) ready.push({ host, port });
      else if (conditions.serving === true) ending.push({ host, port });
    }
  }
  return ready.length > 0 ? ready : ending;
}

export interface ServicePort {
  /** Empty when the port has no name. */
  readonly name: string;
  readonly number: number;
  /** 0: none; then any port of this machine will do. */
  readonly nodePort: number;
}

/** The ports of a Service that has an address of its own. Headless ones are found by their endpoints. */
export function pickServicePorts({ metadata, spec }: Service): ServicePort[] {
  const isApiServer = metadata.namespace === 'default' && metadata.name === 'kubernetes';
  if (spec.type === 'ExternalName' || spec.clusterIP === 'None' || isApiServer) return [];
  return (spec.ports ?? [])
    .filter((one) => (one.protocol ?? 'TCP') === 'TCP')
    .map((one) => ({
      name: one.name ?? '',
      number: one.port,
      nodePort: one.nodePort ?? 0,
    }));
}
