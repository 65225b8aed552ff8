// Which Functions a parked pod may serve.

import { describe, expect, it } from '@jest/globals';
import { derivePoolable, type PoolableSpec } from '../../../api/derive-poolable.ts';

const plain: PoolableSpec = { runtime: 'node', timeoutSeconds: 60 };

describe('derivePoolable', () => {
  it.each<[string, Partial<PoolableSpec>]>([
    ['that says nothing', {}],
    ['that says so', { pool: true }],
    [
      'with plain environment',
      {
        env: [
          { name: 'A', value: 'b' },
          { name: 'NODE_ENV', value: 'test' },
        ],
      },
    ],
    ['with an empty podTemplate', { podTemplate: {} }],
    [
      'with labels and annotations',
      { podTemplate: { labels: { a: 'b' }, annotations: { c: 'd' } } },
    ],
    ['with requests', { resources: { requests: { cpu: '1', memory: '1Gi' } } }],
    ['with one limit', { resources: { limits: { memory: '1Gi' } } }],
    [
      'with limits above its requests',
      { resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } } },
    ],
  ])('takes a Function %s', (_, more) => {
    expect(derivePoolable({ ...plain, ...more })).toEqual({ isPoolable: true });
  });

  it.each<[string, Partial<PoolableSpec>, RegExp]>([
    ['that wants none of it', { pool: false }, /spec\.pool is false/],
    ['that is slow', { timeoutSeconds: 61 }, /timeoutSeconds is above 60/],
    ['with a service account', { podTemplate: { serviceAccountName: 'me' } }, /serviceAccountName/],
    ['with volumes', { podTemplate: { volumes: [] } }, /podTemplate\.volumes/],
    ['with a Secret', { env: [{ name: 'A', valueFrom: {} }] }, /A takes its value from elsewhere/],
    ['with a reference', { env: [{ name: 'A', value: 'x-$(B)' }] }, /A refers to other variables/],
    ['with NODE_OPTIONS', { env: [{ name: 'NODE_OPTIONS', value: '' }] }, /NODE_OPTIONS is read/],
    ['with a GPU', { resources: { limits: { 'example.com/gpu': 1 } } }, /names example\.com\/gpu/],
    [
      'whose limits are its requests',
      { resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1' } } },
      /Guaranteed/,
    ],
  ])('leaves out one %s', (_, more, reason) => {
    expect(derivePoolable({ ...plain, ...more })).toEqual({
      isPoolable: false,
      reason: expect.stringMatching(reason),
    });
  });

  it('leaves out an image', () => {
    expect(derivePoolable({ image: 'example.com/app:1', timeoutSeconds: 1 })).toMatchObject({
      isPoolable: false,
    });
  });
});
