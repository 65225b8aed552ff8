// This project's own kinds on both servers: what a bad Function or Revision is told, word by word.

import { functionCrd } from '../../../../api/function-crd.ts';
import { revisionCrd } from '../../../../api/revision-crd.ts';
import { conformanceCase } from '../conformance-case.ts';
import type { CaseApi, ConformanceArea } from '../conformance-case.ts';

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
type JsonMap = Record<string, unknown>;

/** Our definition in a group of the case's own: the real one may belong to an installed chart. */
async function withKind(
  api: CaseApi,
  crd: typeof functionCrd,
  run: (
    send: (label: string, spec: unknown, metadata?: JsonMap) => Promise<void>,
    path: string,
  ) => Promise<void>,
): Promise<void> {
  const group = `${api.ns}.example.com`;
  const { plural, kind } = crd.spec.names;
  const body = { ...crd, metadata: { name: `${plural}.${group}` }, spec: { ...crd.spec, group } };
  const version = crd.spec.versions[0]?.name ?? '';
  const made = await api.quietly('POST', definitions, { body });
  if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  const definition = `${definitions}/${plural}.${group}`;
  const path = `/apis/${group}/${version}/namespaces/${api.ns}/${plural}`;
  try {
    await api.until(path, (reply) => reply.status === 200);
    const apiVersion = `${group}/${version}`;
    const send = async (label: string, spec: unknown, metadata: JsonMap = {}) => {
      const object = { apiVersion, kind, metadata: { name: 'bad', ...metadata }, spec };
      await api.post(`${path}?dryRun=All`, object, { label });
    };
    await run(send, path);
  } finally {
    await api.quietly('DELETE', definition);
  }
}

const good = { runtime: 'node', source: { inline: 'export const handler = 1;' } };

