// Requests for built-in kinds; kubernetes-answers.jsonl holds what Kubernetes answered.

import {
  core,
  configMap,
  container,
  deployment,
  service,
  cm,
  deploy,
  svc,
  get,
  create,
  patch,
  two,
  maps,
  deployments,
  lastApplied,
} from './case-parts.ts';
import type { Case, Step } from './case-parts.ts';

export const builtinCases: readonly Case[] = [
  {
    name: 'an apply creates, says nothing new the second time, and removes what it no longer names',
    steps: [
      cm(configMap('a', { x: '1', y: '2' }, { labels: { l: 'm' } })),
      cm(configMap('a', { x: '1', y: '2' }, { labels: { l: 'm' } })),
      cm(configMap('a', { x: '3' })),
      cm(configMap('a')),
    ],
  },
  {
    name: 'two appliers: conflicts, shared fields and force',
    steps: [
      cm(configMap('b', { x: '1', y: '1' })),
      cm(configMap('b', { x: '1', z: '1' }), two),
      cm(configMap('b', { x: '2', y: '2' }), two),
      cm(configMap('b', { x: '2', z: '1' }), two),
      cm(configMap('b', { x: '2', z: '1' }), `${two}&force=true`),
      cm(configMap('b', { y: '1' })),
      cm(configMap('b', {}), two),
      get(`${maps}/b`),
    ],
  },
  {
    name: 'a shared field goes when its last owner drops it',
    steps: [
      cm(configMap('shared', { x: '1' })),
      cm(configMap('shared', { x: '1' }), two),
      cm(configMap('shared')),
      cm(configMap('shared'), two),
    ],
  },
  {
    name: 'create, put and patches track their writers',
    steps: [
      create(maps, configMap('c', { x: '1' }, { labels: { l: '1' }, annotations: { n: '1' } })),
      {
        method: 'PUT',
        path: `${maps}/c?fieldManager=putter`,
        body: configMap('c', { x: '2', q: '' }),
      },
      { ...patch(`${maps}/c`, 'merge', { data: { m: '1' } }), agent: 'curl/8.1 (x) y' },
      {
        ...patch(`${maps}/c`, 'json', [{ op: 'add', path: '/data/j', value: '1' }]),
        agent: 'a b/c',
      },
      patch(`${maps}/c?fieldManager=s`, 'strategic', { data: { s: '1', x: null } }),
      patch(`${maps}/c?fieldManager=s`, 'strategic', { data: { s: '1' } }),
      patch(`${maps}/c?fieldManager=s`, 'merge', { data: { s: '2', m: '2' } }),
      cm(configMap('c', { x: '1', s: '3', j: '2' })),
      cm(configMap('c', { x: '1', s: '3', j: '2' }), 'fieldManager=one&force=1'),
    ],
  },
  {
    name: 'options that an apply needs, and those that it refuses',
    steps: [
      cm(configMap('d', { x: '1' }), 'force=true'),
      cm(configMap('d', { x: '1' }), `fieldManager=${'x'.repeat(129)}`),
      cm(configMap('d', { x: '1' }), 'fieldManager=a%0Ab'),
      create(maps, configMap('d', { x: '1' }), 'fieldManager=a%0Ab'),
      cm(configMap('d', { x: '1' }, { managedFields: [] })),
      cm(configMap('d', { x: '1' }, { resourceVersion: '5' })),
      cm(configMap('d', { x: '1' }, { uid: 'abc' })),
      cm({ ...configMap('d', { x: '1' }), kind: 'Secret' }),
      cm({ ...configMap('d', { x: '1' }), apiVersion: 'apps/v1' }),
      { ...cm(configMap('d')), body: { metadata: { name: 'd' } } },
      { ...cm(configMap('d')), body: { apiVersion: 'v1', kind: 'ConfigMap' } },
      { ...cm(configMap('d')), body: configMap('other') },
      { ...cm(configMap('d')), body: configMap('d', {}, { namespace: 'other' }) },
      { ...patch(`${maps}/d?force=true`, 'merge', { data: { a: 'b' } }) },
      cm(configMap('d', { x: '1' }), 'fieldManager=one&dryRun=All'),
      cm(configMap('d', { x: '1' }, { resourceVersion: '5' })),
      cm({ ...configMap('d2', { x: '1' }), nope: 1 }),
      cm(configMap('d2', { x: 5 })),
      cm(configMap('d2', { x: { z: 1 } })),
      patch(`${maps}/d`, 'merge', { metadata: { uid: 'abc' } }),
      cm({ ...configMap('d2', { x: '1' }), nope: 1 }, 'fieldManager=one&fieldValidation=Ignore'),
      cm({ ...configMap('d2', { x: '1' }), data: [] }),
      { ...cm(configMap('d')), body: undefined },
    ],
  },
  {
    name: 'managedFields can be cleared, replaced, and not by null',
    steps: [
      cm(configMap('e', { x: '1' })),
      patch(`${maps}/e?fieldManager=m`, 'merge', { metadata: { managedFields: null } }),
      patch(`${maps}/e?fieldManager=m`, 'merge', { metadata: { managedFields: [{}] } }),
      patch(`${maps}/e?fieldManager=m`, 'merge', { data: { y: '1' } }),
      cm(configMap('e', { x: '2' })),
      cm(configMap('e', { x: '2' }), 'fieldManager=one&force=true'),
      patch(`${maps}/e?fieldManager=m`, 'json', [
        { op: 'replace', path: '/metadata/managedFields/0/manager', value: 'renamed' },
      ]),
      patch(`${maps}/e?fieldManager=m`, 'json', [
        { op: 'remove', path: '/metadata/managedFields/1' },
      ]),
      patch(`${maps}/e?fieldManager=m`, 'merge', {
        metadata: { managedFields: [{ manager: 'x' }] },
      }),
      patch(`${maps}/e?fieldManager=m`, 'merge', { metadata: { managedFields: [] } }),
      cm(configMap('e', { x: '2' }), two),
    ],
  },
  {
    name: 'more than ten updaters fold their oldest together',
    steps: [
      create(maps, configMap('cap', { k0: '1' }), 'fieldManager=m00'),
      ...Array.from({ length: 12 }, (_, at): Step =>
        patch(`${maps}/cap?fieldManager=m${String(at + 1).padStart(2, '0')}`, 'merge', {
          data: { [`k${at + 1}`]: '1' },
        }),
      ),
    ],
  },
  {
    name: 'kubectl takes over what its client-side apply wrote',
    steps: [
      create(
        maps,
        configMap(
          'k',
          { x: '1', y: '1' },
          {
            annotations: {
              [lastApplied]: `${JSON.stringify(configMap('k', { x: '1', y: '1' }))}\n`,
            },
          },
        ),
        'fieldManager=kubectl-client-side-apply',
      ),
      cm(configMap('k', { x: '2', y: '1' }), 'fieldManager=mine'),
      cm(configMap('k', { x: '2', y: '1' }), 'fieldManager=kubectl'),
      patch(`${maps}/k?fieldManager=edit`, 'merge', { data: { y: '9' } }),
      cm(configMap('k', { x: '3', y: '1' }), 'fieldManager=kubectl'),
      cm(configMap('k', { x: '3', y: '1' }), 'fieldManager=kubectl&force=true'),
    ],
  },
  {
    name: 'a Deployment: what is always there, containers, env and ports',
    steps: [
      create(
        deployments,
        deployment(
          'f',
          [
            container({
              env: [
                { name: 'A', value: '1' },
                { name: 'E', value: '' },
                { name: 'M', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
              ],
              ports: [{ containerPort: 80 }, { containerPort: 53, protocol: 'UDP', name: 'dns' }],
              resources: { limits: { cpu: '1' }, requests: { cpu: '500m' } },
              livenessProbe: { httpGet: { path: '/', port: 80 } },
              args: ['a'],
              volumeMounts: [{ name: 'v', mountPath: '/v' }],
            }),
          ],
          {
            template: undefined,
          },
        ),
      ),
      create(
        deployments,
        deployment(
          'f',
          [
            container({
              env: [
                { name: 'A', value: '1' },
                { name: 'E', value: '' },
                { name: 'M', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
              ],
              ports: [{ containerPort: 80 }, { containerPort: 53, protocol: 'UDP', name: 'dns' }],
              resources: { limits: { cpu: '1' }, requests: { cpu: '500m' } },
              livenessProbe: { httpGet: { path: '/', port: 80 } },
              args: ['a'],
            }),
          ],
          { minReadySeconds: 0, paused: false },
        ),
      ),
      deploy(deployment('f', [container({ image: 'b:1', ports: [{ containerPort: 80 }] })])),
      deploy(
        deployment('f', [
          container({ image: 'b:1', ports: [{ containerPort: 80, protocol: 'TCP' }] }),
        ]),
        'fieldManager=one&force=true',
      ),
      deploy(
        deployment(
          'f',
          [
            container({ image: 'b:1', env: [{ name: 'B', value: '2' }] }),
            { name: 'side', image: 's:1' },
          ],
          {
            minReadySeconds: 0,
          },
        ),
      ),
      deploy(deployment('f', [container({ image: 'b:1' })])),
      patch(`${deployments}/f?fieldManager=s`, 'strategic', {
        spec: { template: { spec: { containers: [{ name: 'web', image: 'c:1' }] } } },
      }),
      deploy(deployment('f', [container({ image: 'd:1' })])),
      deploy(deployment('f', [container({ image: 'd:1' }), container({ image: 'd:2' })])),
      deploy(deployment('f', [container({ imag: 'd:1' })])),
      deploy(deployment('f', [{ image: 'd:1' }])),
      { method: 'DELETE', path: `${deployments}/f` },
    ],
  },
  {
    name: 'the scale of a Deployment has owners of its own',
    steps: [
      deploy(deployment('g', [container()], { replicas: 0 })),
      patch(`${deployments}/g/scale?fieldManager=hpa`, 'merge', { spec: { replicas: 1 } }),
      patch(`${deployments}/g/scale?fieldManager=hpa`, 'merge', { spec: { replicas: 1 } }),
      deploy(deployment('g', [container()], { replicas: 2 })),
      deploy(deployment('g', [container()], { replicas: 0 }), 'fieldManager=one&force=true'),
      {
        method: 'PATCH',
        path: `${deployments}/g/scale?fieldManager=scaler`,
        type: 'apply',
        body: {
          apiVersion: 'autoscaling/v1',
          kind: 'Scale',
          metadata: { name: 'g' },
          spec: { replicas: 1 },
        },
      },
      {
        method: 'PATCH',
        path: `${deployments}/g/scale?fieldManager=scaler&force=true`,
        type: 'apply',
        body: {
          apiVersion: 'autoscaling/v1',
          kind: 'Scale',
          metadata: { name: 'g' },
          spec: { replicas: 1 },
        },
      },
      get(`${deployments}/g`),
      { method: 'DELETE', path: `${deployments}/g` },
    ],
  },
  {
    name: 'a Service: ports by number and protocol, the selector as one piece',
    steps: [
      svc(service('h', [{ port: 80 }])),
      svc(
        service('h', [
          { port: 80, protocol: 'TCP' },
          { port: 80, protocol: 'UDP', name: 'u' },
        ]),
      ),
      svc(
        service('h', [
          { port: 80, name: 't' },
          { port: 80, protocol: 'UDP', name: 'u' },
        ]),
      ),
      svc(service('h', [{ port: 443, name: 's' }], { selector: { app: 'b' } }), two),
      svc(service('h', [{ port: 443, name: 's' }], { selector: { app: 'a' } }), two),
      svc(service('h', [{ port: 80, name: 't' }])),
      create(
        `${core}/services`,
        service('h2', [{ port: 1, targetPort: 'x' }], { sessionAffinity: 'None' }),
      ),
      get(`${core}/services/h`),
    ],
  },
  {
    name: 'metadata: finalizers, owners and annotations',
    steps: [
      cm(
        configMap('m', undefined, {
          finalizers: ['a.io/x'],
          annotations: { a: '1' },
          ownerReferences: [
            { apiVersion: 'owners.rouse.test/v1', kind: 'Owner', name: 'p', uid: 'u-1' },
          ],
        }),
      ),
      cm(
        configMap('m', undefined, {
          finalizers: ['b.io/x'],
          ownerReferences: [
            {
              apiVersion: 'owners.rouse.test/v1',
              kind: 'Owner',
              name: 'p',
              uid: 'u-1',
              controller: true,
            },
          ],
        }),
        two,
      ),
      cm(configMap('m')),
      cm(configMap('m'), two),
    ],
  },
  {
    name: 'what an applier emptied goes, and zeros that it names are owned',
    steps: [
      deploy(
        {
          ...deployment('z', [container({ args: ['a'], env: [{ name: 'A', value: '1' }] })]),
          metadata: { name: 'z', annotations: { a: '1' }, labels: { l: '1' } },
        },
        'fieldManager=kubectl',
      ),
      deploy(
        deployment('z', [container({ args: [], env: [{ name: 'A', value: '' }] })], {
          minReadySeconds: 0,
        }),
        'fieldManager=kubectl',
      ),
      deploy(deployment('z', [container({ args: [] })], { minReadySeconds: 0 }), two),
      deploy(
        deployment('z', [container({ args: ['b'] })], { minReadySeconds: 1 }),
        'fieldManager=three',
      ),
      { method: 'DELETE', path: `${deployments}/z` },
    ],
  },
];
