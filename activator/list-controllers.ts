// Where the controllers listen for samples, by the EndpointSlices of their Service.

import type { EndpointSlice } from '../api/kubernetes.ts';

/** Base addresses, one per endpoint that isn't known to be unready. */
export function listControllers(slices: readonly EndpointSlice[]): string[] {
  const bases: string[] = [];
  for (const slice of slices) {
    const port = slice.ports?.[0]?.port;
    if (port === undefined) continue;
    for (const endpoint of slice.endpoints ?? []) {
      const address = endpoint.addresses[0];
      if (address === undefined || endpoint.conditions?.ready === false) continue;
      bases.push(`http://${slice.addressType === 'IPv6' ? `[${address}]` : address}:${port}`);
    }
  }
  return bases;
}
