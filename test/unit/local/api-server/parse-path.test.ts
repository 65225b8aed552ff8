// Paths name what they name on a real server.

import { describe, expect, it } from '@jest/globals';
import { parsePath } from '../../../../local/api-server/parse-path.ts';

describe('parsePath', () => {
  it('finds namespace, object and subresource', () => {
    expect(parsePath('/apis/apps/v1/namespaces/default/deployments/hello/scale')).toEqual({
      group: 'apps',
      version: 'v1',
      plural: 'deployments',
      namespace: 'default',
      name: 'hello',
      subresource: 'scale',
    });
  });

  it('tells a namespace from what is in it', () => {
    expect(parsePath('/api/v1/namespaces/a')).toMatchObject({ plural: 'namespaces', name: 'a' });
    expect(parsePath('/api/v1/namespaces/a/status')).toMatchObject({
      plural: 'namespaces',
      subresource: 'status',
    });
    expect(parsePath('/api/v1/namespaces/a/pods')).toMatchObject({
      plural: 'pods',
      namespace: 'a',
    });
  });

  it('decodes segments, but never into two', () => {
    expect(parsePath('/api/v1/nodes/a%3Ab')).toMatchObject({ name: 'a:b' });
    expect(parsePath('/api/v1/nodes/a%2Fb')).toBeUndefined();
    expect(parsePath('/api/v1/nodes/%zz')).toBeUndefined();
  });

  it.each(['/', '/api', '/apis/apps/v1', '/other/v1/pods', '/api/v1/pods/a/b/c', '/api//pods'])(
    'knows no resource at %s',
    (path) => {
      expect(parsePath(path)).toBeUndefined();
    },
  );
});
