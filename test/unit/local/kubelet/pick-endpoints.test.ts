// Which ports of a Service get a listener, where its connections go, and what containers are told of it.

import { describe, expect, it } from '@jest/globals';
import type { EndpointSlice, Service } from '../../../../api/kubernetes.ts';
import { buildClusterVariables } from '../../../../local/kubelet/build-cluster-variables.ts';
import { pickEndpoints, pickServicePorts } from '../../../../local/kubelet/pick-endpoints.ts';

const slice = (
  port: number,
  conditions: EndpointSlice['endpoints'][number]['conditions'],
): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: `s${port}` },
  addressType: 'IPv4',
  endpoints: [{ addresses: ['127.0.0.1'], ...(conditions && { conditions }) }],
  ports: [
    { name: 'metrics', port: port + 1 },
    { name: 'http', port },
  ],
});
const portsOf = (slices: EndpointSlice[], name = 'http') =>
  pickEndpoints(slices, name).map((one) => one.port);

describe('pickEndpoints', () => {
  it('takes the ready ones, by the name of the port', () => {
    const slices = [
      slice(1, { ready: true }),
      slice(3, { ready: false }),
      slice(5, undefined),
      slice(7, {}),
    ];
    expect(portsOf(slices)).toEqual([1, 5, 7]);
    expect(portsOf(slices, 'metrics')).toEqual([2, 6, 8]);
    expect(portsOf(slices, 'other')).toEqual([]);
  });

  it('takes those that end but still serve when none is ready', () => {
    const ending = slice(3, { ready: false, serving: true, terminating: true });
    expect(portsOf([slice(1, { ready: true }), ending])).toEqual([1]);
    expect(portsOf([slice(1, { ready: false, serving: false }), ending])).toEqual([3]);
  });
});

describe('pickServicePorts', () => {
  const ports = [
    { name: 'http', port: 80, nodePort: 30_080 },
    { name: 'dns', port: 53, protocol: 'UDP' },
    { port: 81 },
  ];
  const pick = (spec: Service['spec'], name = 'hello') =>
    pickServicePorts({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'default' },
      spec: { ports, ...spec },
    });

  it('takes the TCP ports of a Service with an address', () => {
    expect(pick({ type: 'NodePort' })).toEqual([
      { name: 'http', number: 80, nodePort: 30_080 },
      { name: '', number: 81, nodePort: 0 },
    ]);
  });

  it('takes none of a headless one, an alias, and the API server itself', () => {
    expect(pick({ clusterIP: 'None' })).toEqual([]);
    expect(pick({ type: 'ExternalName' })).toEqual([]);
    expect(pick({}, 'kubernetes')).toEqual([]);
  });
});

describe('buildClusterVariables', () => {
  it('names host and port as Kubernetes does, the first port twice', () => {
    const address = { service: 'rouse-activator', host: '127.0.0.1' };
    const variables = buildClusterVariables({
      apiUrl: 'https://127.0.0.1:6444',
      services: [
        { ...address, portName: 'http', number: 80, port: 30_080 },
        { ...address, portName: 'x-y', number: 81, port: 40_000 },
      ],
    });
    expect(variables).toEqual({
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: '6444',
      KUBERNETES_SERVICE_PORT_HTTPS: '6444',
      ROUSE_ACTIVATOR_SERVICE_HOST: '127.0.0.1',
      ROUSE_ACTIVATOR_SERVICE_PORT: '30080',
      ROUSE_ACTIVATOR_SERVICE_PORT_HTTP: '30080',
      ROUSE_ACTIVATOR_SERVICE_PORT_X_Y: '40000',
    });
  });

  it('says nothing of an API server that is not on the network', () => {
    expect(buildClusterVariables({ apiUrl: undefined, services: [] })).toEqual({});
    const six = buildClusterVariables({ apiUrl: 'https://[::1]:6444', services: [] });
    expect(six['KUBERNETES_SERVICE_HOST']).toBe('::1');
  });
});
