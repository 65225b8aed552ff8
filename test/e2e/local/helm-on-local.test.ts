// The chart on the bare local cluster, by a real Helm: what docs/INSTALL.md says, from install to uninstall.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { leases, pods } from '../../../api/resources.ts';
import { KubeClient } from '../../../platform/kube/client.ts';
import { loadTransport } from '../../../platform/kube/kubeconfig.ts';
import { chart, helmOrSkip, runHelm } from '../../integration/charts/helm.ts';
import { call, type Answer } from '../../support/call.ts';
import { runKubectl, startPlatform, type TestPlatform } from '../../support/platform.ts';
import { isAlive, processTree } from '../../support/process-tree.ts';
import { startLoad } from '../../support/steady-load.ts';
import { hasKubectl } from '../../support/use-target.ts';
import { waitFor } from '../../support/wait-for.ts';

const helm = helmOrSkip();
const suite = helm === undefined || !hasKubectl() ? describe.skip : describe;
const namespace = 'rouse-system';
const values = join(chart, 'ci/node-port-values.yaml');
const stepMs = 60_000;

const hello = `
apiVersion: rouse.dev/v1alpha1
kind: Function
metadata: {name: hello, namespace: default}
spec:
  runtime: node
  scaling: {idleSeconds: 1}
  source: {inline: "export const handler = async () => ({ statusCode: 200, body: 'hello' });"}
`;

/** A port of Kubernetes' range that nobody has here. */
async function findNodePort(): Promise<number> {
  return waitFor(
    () =>
      new Promise<number | undefined>((resolve) => {
        const port = 30_000 + Math.floor(Math.random() * 2_768);
        const server = createServer().once('error', () => resolve(undefined));
        server.listen(port, '127.0.0.1', () => server.close(() => resolve(port)));
      }),
    { what: 'a free node port' },
  );
}

interface Story {
  readonly platform: TestPlatform;
  readonly nodePort: number;
  readonly run: (...args: string[]) => Promise<string>;
  readonly kubectl: (input: string, ...args: string[]) => Promise<string>;
  /** Through the node port. */
  readonly callHello: () => Promise<Answer>;
}

