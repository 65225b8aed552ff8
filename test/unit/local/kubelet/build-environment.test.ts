// The environment of a process, its program, and the parsers behind them.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Container, EnvVar } from '../../../../api/kubernetes.ts';
import {
  buildEnvironment,
  deriveReferences,
  expandVariables,
} from '../../../../local/kubelet/build-environment.ts';
import { parseImage } from '../../../../local/kubelet/parse-image.ts';
import { pickProgram } from '../../../../local/kubelet/pick-program.ts';

function build(container: Partial<Container>) {
  const whole: Container = { name: 'c', ...container };
  return buildEnvironment({
    pod: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', namespace: 'n', uid: 'u', labels: { 'a/b': '1' } },
      spec: { containers: [whole], nodeName: 'local' },
    },
    container: whole,
    cluster: { HELLO_SERVICE_HOST: '127.0.0.1', A: 'cluster' },
    address: '127.0.0.1',
    readSecret: (name) => (name === 's' ? { k: 'secret' } : undefined),
    readConfigMap: (name) => (name === 'm' ? { k: 'map', A: '1' } : undefined),
    node: { cpus: 4, memoryBytes: 2 ** 30 },
  });
}
const from = (valueFrom: NonNullable<EnvVar['valueFrom']>) => {
  const built = build({ env: [{ name: 'X', valueFrom }] });
  return built.kind === 'ok' ? built.env['X'] : built.message;
};

describe('buildEnvironment', () => {
  it('resolves fields', () => {
    expect(from({ fieldRef: { fieldPath: 'metadata.uid' } })).toBe('u');
    expect(from({ fieldRef: { fieldPath: "metadata.labels['a/b']" } })).toBe('1');
    expect(from({ fieldRef: { fieldPath: 'spec.serviceAccountName' } })).toBe('default');
    expect(from({ fieldRef: { fieldPath: 'status.hostIP' } })).toBe('127.0.0.1');
    expect(from({ fieldRef: { fieldPath: 'spec.toString' } })).toContain('unsupported fieldPath');
  });

  it('resolves resources, and what the machine has where there is no limit', () => {
    expect(from({ resourceFieldRef: { resource: 'limits.cpu' } })).toBe('4');
    expect(from({ resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } })).toBe('1024');
    expect(from({ resourceFieldRef: { resource: 'requests.cpu' } })).toBe('0');
    expect(from({ resourceFieldRef: { resource: 'nothing' } })).toContain('unsupported');
  });

  it('names the Secret, ConfigMap or key that is missing', () => {
    expect(from({ secretKeyRef: { name: 's', key: 'k' } })).toBe('secret');
    expect(from({ secretKeyRef: { name: 'no', key: 'k' } })).toBe('secret "no" not found');
    expect(from({ configMapKeyRef: { name: 'm', key: 'no' } })).toBe(
      "couldn't find key no in ConfigMap m",
    );
    expect(from({ configMapKeyRef: { name: 'no', key: 'no', optional: true } })).toBeUndefined();
    expect(build({ envFrom: [{ secretRef: { name: 'no' } }] })).toEqual({
      kind: 'error',
      message: 'secret "no" not found',
    });
  });

  it('lets env win over envFrom, and assigned ports over everything', () => {
    const built = build({
      envFrom: [{ configMapRef: { name: 'm' } }],
      env: [
        { name: 'A', value: '2' },
        { name: 'PORT', value: '8080' },
      ],
      ports: [
        { name: 'http', containerPort: 8080, hostPort: 20001 },
        { name: 'control', containerPort: 8081 },
      ],
    });
    const env = { HELLO_SERVICE_HOST: '127.0.0.1', A: '2', k: 'map', PORT: '20001' };
    expect(built).toEqual({ kind: 'ok', env });
  });

  it('expands what the cluster says, under what the container says', () => {
    const built = build({ env: [{ name: 'URL', value: 'http://$(HELLO_SERVICE_HOST)/$(A)' }] });
    expect(built).toMatchObject({ env: { URL: 'http://127.0.0.1/cluster', A: 'cluster' } });
  });
});

