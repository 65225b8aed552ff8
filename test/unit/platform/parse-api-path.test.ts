// What part of a path of the Kubernetes API is what.

import { describe, expect, it } from '@jest/globals';
import { parseApiPath } from '../../../platform/kube/parse-api-path.ts';

describe('parseApiPath', () => {
  it.each([
    ['/api/v1/pods', { plural: 'pods' }],
    ['/api/v1/namespaces', { plural: 'namespaces' }],
    ['/api/v1/namespaces/shop', { plural: 'namespaces', name: 'shop' }],
    ['/api/v1/namespaces/shop/pods', { plural: 'pods', namespace: 'shop' }],
    [
      '/apis/apps/v1/namespaces/shop/deployments/a/scale',
      {
        ...{ group: 'apps', plural: 'deployments', namespace: 'shop' },
        ...{ name: 'a', subresource: 'scale' },
      },
    ],
  ])('%s', (path, parts) => {
    expect(parseApiPath(path)).toEqual({
      ...{ group: '', namespace: undefined, name: undefined, subresource: undefined },
      ...parts,
    });
  });

  it('knows that /version and /apis name no resource', () => {
    expect([parseApiPath('/version'), parseApiPath('/apis')]).toEqual([undefined, undefined]);
  });
});
