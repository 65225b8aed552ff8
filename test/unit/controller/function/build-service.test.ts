// A Function's slices, made of the activators' own.

import { describe, expect, it } from '@jest/globals';
import type { RouseFunction } from '../../../../api/function.ts';
import type { EndpointSlice } from '../../../../api/kubernetes.ts';
import { buildEndpointSlices } from '../../../../controller/function/build-service.ts';

const owner = { metadata: { name: 'hello', namespace: 'default', uid: 'u' } } as RouseFunction;

function slice(endpoints: unknown, ports: unknown): EndpointSlice {
  return { addressType: 'IPv4', endpoints, ports } as EndpointSlice;
}

describe('buildEndpointSlices', () => {
  it('makes none while the activators have no address, which Kubernetes writes as null', () => {
    expect(buildEndpointSlices(owner, [slice(null, null)])).toEqual([]);
  });

  it('takes the addresses of all slices of one type, beside one that is empty', () => {
    const ports = [{ name: 'http', port: 8080 }];
    const made = buildEndpointSlices(owner, [
      slice(null, null),
      slice([{ addresses: ['10.0.0.2'] }, { addresses: ['10.0.0.1'] }], ports),
    ]);
    expect(made.map((one) => one.endpoints.map((endpoint) => endpoint.addresses))).toEqual([
      [['10.0.0.1'], ['10.0.0.2']],
    ]);
    expect(made[0]?.ports).toEqual([{ name: 'http', port: 8080, protocol: 'TCP' }]);
  });
});
