// A real kubectl, of several versions, applies on the server side: conflicts, force, and the way there and back.

import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { kubectlOrSkip, startTestCluster } from './start-server.ts';
import type { TestCluster } from './start-server.ts';

const suite = kubectlOrSkip() === undefined ? describe.skip : describe;
let cluster: TestCluster;

interface Entry {
  manager: string;
  operation: string;
  subresource?: string;
  fieldsV1: Record<string, unknown>;
}
interface Found {
  metadata: {
    annotations?: Record<string, string>;
    managedFields?: Entry[];
    resourceVersion: string;
  };
  data?: Record<string, string>;
  spec?: { replicas?: number };
}

const map = (name: string, data: Record<string, string>): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
const deployment = (name: string, image: string, replicas?: number): string =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'web', image }] },
      },
    },
  });
const applyOnServer = (...more: string[]): string[] => [
  'apply',
  '--server-side',
  '-f',
  '-',
  ...more,
];

async function find(kind: string, name: string): Promise<Found> {
  const args = ['get', kind, name, '-o', 'json', '--show-managed-fields'];
  return JSON.parse(await cluster.output(args)) as Found;
}
const owners = (found: Found): string[] =>
  (found.metadata.managedFields ?? []).map((one) => `${one.manager} ${one.operation}`);

beforeAll(async () => {
  if (kubectlOrSkip() !== undefined) cluster = await startTestCluster({ freeze: true });
});
afterAll(() => cluster?.close());

suite('kubectl apply --server-side', () => {
  it('creates, changes, and writes nothing when nothing changes', async () => {
    const said = 'configmap/one serverside-applied\n';
    expect(await cluster.output(applyOnServer(), map('one', { a: '1', b: '1' }))).toBe(said);
    const { resourceVersion } = (await find('cm', 'one')).metadata;
    expect(await cluster.output(applyOnServer(), map('one', { a: '1', b: '1' }))).toBe(said);
    expect((await find('cm', 'one')).metadata.resourceVersion).toBe(resourceVersion);
    await cluster.output(applyOnServer(), map('one', { a: '2' }));
    expect((await find('cm', 'one')).data).toEqual({ a: '2' });
  });

  it('tells of a conflict as it does on a real cluster, and takes over when forced', async () => {
    await cluster.output(applyOnServer('--field-manager=other'), map('two', { a: '1' }));
    const refused = await cluster.kubectl(applyOnServer(), map('two', { a: '2' }));
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      'Apply failed with 1 conflict: conflict with "other": .data.a\n' +
        'Please review the fields above--they currently have other managers.',
    );
    await cluster.output(applyOnServer('--force-conflicts'), map('two', { a: '2' }));
    const found = await find('cm', 'two');
    expect(found.data).toEqual({ a: '2' });
    expect(owners(found)).toEqual(['kubectl Apply']);
  });

  it('shows a dry run, a diff and a refused field', async () => {
    const dry = await cluster.output(applyOnServer('--dry-run=server'), map('dry', { a: '1' }));
    expect(dry).toBe('configmap/dry serverside-applied (server dry run)\n');
    expect((await cluster.kubectl(['get', 'cm', 'dry'])).code).toBe(1);
    await cluster.output(applyOnServer(), map('dry', { a: '1' }));
    const diff = await cluster.kubectl(
      ['diff', '--server-side', '-f', '-'],
      map('dry', { a: '2' }),
    );
    expect(diff.stdout).toContain('+  a: "2"');
    const bad = deployment('bad', 'a:1').replace('"template"', '"templates"');
    const refused = await cluster.kubectl(applyOnServer(), bad);
    expect(refused.stderr).toContain('.spec.templates: field not declared in schema');
  });

  it('goes on from a client-side apply, and back', async () => {
    const client = ['apply', '-f', '-'];
    await cluster.output(client, deployment('moved', 'a:1', 2));
    expect(owners(await find('deploy', 'moved'))).toEqual(['kubectl-client-side-apply Update']);
    await cluster.output(applyOnServer(), deployment('moved', 'a:2', 2));
    const moved = await find('deploy', 'moved');
    // kubectl gives its annotation, which client-side apply needs, an owner of its own.
    expect(owners(moved).toSorted()).toEqual(['kubectl Apply', 'kubectl-last-applied Apply']);
    expect(JSON.stringify(moved.metadata.annotations)).toContain('a:2');
    // Replicas are left to whoever scales: the field stays, without an owner here.
    await cluster.output(['scale', 'deploy/moved', '--replicas=5']);
    await cluster.output(applyOnServer(), deployment('moved', 'a:3'));
    const scaled = await find('deploy', 'moved');
    expect(scaled.spec?.replicas).toBe(5);
    expect(scaled.metadata.managedFields?.map((one) => one.subresource)).toContain('scale');
    expect(await cluster.output(client, deployment('moved', 'a:4'))).toContain('configured');
  });
});