export const functions: ConformanceArea = {
  name: 'functions',
  cases: [
    conformanceCase('refuses bad Functions', (api) =>
      withKind(api, functionCrd, async (send) => {
        await send('nothing', {});
        await send('no spec', undefined);
        await send('a list', []);
        await send('good', good);
        await send('an image', { image: 'nginx' });
        await send('runtime and image', { ...good, image: 'nginx' });
        await send('no source', { runtime: 'node' });
        await send('two sources', {
          runtime: 'node',
          source: { inline: 'x', configMap: { name: 'y' } },
        });
        await send('an empty source', { runtime: 'node', source: {} });
        await send('a source with an image', { image: 'nginx', source: { inline: 'x' } });
        await send('a handler with an image', { image: 'nginx', handler: 'x.y' });
        await send('an unknown runtime', { ...good, runtime: 'cobol' });
        await send('an unknown field', { ...good, timeoutSecond: 5 });
        await send('timeout 0', { ...good, timeoutSeconds: 0 });
        await send('timeout as text', { ...good, timeoutSeconds: '5' });
        await send('a long timeout', { ...good, timeoutSeconds: 1_000_000 });
        await send('a signature', { ...good, signature: 'nonsense' });
        await send('concurrency as text', { ...good, concurrency: { target: 'many' } });
        await send('negative concurrency', { ...good, concurrency: { target: -1, limit: -1 } });
        await send('a target over its limit', { ...good, concurrency: { target: 10, limit: 5 } });
        await send('min above max', { ...good, scaling: { minReplicas: 3, maxReplicas: 2 } });
        await send('negative scaling', { ...good, scaling: { minReplicas: -1, maxReplicas: 0 } });
        await send('scaling as a list', { ...good, scaling: [] });
        await send('percents that do not add up', {
          ...good,
          traffic: [{ revision: 'a', percent: 50 }],
        });
        await send('a revision twice', {
          ...good,
          traffic: [
            { revision: 'a', percent: 50 },
            { revision: 'a', percent: 50 },
          ],
        });
        await send('percent 200', { ...good, traffic: [{ revision: 'a', percent: 200 }] });
        await send('no traffic', { ...good, traffic: [] });
        await send('env without a name', { ...good, env: [{ value: 'x' }] });
        await send('env twice', {
          ...good,
          env: [
            { name: 'A', value: 'x' },
            { name: 'A', value: 'y' },
          ],
        });
        await send('a bad env name', { ...good, env: [{ name: '1 A', value: 'x' }] });
        await send('env as a map', { ...good, env: { A: 'x' } });
        await send('bad resources', { ...good, resources: { requests: { cpu: 'lots' } } });
        await send('requests above limits', {
          ...good,
          resources: { requests: { cpu: '2' }, limits: { cpu: '1' } },
        });
        await send('a long name', good, { name: 'n'.repeat(60) });
        await send('a name with a dot', good, { name: 'not.one' });
        await send('a name with a digit in front', good, { name: '1st' });
        await send('an illegal name', good, { name: 'Not_A_Name' });
        await send('a ConfigMap without a name', { runtime: 'node', source: { configMap: {} } });
        await send('an image that is none', { image: 'not an image' });
        await send('an empty image', { image: '' });
        await send('a long inline source', {
          runtime: 'node',
          source: { inline: 'x'.repeat(1_500_000) },
        });
        await send('many mistakes', {
          runtime: 'cobol',
          image: 'nginx',
          timeoutSeconds: -1,
          scaling: { minReplicas: 9, maxReplicas: 1 },
          extra: 1,
        });
      }),
    ),
    conformanceCase('changes Functions', (api) =>
      withKind(api, functionCrd, async (_send, path) => {
        const group = `${api.ns}.example.com`;
        const version = functionCrd.spec.versions[0]?.name ?? '';
        await api.post(path, {
          apiVersion: `${group}/${version}`,
          kind: 'Function',
          metadata: { name: 'one' },
          spec: good,
        });
        await api.patch(`${path}/one`, 'merge', {
          spec: { runtime: null, source: null, image: 'nginx' },
        });
        await api.patch(`${path}/one`, 'merge', { spec: { image: null } });
        await api.patch(`${path}/one`, 'merge', {
          spec: { scaling: { minReplicas: 5, maxReplicas: 1 } },
        });
        await api.patch(`${path}/one/status`, 'merge', {
          status: { url: 'http://x', conditions: [] },
        });
        await api.patch(`${path}/one/status`, 'merge', {
          status: { conditions: [{ type: 'Ready' }] },
        });
        await api.get(path, {
          headers: { Accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
        });
        await api.get(`${path}?fieldSelector=metadata.name%3Done`);
      }),
    ),
    conformanceCase('refuses bad Revisions', (api) =>
      withKind(api, revisionCrd, async (send, path) => {
        const revision = {
          functionName: 'bad',
          number: 1,
          runtime: 'node',
          files: { 'index.mjs': 'x' },
          codeDigest: 'c',
          templateDigest: 't',
        };
        await send('nothing', {});
        await send('good', revision);
        await send('no number', { ...revision, number: undefined });
        await send('number 0', { ...revision, number: 0 });
        await send('files as a list', { ...revision, files: ['x'] });
        await send('no files', { ...revision, files: {} });
        await send('an unknown field', { ...revision, filez: {} });
        await send('an empty function name', { ...revision, functionName: '' });
        await send('runtime and image', { ...revision, image: 'nginx' });
        const group = `${api.ns}.example.com`;
        const version = revisionCrd.spec.versions[0]?.name ?? '';
        await api.post(path, {
          apiVersion: `${group}/${version}`,
          kind: 'Revision',
          metadata: { name: 'one' },
          spec: revision,
        });
        await api.patch(`${path}/one`, 'merge', { spec: { number: 2 } });
        await api.patch(`${path}/one`, 'merge', { spec: { files: { 'index.mjs': 'y' } } });
        await api.patch(`${path}/one`, 'merge', { metadata: { labels: { a: 'b' } } });
      }),
    ),
  ],
};
