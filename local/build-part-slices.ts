// The Services and EndpointSlices by which the platform's parts find each other on the local cluster.

import type { EndpointSlice, Service } from '../api/kubernetes.ts';
import { system } from '../api/names.ts';

export interface Part {
  /** A Service's name, for example rouse-activator. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** On a real cluster Kubernetes writes these from the chart's Services and the parts' pods. */
export function buildPartObjects(part: Part): { service: Service; slice: EndpointSlice } {
  const namespace = system.namespaceDefault;
  const ports = [{ name: 'http', port: part.port, protocol: 'TCP' }];
  return {
    service: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: part.name, namespace },
      spec: { type: 'ClusterIP', clusterIP: 'None', ports },
    },
    slice: {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: `${part.name}-local`,
        namespace,
        labels: { 'kubernetes.io/service-name': part.name },
      },
      addressType: 'IPv4',
      endpoints: [{ addresses: [part.host], conditions: { ready: true, serving: true } }],
      ports,
    },
  };
}