suite('kubectl', () => {
  it('hides the owners of fields unless it is asked for them', async () => {
    await cluster.output(['create', 'cm', 'seen', '--from-literal=a=b']);
    const plain = await cluster.output(['get', 'cm', 'seen', '-o', 'yaml']);
    expect(plain).not.toContain('managedFields');
    const whole = await cluster.output([
      'get',
      'cm',
      'seen',
      '-o',
      'yaml',
      '--show-managed-fields',
    ]);
    expect(whole).toContain('manager: kubectl-create');
    expect(whole).toContain('f:a: {}');
  });

  it('names each of its commands as an owner', async () => {
    await cluster.output(['create', 'deployment', 'named', '--image=a:1']);
    await cluster.output(['label', 'deploy', 'named', 'x=y']);
    await cluster.output(['set', 'image', 'deploy/named', 'a=b:1']);
    await cluster.output(['patch', 'deploy', 'named', '-p', '{"spec":{"paused":true}}']);
    const found = owners(await find('deploy', 'named'));
    for (const command of ['create', 'label', 'set', 'patch']) {
      expect(found).toContain(`kubectl-${command} Update`);
    }
  });
});

/** Other versions, where a machine has them beside the usual one: kubectl.1.27 and the like. */
const kubectls = (process.env['PATH'] ?? '')
  .split(delimiter)
  .filter((folder) => folder !== '' && existsSync(folder))
  .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
  .filter((program) => /\/kubectl\.1\.\d+$/.test(program));
if (kubectls.length === 0)
  process.stderr.write('no kubectl.1.NN on the PATH to try beside kubectl\n');

(kubectls.length > 0 ? suite : describe.skip)('every other kubectl on the PATH', () => {
  it.each(kubectls)('%s applies, conflicts and takes over', async (kubectl) => {
    const run = (input: string, ...args: string[]): Promise<string> =>
      new Promise((resolve, reject) => {
        const child = execFile(kubectl, args, { env: cluster.env }, (error, stdout, stderr) =>
          error === null ? resolve(stdout) : reject(new Error(stderr)),
        );
        child.stdin?.end(input);
      });
    const name = `k${kubectls.indexOf(kubectl)}`;
    await run(map(name, { a: '1' }), 'apply', '-f', '-');
    await run(map(name, { a: '2' }), ...applyOnServer());
    const other = applyOnServer('--field-manager=x');
    const refused = run(map(name, { a: '3' }), ...other);
    await expect(refused).rejects.toThrow('conflict with "kubectl": .data.a');
    await run(map(name, { a: '3' }), ...other, '--force-conflicts');
    const read = ['get', 'cm', name, '-o', 'json', '--show-managed-fields'];
    const found = JSON.parse(await run('', ...read)) as Found;
    expect(found.data).toEqual({ a: '3' });
    expect(owners(found)).toContain('x Apply');
  });
});