function tell(platform: TestPlatform, nodePort: number): Story {
  const env = { ...process.env, KUBECONFIG: platform.kubeconfig };
  const gatewayUrl = `http://127.0.0.1:${nodePort}`;
  return {
    platform,
    nodePort,
    run: async (...args) => {
      const { code, stdout, stderr } = await runHelm(helm ?? '', [...args, '-n', namespace], env);
      if (code !== 0) throw new Error(`helm ${args.join(' ')}: ${stderr}${stdout}`);
      return stdout;
    },
    kubectl: async (input, ...args) => {
      const { kubeconfig } = platform;
      const { code, stdout, stderr } = await runKubectl({ kubeconfig, args, input });
      if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}${stdout}`);
      return stdout;
    },
    callHello: () => call({ gatewayUrl, host: 'hello.default.localhost' }),
  };
}

const install = ({ run, nodePort }: Story): Promise<string> =>
  run(
    ...['install', 'rouse', chart, '--create-namespace', '-f', values],
    ...['--set', `service.nodePort=${nodePort},externalPort=${nodePort}`],
    ...['--set', 'activator.drainDelaySeconds=1', '--wait', '--timeout', '50s'],
  );

const makeHello = async ({ kubectl }: Story): Promise<void> => {
  await kubectl(hello, 'apply', '-f', '-');
  await kubectl('', 'wait', '--for=condition=Ready', 'function/hello', '--timeout=30s');
};

const names = ({ kubectl }: Story, what: string): Promise<string> =>
  kubectl('', 'get', what, '-n', namespace, '-o', 'name');

suite('Helm on the bare local cluster', () => {
  let story: Story;
  beforeAll(async () => {
    const platform = await startPlatform({ env: { ROUSE_PARTS: 'none' } });
    story = tell(platform, await findNodePort());
  }, stepMs);
  afterAll(() => story?.platform.dispose(), stepMs);

  const clientOf = () => new KubeClient(loadTransport({ KUBECONFIG: story.platform.kubeconfig }));
  const podNames = async (): Promise<string[]> =>
    (await clientOf().list(pods, { namespace })).items.map((one) => one.metadata.name).sort();

  it('is bare before: no definition, no platform', async () => {
    expect(story.platform.output()).toContain('helm install rouse charts/rouse');
    expect(await names(story, 'crds,deployments,services')).toBe('');
    expect(readFileSync(join(story.platform.home, 'services'), 'utf8')).toBe('');
    expect(processTree(story.platform.pid)).toHaveLength(2); // Itself, and the reaper of its pods.
  });

  it(
    'is installed, passes helm test, and calls a Function from zero',
    async () => {
      await install(story);
      const [activator = '', controller = ''] = await podNames();
      expect(await story.run('test', 'rouse')).toMatch(/Phase: +Succeeded/);
      await makeHello(story);
      const answer = await story.callHello();
      expect([answer.status, answer.text]).toEqual([200, 'hello']);
      const shown = await story.kubectl('', 'get', 'function', 'hello');
      expect(shown).toContain(`http://hello.default.localhost:${story.nodePort}`);
      const lease = await clientOf().get(leases, { namespace, name: 'rouse-controller' });
      expect(lease.spec.holderIdentity).toBe(controller);
      expect(await story.kubectl('', 'logs', '-n', namespace, activator)).toContain(
        '"msg":"ready"',
      );
    },
    stepMs,
  );

  it('is upgraded and rolled back, and no request fails meanwhile', async () => {
    const first = await podNames();
    const load = startLoad(story.callHello, { callers: 4 });
    try {
      const settings = 'activator.wakeTimeoutSeconds=20,controller.revisionsKept=5';
      const wait = ['--wait', '--timeout', '50s'];
      await story.run('upgrade', 'rouse', chart, '--reuse-values', '--set', settings, ...wait);
      const second = await podNames();
      expect(await names(story, 'replicasets')).toMatch(/(rouse-activator[^]*){2}/);
      await story.run('rollback', 'rouse', '1', ...wait);
      // The pods of both versions before are gone, and what they had in flight was answered.
      await waitFor(
        async () => {
          const now = await podNames();
          return now.length === 2 && !now.some((one) => [...first, ...second].includes(one));
        },
        { what: 'the pods of before to be gone', deadlineMs: 30_000 },
      );
    } finally {
      await load.stop();
    }
    expect(load.failures).toEqual([]);
    expect(load.answers).toBeGreaterThan(20);
  }, 150_000);

  it(
    'serves the Functions again when the cluster was stopped and started',
    async () => {
      const { home, ports } = story.platform;
      await story.platform.stop();
      const platform = await startPlatform({ home, ports, env: { ROUSE_PARTS: 'none' } });
      story = tell(platform, story.nodePort);
      const answer = await waitFor(
        async () => {
          const tried = await story.callHello();
          return tried.status === 200 && tried;
        },
        { what: 'an answer', deadlineMs: 30_000 },
      );
      expect(answer.text).toBe('hello');
    },
    stepMs,
  );

  it('is uninstalled, and leaves the Functions but no process and no open port', async () => {
    const programs = /\/(controller|activator)\.mjs/;
    const before = processTree(story.platform.pid).filter((one) => programs.test(one.command));
    expect(before).toHaveLength(2);
    await story.run('uninstall', 'rouse', '--wait');
    await waitFor(() => before.every((one) => !isAlive(one.pid)), {
      what: 'both processes to be gone',
      deadlineMs: 30_000,
    });
    expect(await names(story, 'deployments,services,roles')).toBe('');
    expect(await story.kubectl('', 'get', 'function', 'hello', '-o', 'name')).toContain('hello');
    await expect(story.callHello()).rejects.toThrow('ECONNREFUSED');
    // As on a real cluster, a Function stays at the scale it had: its pod goes with it.
    await story.kubectl('', 'delete', 'function', 'hello');
    // Nobody is left to take the parked pods away; docs/INSTALL.md has this line.
    await story.kubectl('', 'delete', 'podtemplates', '-A', '-l', 'rouse.dev/pool');
    await waitFor(() => processTree(story.platform.pid).length === 2, {
      what: 'no process but the cluster and its reaper',
      deadlineMs: 90_000,
    });
  }, 150_000);
});

suite('Helm beside the platform of npm start', () => {
  let story: Story;
  beforeAll(async () => {
    story = tell(await startPlatform(), await findNodePort());
  }, stepMs);
  afterAll(() => story?.platform.dispose(), stepMs);

  it('takes the definitions over, serves by both gateways, and leaves the first as it was', async () => {
    await makeHello(story);
    await install(story);
    expect(await story.run('test', 'rouse')).toMatch(/Phase: +Succeeded/);
    const client = new KubeClient(loadTransport({ KUBECONFIG: story.platform.kubeconfig }));
    const { spec } = await client.get(leases, { namespace, name: 'rouse-controller' });
    expect(spec.holderIdentity).toBe('local-controller');
    const { gatewayUrl } = story.platform;
    const host = 'hello.default.localhost';
    const answers = await Promise.all([story.callHello(), call({ gatewayUrl, host })]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    await story.run('uninstall', 'rouse');
    await waitFor(async () => (await names(story, 'pods')) === '', {
      what: 'the pods of the release to be gone',
      deadlineMs: 30_000,
    });
    expect((await call({ gatewayUrl, host })).status).toBe(200);
  }, 150_000);
});
