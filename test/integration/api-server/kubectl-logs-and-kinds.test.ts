// kubectl with what needs a kubelet's logs, a custom kind, and a namespace's life.

import { setTimeout as after } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PodLogs } from '../../../local/api-server/server-parts.ts';
import { waitFor } from '../../support/wait-for.ts';
import { kubectlOrSkip, startTestCluster } from './start-server.ts';
import type { TestCluster } from './start-server.ts';

const suite = kubectlOrSkip() === undefined ? describe.skip : describe;
let cluster: TestCluster;
const asked: Record<string, unknown>[] = [];
let followers = 0;

const podLogs: PodLogs = (namespace, pod, options) => {
  const { signal, ...rest } = options;
  asked.push({ namespace, pod, ...rest });
  if (options.previous === true) return undefined;
  return lines(options.follow === true, signal);
};

async function* lines(isFollowed: boolean, signal?: AbortSignal): AsyncGenerator<Buffer> {
  yield Buffer.from('first\n');
  if (!isFollowed) return;
  followers += 1;
  try {
    yield Buffer.from('second\n');
    await after(60_000, undefined, signal === undefined ? {} : { signal });
  } finally {
    followers -= 1;
  }
}

const pod = (containers: string[]): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: containers.join('-') },
    spec: { nodeName: 'here', containers: containers.map((name) => ({ name, image: 'nginx' })) },
  });

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.dev' },
  spec: {
    group: 'example.dev',
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget', shortNames: ['wd'] },
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        subresources: { status: {} },
        additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: { type: 'object', properties: { size: { type: 'integer', minimum: 1 } } },
              status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        },
      },
    ],
  },
};
const widget = (spec: object): string =>
  JSON.stringify({
    apiVersion: 'example.dev/v1alpha1',
    kind: 'Widget',
    metadata: { name: 'w' },
    spec,
  });

beforeAll(async () => {
  cluster = await startTestCluster({ podLogs });
});
afterAll(() => cluster.close());

suite('kubectl logs', () => {
  beforeAll(async () => {
    await cluster.output(['apply', '-f', '-'], pod(['one']));
    await cluster.output(['apply', '-f', '-'], pod(['one', 'two']));
  });

  it('prints, and passes its options on', async () => {
    const args = ['logs', 'one', '--tail=5', '--since=1m', '--timestamps'];
    expect(await cluster.output(args)).toBe('first\n');
    expect(asked.at(-1)).toEqual({
      namespace: 'default',
      pod: 'one',
      container: 'one',
      follow: false,
      timestamps: true,
      previous: false,
      tailLines: 5,
      sinceSeconds: 60,
    });
  });

  it('follows, and lets go when the reader goes', async () => {
    const { spawn } = await import('node:child_process');
    const { findKubectl } = await import('../../support/kubectl.ts');
    const child = spawn(findKubectl() ?? '', ['logs', '-f', 'one'], {
      env: cluster.env,
    });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await waitFor(() => text === 'first\nsecond\n', { what: 'both lines' });
    child.kill();
    await waitFor(() => followers === 0, { what: 'the follower to end' });
  });

  it('wants a container where there are several', async () => {
    const raw = ['get', '--raw', '/api/v1/namespaces/default/pods/one-two/log'];
    const answer = await cluster.kubectl(raw);
    expect(answer.stderr).toContain('choose one of: [one two]');
    expect(await cluster.output(['logs', 'one-two', '-c', 'two'])).toBe('first\n');
  });

  it('says when there is no previous log', async () => {
    const answer = await cluster.kubectl(['logs', 'one', '--previous']);
    expect(answer.stderr).toContain('previous terminated container "one" in pod "one" not found');
  });
});

suite('a custom kind', () => {
  it('is there as soon as its definition is, with columns, short name and rules', async () => {
    await cluster.output(['apply', '-f', '-'], JSON.stringify(definition));
    await cluster.output(['wait', '--for=condition=Established', 'crd/widgets.example.dev']);
    await cluster.output(['apply', '-f', '-'], widget({ size: 3 }));
    expect(await cluster.output(['get', 'wd'])).toMatch(/^NAME +SIZE\s*\nw +3\s*\n$/);
    expect(await cluster.output(['get', 'widgets.example.dev', '-o', 'name'])).toBe(
      'widget.example.dev/w\n',
    );
    expect(await cluster.output(['explain', 'widget.spec'])).toContain('size');
  });

  it('refuses what its schema does not allow, naming the field', async () => {
    const small = await cluster.kubectl(['apply', '-f', '-'], widget({ size: 0 }));
    expect(small.stderr).toContain('The Widget "w" is invalid: spec.size: Invalid value: 0');
    const unknown = await cluster.kubectl(['apply', '-f', '-'], widget({ color: 'red' }));
    expect(unknown.stderr).toContain('unknown field "spec.color"');
  });

  it('goes with its definition', async () => {
    await cluster.output(['delete', 'crd', 'widgets.example.dev']);
    const answer = await cluster.kubectl(['get', 'widgets']);
    expect(answer.stderr).toContain('could not find the requested resource');
  });
});

suite('a namespace', () => {
  it('stays Terminating, refuses content, and goes when it is finalized', async () => {
    await cluster.output(['create', 'ns', 'team']);
    await cluster.output(['delete', 'ns', 'team', '--wait=false']);
    expect(await cluster.output(['get', 'ns', 'team'])).toContain('Terminating');
    const late = await cluster.kubectl(['create', 'cm', 'a', '-n', 'team']);
    expect(late.stderr).toContain('because it is being terminated');
    const final = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' }, spec: {} };
    const path = '/api/v1/namespaces/team/finalize';
    await cluster.output(['replace', '--raw', path, '-f', '-'], JSON.stringify(final));
    expect((await cluster.kubectl(['get', 'ns', 'team'])).stderr).toContain('not found');
  });
});
