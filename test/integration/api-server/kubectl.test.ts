// A real kubectl against the API server: the verbs a user types, and what they print.

import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '../../support/wait-for.ts';
import { kubectlOrSkip, startTestCluster } from './start-server.ts';
import type { TestCluster } from './start-server.ts';

const kubectlPath = kubectlOrSkip();
const suite = kubectlPath === undefined ? describe.skip : describe;
let cluster: TestCluster;

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: hello, labels: {app: hello}}
spec:
  replicas: 2
  selector: {matchLabels: {app: hello}}
  template:
    metadata: {labels: {app: hello}}
    spec: {containers: [{name: web, image: nginx}]}
`;
const configMap = (name: string, value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {key: ${value}}\n`;

beforeAll(async () => {
  if (kubectlPath !== undefined) cluster = await startTestCluster({ freeze: true });
});
afterAll(() => cluster?.close());

const output = (...args: string[]): Promise<string> => cluster.output(args);

suite('kubectl apply', () => {
  it('creates, says unchanged, and configures', async () => {
    const apply = (text: string): Promise<string> => cluster.output(['apply', '-f', '-'], text);
    expect(await apply(configMap('one', 'a'))).toBe('configmap/one created\n');
    expect(await apply(configMap('one', 'a'))).toBe('configmap/one unchanged\n');
    expect(await apply(configMap('one', 'b'))).toBe('configmap/one configured\n');
    expect(await output('get', 'cm', 'one', '-o', 'jsonpath={.data.key}')).toBe('b');
  });

  it('keeps what others set, and removes what left the file', async () => {
    await cluster.output(['apply', '-f', '-'], deployment);
    await output('set', 'env', 'deployment/hello', 'A=1');
    await cluster.output(['apply', '-f', '-'], deployment.replace('replicas: 2', 'replicas: 3'));
    const found = JSON.parse(await output('get', 'deploy', 'hello', '-o', 'json')) as {
      spec: { replicas: number; template: { spec: { containers: { env: object[] }[] } } };
    };
    expect(found.spec.replicas).toBe(3);
    expect(found.spec.template.spec.containers[0]?.env).toEqual([{ name: 'A', value: '1' }]);
  });

  it('refuses an unknown field with its path, and creates nothing', async () => {
    const bad = deployment.replace('name: hello', 'name: bad').replace('replicas:', 'replicaz:');
    const answer = await cluster.kubectl(['apply', '-f', '-'], bad);
    expect(answer.code).toBe(1);
    expect(answer.stderr).toContain('unknown field "spec.replicaz"');
    expect((await cluster.kubectl(['get', 'deploy', 'bad'])).code).toBe(1);
  });

  it('shows a server-side dry run without keeping it', async () => {
    const args = ['apply', '--dry-run=server', '-f', '-'];
    expect(await cluster.output(args, configMap('dry', 'a'))).toContain('(server dry run)');
    expect((await cluster.kubectl(['get', 'cm', 'dry'])).stderr).toBe(
      'Error from server (NotFound): configmaps "dry" not found\n',
    );
  });
});

suite('kubectl create', () => {
  it.each([
    [['create', 'configmap', 'made', '--from-literal=a=b'], 'configmap/made created'],
    [['create', 'secret', 'generic', 'made', '--from-literal=a=b'], 'secret/made created'],
    [['create', 'deployment', 'made', '--image=nginx'], 'deployment.apps/made created'],
    [['create', 'service', 'clusterip', 'made', '--tcp=80'], 'service/made created'],
    [['create', 'serviceaccount', 'made'], 'serviceaccount/made created'],
    [['create', 'job', 'made', '--image=busybox'], 'job.batch/made created'],
    [['create', 'namespace', 'made'], 'namespace/made created'],
    [['run', 'made', '--image=nginx'], 'pod/made created'],
  ])('%j', async (args, wanted) => {
    expect(await cluster.output(args)).toContain(wanted);
  });

  it('says that it exists already', async () => {
    const again = await cluster.kubectl(['create', 'serviceaccount', 'default']);
    expect(again.stderr).toContain('serviceaccounts "default" already exists');
  });

  it('generates names', async () => {
    const text = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: gen-}\n';
    expect(await cluster.output(['create', '-f', '-'], text)).toMatch(
      /^configmap\/gen-\w{5} created/,
    );
  });

  it('refuses a bad name with 422 and the field', async () => {
    const answer = await cluster.kubectl(['create', '-f', '-'], configMap('Bad_Name', 'a'));
    expect(answer.stderr).toContain(
      'The ConfigMap "Bad_Name" is invalid: metadata.name: Invalid value',
    );
  });
});