describe('expandVariables', () => {
  it('expands what is known and leaves the rest', () => {
    const env = { A: '1', B: '$(A)' };
    expect(expandVariables('$(A) $(C) $$(A) $A $(B) $', env)).toBe('1 $(C) $(A) $A $(A) $');
    expect(expandVariables('$(toString)', env)).toBe('$(toString)');
  });

  it('never throws, and changes no text without a dollar', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const expanded = expandVariables(text, {});
        if (!text.includes('$')) expect(expanded).toBe(text);
      }),
    );
  });
});

describe('deriveReferences', () => {
  it('finds every Secret and ConfigMap once', () => {
    const references = deriveReferences({
      name: 'c',
      envFrom: [{ secretRef: { name: 'a' } }, { configMapRef: { name: 'b' } }],
      env: [{ name: 'X', valueFrom: { secretKeyRef: { name: 'a', key: 'k' } } }],
    });
    expect(references).toEqual({ secrets: ['a'], configMaps: ['b'] });
  });
});

describe('pickProgram', () => {
  const runtimes = { 'rouse/runtime-node': { command: ['/node', 'main.cjs'] } };
  const pick = (container: Partial<Container>) =>
    pickProgram({ name: 'c', ...container }, runtimes, { A: '1' });

  it('runs a known image, whatever its tag, with the container arguments', () => {
    const program = { kind: 'run', file: '/node', args: ['main.cjs', 'x=1'], env: {} };
    for (const image of [
      'rouse/runtime-node:1.2',
      'docker.io/rouse/runtime-node@sha256:00',
      'registry.example.com:5000/team/rouse/runtime-node:1.2@sha256:00',
    ]) {
      expect(pick({ image, args: ['x=$(A)'] })).toEqual(program);
    }
  });

  it('runs a command of this machine instead of an image', () => {
    const program = { kind: 'run', file: 'sh', args: ['-c', 'true', 'more'], env: {} };
    expect(pick({ command: ['sh', '-c', 'true'], args: ['more'] })).toEqual(program);
  });

  it('tells a program of ours the ports that admission chose, and the loopback', () => {
    const activator = {
      command: ['/node', 'activator.mjs'],
      portVariables: { http: 'GATEWAY_PORT', metrics: 'ADMIN_PORT' },
      hostVariables: ['GATEWAY_HOST'],
    };
    const container = {
      name: 'c',
      image: 'mirror/rouse/activator:2',
      ports: [
        { name: 'http', containerPort: 8080, hostPort: 20_001 },
        { name: 'metrics', containerPort: 9090, hostPort: 20_002 },
        { name: 'other', containerPort: 1, hostPort: 20_003 },
      ],
    };
    const program = pickProgram(container, { 'rouse/activator': activator }, {});
    expect(program).toMatchObject({
      env: { GATEWAY_HOST: '127.0.0.1', GATEWAY_PORT: '20001', ADMIN_PORT: '20002' },
    });
    expect(pick({ image: 'evil-rouse/runtime-node' }).kind).toBe('no-image');
  });

  it('sets what an image would have set, below what the container says', () => {
    const known = { 'rouse/x': { command: ['/x'], env: { A: 'image', B: 'image' } } };
    const program = pickProgram({ name: 'c', image: 'rouse/x' }, known, { A: '1' });
    expect(program).toMatchObject({ env: { B: 'image' } });
    expect(program).not.toHaveProperty('env.A');
  });

  it('says what to do about any other image', () => {
    const program = pick({ image: 'nginx' });
    expect(program.kind).toBe('no-image');
    expect(JSON.stringify(program)).toContain('rouse/runtime-node');
  });
});

describe('parseImage', () => {
  it.each([
    ['nginx', 'nginx', undefined],
    ['library/nginx:1', 'nginx', '1'],
    ['docker.io/rouse/a:b', 'rouse/a', 'b'],
    ['localhost:5000/a', 'localhost:5000/a', undefined],
    ['localhost:5000/a:2@sha256:ff', 'localhost:5000/a', '2'],
  ])('reads %s', (image, repository, tag) => {
    expect(parseImage(image)).toEqual({ repository, tag });
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseImage(text)));
  });
});
