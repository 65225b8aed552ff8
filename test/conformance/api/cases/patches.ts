// Patches of each type: what they do, what they refuse, and how built-in lists merge.

import { conformanceCase, objectIn } from '../conformance-case.ts';
import type { CaseApi, ConformanceArea } from '../conformance-case.ts';
import { buildConfigMap, buildDeployment, buildGatedPod } from './build-objects.ts';

const podSpec = {
  containers: [
    {
      name: 'main',
      image: 'registry.k8s.io/pause:3.10.2',
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
      ],
      ports: [{ containerPort: 80 }, { containerPort: 81, name: 'more' }],
    },
    { name: 'side', image: 'registry.k8s.io/pause:3.10.2' },
  ],
  tolerations: [{ key: 'a', operator: 'Exists' }],
};

/** A paused Deployment: no controller writes to it but its status. */
const paused = (name: string): object =>
  buildDeployment(name, {
    paused: true,
    template: { metadata: { labels: { app: name } }, spec: podSpec },
  });

async function patchEach(api: CaseApi, path: string, type: string, patches: unknown[]) {
  for (const one of patches) await api.patch(path, type, one);
}

export const patches: ConformanceArea = {
  name: 'patches',
  cases: [
    conformanceCase('applies the operations of a JSON patch', async (api) => {
      const path = `${api.core}/configmaps`;
      await api.post(path, buildConfigMap('one', { data: { a: '1', b: '2' } }));
      await patchEach(api, `${path}/one`, 'json', [
        [{ op: 'add', path: '/data/c', value: '3' }],
        [{ op: 'replace', path: '/data/a', value: '9' }],
        [{ op: 'remove', path: '/data/b' }],
        [{ op: 'copy', from: '/data/a', path: '/data/d' }],
        [{ op: 'move', from: '/data/d', path: '/data/e' }],
        [{ op: 'test', path: '/data/a', value: '9' }],
        [{ op: 'add', path: '/metadata/labels', value: { 'a/b': 'c' } }],
        [{ op: 'replace', path: '/metadata/labels/a~1b', value: 'd' }],
        [],
      ]);
    }),
    conformanceCase('refuses a JSON patch that fails', async (api) => {
      const path = `${api.core}/configmaps`;
      await api.post(path, buildConfigMap('one'));
      await patchEach(api, `${path}/one`, 'json', [
        [{ op: 'test', path: '/data/a', value: '2' }],
        [{ op: 'remove', path: '/data/absent' }],
        [{ op: 'replace', path: '/data/absent', value: '1' }],
        [{ op: 'add', path: '/absent/deep', value: '1' }],
        [{ op: 'nonsense', path: '/data/a' }],
        [{ op: 'add', path: 'data/a', value: '1' }],
        [{ op: 'add', value: '1' }],
        { op: 'add', path: '/data/a', value: '1' },
        'not json',
        [{ op: 'replace', path: '', value: { kind: 'Secret' } }],
        [{ op: 'add', path: '/data/a', value: 5 }],
        [{ op: 'replace', path: '/metadata/name', value: 'two' }],
      ]);
      await api.get(`${path}/one`);
    }),
    conformanceCase('merges with a merge patch', async (api) => {
      const path = `${api.core}/configmaps`;
      await api.post(path, buildConfigMap('one', { data: { a: '1', b: '2' } }));
      await patchEach(api, `${path}/one`, 'merge', [
        { data: { a: null, c: '3' } },
        { metadata: { labels: { x: 'y' }, annotations: { z: 'w' } } },
        { metadata: { labels: null } },
        { data: null },
        {},
        { metadata: { resourceVersion: '1' }, data: { late: '1' } },
        { data: { a: 1 } },
        { unknown: 'field' },
        [1],
        'not json',
        'null',
        '',
      ]);
      await api.patch(`${path}/absent`, 'merge', { data: {} });
    }),
    conformanceCase(
      'merges lists of a built-in kind by their keys',
      async (api) => {
        const path = `${api.apps}/deployments`;
        await api.post(path, paused('one'));
        const containers = (list: unknown[], more: object = {}) => ({
          spec: { template: { spec: { containers: list, ...more } } },
        });
        const env = (list: unknown[], more: object = {}) =>
          containers([{ name: 'main', env: list, ...more }]);
        await patchEach(api, `${path}/one`, 'strategic', [
          containers([{ name: 'side', image: 'registry.k8s.io/pause:other' }]),
          containers([{ name: 'third', image: 'registry.k8s.io/pause:3.10.2' }]),
          containers([{ name: 'third', $patch: 'delete' }]),
          env([
            { name: 'B', value: 'changed' },
            { name: 'C', value: '3' },
          ]),
          env([{ name: 'A', $patch: 'delete' }]),
          env([{ name: 'D', value: '4' }], {
            '$setElementOrder/env': [{ name: 'D' }, { name: 'C' }, { name: 'B' }],
          }),
          containers([{ name: 'main', ports: [{ containerPort: 81, $patch: 'delete' }] }]),
          containers([], { '$setElementOrder/containers': [{ name: 'side' }, { name: 'main' }] }),
          containers([
            { $patch: 'replace' },
            { name: 'only', image: 'registry.k8s.io/pause:3.10.2' },
          ]),
          { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } },
          { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } },
          {
            spec: { template: { metadata: { labels: { $patch: 'replace', app: 'one', b: 'c' } } } },
          },
          { metadata: { '$deleteFromPrimitiveList/finalizers': ['example.com/none'] } },
          { metadata: { finalizers: ['example.com/one'] } },
          { metadata: { finalizers: ['example.com/two'] } },
          { metadata: { '$deleteFromPrimitiveList/finalizers': ['example.com/one'] } },
          { metadata: { finalizers: null } },
        ]);
      },
      { isOrdered: false, without: ['status'] },
    ),
    conformanceCase(
      'refuses a strategic merge patch that makes no sense',
      async (api) => {
        const path = `${api.apps}/deployments`;
        await api.post(path, paused('one'));
        await patchEach(api, `${path}/one`, 'strategic', [
          { spec: { template: { spec: { containers: [{ image: 'no-name' }] } } } },
          { spec: { template: { spec: { containers: { name: 'main' } } } } },
          { spec: { $patch: 'nonsense' } },
          { spec: { replicas: 'three' } },
          { spec: { template: { spec: { containers: [{ name: 'main', $patch: 'nonsense' }] } } } },
          'not json',
          [1],
          { spec: { template: { spec: { containers: null } } } },
        ]);
      },
      { isOrdered: false, without: ['status'] },
    ),
    conformanceCase('knows which patch types a resource takes', async (api) => {
      const path = `${api.core}/configmaps/one`;
      await api.post(`${api.core}/configmaps`, buildConfigMap('one'));
      await api.patch(path, 'application/json', { data: {} });
      await api.patch(path, 'text/plain', 'x');
      await api.patch(path, 'application/merge-patch+json; charset=utf-8', { data: { b: '1' } });
      await api.patch(path, '', { data: {} });
      await api.patch(path, 'application/nonsense', {});
    }),
    conformanceCase(
      'patches the status alone',
      async (api) => {
        const path = `${api.core}/pods`;
        await api.post(path, buildGatedPod('one'));
        await api.patch(`${path}/one/status`, 'merge', {
          status: { message: 'hello', reason: 'Because' },
          metadata: { labels: { kept: 'no' } },
        });
        await api.patch(`${path}/one/status`, 'strategic', {
          status: { conditions: [{ type: 'Own', status: 'True' }] },
        });
        await api.patch(`${path}/one/status`, 'strategic', {
          status: { conditions: [{ type: 'Own', status: 'False', reason: 'Later' }] },
        });
        await api.patch(`${path}/one`, 'merge', { status: { message: 'ignored' } });
        await api.get(`${path}/one/status`);
        await api.patch(`${path}/one`, 'merge', { spec: { nodeName: 'x' } });
      },
      { isOrdered: false },
    ),
    conformanceCase('does not write a patch that changes nothing', async (api) => {
      const path = `${api.core}/configmaps`;
      const made = objectIn(await api.post(path, buildConfigMap('one')));
      await api.patch(`${path}/one`, 'merge', { data: { a: '1' } });
      await api.put(`${path}/one`, made);
      await api.patch(`${path}/one`, 'json', [{ op: 'replace', path: '/data/a', value: '1' }]);
    }),
  ],
};
