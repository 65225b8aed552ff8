// Requests for custom resources and for subresources; kubernetes-answers.jsonl holds what Kubernetes answered.

import { custom, other, thing, things, get, create, patch, two } from './case-parts.ts';
import type { Case } from './case-parts.ts';

export const customCases: readonly Case[] = [
  {
    name: 'status is tracked apart',
    steps: [
      things(thing('s', { replicas: 1 }, { status: { phase: 'no' } })),
      things(thing('s', undefined, { status: { phase: 'Up' } }), two, '/status'),
      things(
        thing('s', { replicas: 2 }, { status: { phase: 'Down' } }),
        'fieldManager=three',
        '/status',
      ),
      patch(`${custom}/s/status?fieldManager=up`, 'merge', {
        status: { replicas: 3 },
        spec: { replicas: 9 },
      }),
      things(thing('s', undefined, { status: {} }), two, '/status'),
      things(thing('nothing', undefined, { status: {} }), two, '/status'),
      get(`${custom}/s`),
    ],
  },
  {
    name: 'a custom resource: sets, keyed lists, atomic and free parts',
    steps: [
      things(
        thing('t', {
          tags: ['a', 'b'],
          args: ['x', 'y'],
          rules: [
            { name: 'r', weight: 1 },
            { name: 'r', zone: 'eu', matches: ['m'] },
          ],
          labels: { l: '1' },
          whole: { a: '1' },
          free: { x: { y: [{ z: 1 }] }, e: {} },
          nested: { a: '1' },
          port: 80,
          template: {
            apiVersion: 'v1',
            kind: 'X',
            metadata: { name: 'n', labels: { a: 'b' } },
            other: { k: 1 },
          },
        }),
      ),
      things(
        thing('t', {
          tags: ['b', 'c'],
          rules: [{ name: 'q' }, { name: 'r', zone: 'eu', matches: ['n'] }],
          nested: { b: '1' },
          free: { w: 1 },
        }),
        two,
      ),
      things(
        thing('t', {
          tags: ['b', 'c'],
          rules: [{ name: 'q' }, { name: 'r', zone: 'eu' }],
          nested: { b: '1' },
          whole: { b: '1' },
          port: 'http',
        }),
        two,
      ),
      things(
        thing('t', {
          tags: ['b', 'c'],
          rules: [{ name: 'q' }, { name: 'r', zone: 'eu' }],
          whole: { b: '1' },
        }),
        `${two}&force=true`,
      ),
      things(thing('t', { tags: ['c', 'd'], rules: [{ name: 'p' }, { name: 'q' }] })),
      things(thing('t', {}), two),
      things(thing('t', { rules: [] })),
      things(thing('t')),
    ],
  },
  {
    name: 'a custom resource created, replaced and patched',
    steps: [
      create(custom, thing('u', { replicas: 1, labels: {}, nested: { a: '1' } })),
      patch(`${custom}/u?fieldManager=p`, 'merge', {
        spec: { nested: { a: null, b: '2' }, tags: [] },
      }),
      patch(`${custom}/u/scale?fieldManager=hpa`, 'merge', { spec: { replicas: 4 } }),
      things(thing('u', { replicas: 2 })),
      {
        method: 'PATCH',
        path: `${other}/u?fieldManager=vtwo`,
        type: 'apply',
        body: {
          ...thing('u', { mode: 'manual', tags: ['v2'] }),
          apiVersion: 'apply.rouse.test/v2',
        },
      },
      {
        method: 'PATCH',
        path: `${other}/u?fieldManager=vtwo&force=true`,
        type: 'apply',
        body: {
          ...thing('u', { mode: 'manual', tags: ['v2'] }),
          apiVersion: 'apply.rouse.test/v2',
        },
      },
      things(thing('u', { tags: ['v2'] }), 'fieldManager=vtwo'),
      things(thing('u', { unknown: 1 })),
      things(thing('u', { tags: ['a', 'a'] })),
      things(thing('u', { replicas: 'x' })),
      things(thing('u', { rules: [{ weight: 1 }] })),
    ],
  },
];
