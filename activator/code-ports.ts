// What a claim sends: the Revision's prepared code, and the key that signs it.

import type { BundleCache } from './bundle-cache.ts';
import type { ControlKeys } from './control-keys.ts';
import type { PoolPorts } from './pool-claims.ts';

export function createCodePorts(
  bundles: BundleCache,
  keys: Pick<ControlKeys, 'current' | 'read'>,
): Pick<PoolPorts, 'findCode' | 'readCode'> {
  return {
    findCode: (namespace, revision) => {
      const privateKey = keys.current;
      const bundle = privateKey && bundles.find(namespace, revision);
      return bundle && { bundle, privateKey };
    },
    readCode: async (namespace, revision) => {
      const [bundle, privateKey] = await Promise.all([
        bundles.get(namespace, revision),
        keys.read(),
      ]);
      return { bundle, privateKey };
    },
  };
}
