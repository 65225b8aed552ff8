// The EndpointSlices by which the platform's parts find each other on the local cluster.

import type { EndpointSlice } from '../api/kubernetes.ts';
import { system } from '../api/names.ts';

export interface Part {
  /** A Service's name, for example rouse-activator. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** Where `npm start` itself runs them; those of the chart have their own. */
export const partSliceNames: readonly string[] = [
  `${system.activatorService}-local`,
  `${system.controllerService}-local`,
];

/**
 * On a real cluster Kubernetes writes it from the chart's Service and the parts' pods. There is no Service here: the
 * chart brings it, and Helm takes no object that is there already.
 */
export function buildPartSlice(part: Part): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${part.name}-local`,
      namespace: system.namespaceDefault,
      labels: { 'kubernetes.io/service-name': part.name },
    },
    addressType: 'IPv4',
    endpoints: [{ addresses: [part.host], conditions: { ready: true, serving: true } }],
    ports: [{ name: 'http', port: part.port, protocol: 'TCP' }],
  };
}