suite('kubectl get', () => {
  beforeAll(async () => {
    await cluster.output(['apply', '-f', '-'], deployment);
  });

  it('prints tables, wide ones, yaml, json, names and jsonpath', async () => {
    expect(await output('get', 'deploy')).toMatch(
      /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nhello/,
    );
    expect(await output('get', 'deploy', '-o', 'wide')).toMatch(/CONTAINERS +IMAGES +SELECTOR/);
    expect(await output('get', 'deploy', 'hello', '-o', 'yaml')).toContain('kind: Deployment\n');
    expect(JSON.parse(await output('get', 'deploy', '-o', 'json'))).toMatchObject({ kind: 'List' });
    expect(await output('get', 'deploy', '-l', 'app=hello', '-o', 'name')).toBe(
      'deployment.apps/hello\n',
    );
    const path = 'jsonpath={.items[0].metadata.name}';
    expect(await output('get', 'deploy', '-l', 'app=hello', '-o', path)).toBe('hello');
    expect(await output('get', 'deploy,cm', '-A')).toContain('NAMESPACE');
    expect(await output('get', 'all')).toContain('service/kubernetes');
    expect(await output('get', 'ns', '--show-labels')).toContain('kubernetes.io/metadata.name');
  });

  it('selects by label and field', async () => {
    const get = (...args: string[]): Promise<string> => output('get', ...args, '-o', 'name');
    expect(await get('deploy', '-l', 'app in (hello),!none')).toBe('deployment.apps/hello\n');
    expect(await get('deploy', '-l', 'app!=hello,app!=made')).toBe('');
    expect(await get('ns', '--field-selector', 'metadata.name=default')).toBe(
      'namespace/default\n',
    );
    const bad = await cluster.kubectl(['get', 'deploy', '--field-selector', 'spec.foo=1']);
    expect(bad.stderr).toContain('"spec.foo" is not a known field selector');
  });

  it('follows changes with -w', async () => {
    const child = spawn(kubectlPath ?? '', ['get', 'deploy', 'hello', '-w'], {
      env: cluster.env,
    });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    try {
      await waitFor(() => text.includes('hello'), { what: 'the first row' });
      await output('scale', 'deploy', 'hello', '--replicas=7');
      await waitFor(() => text.includes('0/7'), { what: 'the row after scaling' });
    } finally {
      child.kill();
    }
  });

  it('reads in chunks', async () => {
    const names = Array.from({ length: 7 }, (_, at) => `chunk-${at}`);
    const text = names.map((name) => configMap(name, 'a')).join('\n---\n');
    await cluster.output(['apply', '-f', '-'], text);
    const all = await output('get', 'cm', '--chunk-size=2', '-o', 'name');
    for (const name of names) expect(all).toContain(`configmap/${name}\n`);
  });
});

suite('kubectl describe, explain and api-resources', () => {
  it('describes what there is', async () => {
    await cluster.output(['apply', '-f', '-'], deployment);
    expect(await output('describe', 'deploy', 'hello')).toContain('Pod Template:');
    expect(await output('describe', 'ns', 'default')).toContain('Status:       Active');
    expect(await output('describe', 'svc', 'kubernetes')).toContain('10.96.0.1');
  });

  it('shows events of an object', async () => {
    const uid = await output('get', 'deploy', 'hello', '-o', 'jsonpath={.metadata.uid}');
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'hello.1', namespace: 'default' },
      involvedObject: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        name: 'hello',
        namespace: 'default',
        uid,
      },
      reason: 'Woken',
      message: 'from zero',
      type: 'Normal',
      source: { component: 'test' },
      firstTimestamp: '2030-01-01T00:00:00Z',
      lastTimestamp: '2030-01-01T00:00:00Z',
      count: 1,
    };
    await cluster.output(['create', '-f', '-'], JSON.stringify(event));
    expect(await output('describe', 'deploy', 'hello')).toMatch(/Normal +Woken .* test +from zero/);
    expect(await output('events', '--for', 'deployment/hello')).toContain('Woken');
    const chosen = await output('get', 'events', '--field-selector', 'reason=Woken');
    expect(chosen).toContain('from zero');
  });

  it('lists resources and versions', async () => {
    expect(await output('api-resources', '-o', 'name')).toContain('deployments.apps\n');
    expect(await output('api-versions')).toContain('apps/v1\n');
    expect(await output('version')).toContain('Server Version: v1.');
    expect(await output('auth', 'can-i', 'delete', 'pods')).toBe('yes\n');
  });
});

suite('kubectl patch, label, annotate, scale', () => {
  beforeAll(async () => {
    await cluster.output(['apply', '-f', '-'], deployment);
  });

  it('patches in all three ways', async () => {
    const patch = (type: string, body: unknown): Promise<string> =>
      output('patch', 'deploy', 'hello', `--type=${type}`, '-p', JSON.stringify(body));
    await patch('merge', { spec: { replicas: 4 } });
    await patch('json', [{ op: 'add', path: '/metadata/labels/x', value: 'y' }]);
    const containers = [{ name: 'side', image: 'busybox' }];
    await patch('strategic', { spec: { template: { spec: { containers } } } });
    const path =
      'jsonpath={.spec.replicas} {.metadata.labels.x} {.spec.template.spec.containers[*].name}';
    expect(await output('get', 'deploy', 'hello', '-o', path)).toMatch(/^4 y (side web|web side)$/);
  });

  it('labels, annotates and scales', async () => {
    await output('label', 'deploy', 'hello', 'tier=web');
    await output('label', 'deploy', 'hello', 'tier-');
    await output('annotate', 'deploy', 'hello', 'note=yes');
    expect(await output('scale', 'deploy', 'hello', '--replicas=1')).toContain('scaled');
    const stale = await cluster.kubectl([
      ...['scale', 'deploy', 'hello', '--replicas=5'],
      ...['--current-replicas=3'],
    ]);
    expect(stale.code).toBe(1);
    const path = 'jsonpath={.spec.replicas} {.metadata.annotations.note} {.metadata.labels.tier}';
    expect(await output('get', 'deploy', 'hello', '-o', path)).toBe('1 yes ');
  });

  it('waits for a condition', async () => {
    const waiting = output('wait', 'deploy/hello', '--for=condition=Available', '--timeout=15s');
    const status = { conditions: [{ type: 'Available', status: 'True' }] };
    const args = ['deploy', 'hello', '--subresource=status', '--type=merge'];
    await output('patch', ...args, '-p', JSON.stringify({ status }));
    expect(await waiting).toContain('condition met');
  });

  it('replaces only the latest version', async () => {
    const old = await output('get', 'deploy', 'hello', '-o', 'json');
    await output('annotate', 'deploy', 'hello', 'note=newer', '--overwrite');
    const answer = await cluster.kubectl(['replace', '-f', '-'], old);
    expect(answer.stderr).toContain('the object has been modified');
    expect(answer.stderr).toContain('Conflict');
  });
});

suite('kubectl delete', () => {
  it('deletes, and with --cascade=orphan leaves a finalizer for the collector', async () => {
    await cluster.output(['apply', '-f', '-'], configMap('gone', 'a'));
    expect(await output('delete', 'cm', 'gone')).toContain('deleted');
    await cluster.output(['apply', '-f', '-'], configMap('kept', 'a'));
    await output('delete', 'cm', 'kept', '--cascade=orphan', '--wait=false');
    const path = 'jsonpath={.metadata.finalizers}';
    expect(await output('get', 'cm', 'kept', '-o', path)).toBe('["orphan"]');
    const free = JSON.stringify({ metadata: { finalizers: null } });
    await output('patch', 'cm', 'kept', '--type=merge', '-p', free);
    expect((await cluster.kubectl(['get', 'cm', 'kept'])).code).toBe(1);
  });

  it('waits until the last finalizer is gone', async () => {
    const text = configMap('held, finalizers: [x.dev/y]', 'a');
    await cluster.output(['apply', '-f', '-'], text);
    const deleting = output('delete', 'cm', 'held');
    await waitFor(
      async () => (await output('get', 'cm', 'held', '-o', 'json')).includes('deletionTimestamp'),
      { what: 'the deletion timestamp' },
    );
    const free = JSON.stringify({ metadata: { finalizers: [] } });
    await output('patch', 'cm', 'held', '--type=merge', '-p', free);
    expect(await deleting).toContain('deleted');
  });

  it('deletes by label, and everything', async () => {
    await output('create', 'ns', 'sweep');
    const both = `${configMap('a', 'x')}\n---\n${configMap('b', 'x')}`;
    await cluster.output(['apply', '-n', 'sweep', '-f', '-'], both);
    await output('label', '-n', 'sweep', 'cm', 'a', 'x=y');
    await output('delete', '-n', 'sweep', 'cm', '-l', 'x=y');
    expect(await output('get', '-n', 'sweep', 'cm', '-o', 'name')).toBe('configmap/b\n');
    await output('delete', '-n', 'sweep', 'cm', '--all');
    expect(await output('get', '-n', 'sweep', 'cm', '-o', 'name')).toBe('');
  });
});

suite('a restart', () => {
  it('keeps every object and its version', async () => {
    const list = (): Promise<string> =>
      output('get', 'deploy,cm,secret,svc,sa,ns', '-A', '-o', 'json');
    const before = await list();
    await cluster.restart();
    expect(await list()).toBe(before);
  });
});
