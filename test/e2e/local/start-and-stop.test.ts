// How the local platform starts, what it says, and what it leaves behind.

import { afterEach, describe, expect, it } from '@jest/globals';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { functions } from '../../../api/resources.ts';
import type { RouseFunction } from '../../../api/function.ts';
import { findFreePorts } from '../../../local/find-free-ports.ts';
import { runPlatform, type PlatformStartError } from '../../../local/run-platform.ts';
import { KubeClient } from '../../../platform/kube/client.ts';
import { loadTransport } from '../../../platform/kube/kubeconfig.ts';
import { call } from '../../support/call.ts';
import { makeHome, startPlatform, type TestPlatform } from '../../support/platform.ts';
import { isAlive, processTree } from '../../support/process-tree.ts';
import { waitFor } from '../../support/wait-for.ts';

const started: TestPlatform[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((platform) => platform.dispose()));
});

async function start(options: Parameters<typeof startPlatform>[0] = {}): Promise<TestPlatform> {
  const platform = await startPlatform(options);
  started.push(platform);
  return platform;
}

const hello = {
  apiVersion: 'rouse.dev/v1alpha1',
  kind: 'Function',
  metadata: { name: 'hello', namespace: 'default' },
  spec: {
    runtime: 'node',
    source: { inline: "export const handler = async () => ({ statusCode: 200, body: 'hello' });" },
  },
} as unknown as RouseFunction;

const clientOf = (platform: TestPlatform) =>
  new KubeClient(loadTransport({ KUBECONFIG: platform.kubeconfig }));

async function deployHello(platform: TestPlatform): Promise<void> {
  const kube = clientOf(platform);
  await kube.create(functions, hello);
  await waitFor(async () => isReady(await kube.get(functions, hello.metadata)), {
    what: 'hello to be Ready',
  });
}

const isReady = (found: RouseFunction) =>
  found.status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') === true;

const callHello = (platform: TestPlatform) =>
  call({
    gatewayUrl: platform.gatewayUrl,
    host: `hello.default.localhost:${platform.ports.gateway}`,
  });

describe('npm start', () => {
  it('says where everything is and what can be set, and last that it is ready', async () => {
    const platform = await start();
    const output = platform.output();
    for (const setting of [
      'ROUSE_HOME',
      'ROUSE_GATEWAY_PORT',
      'ROUSE_API_PORT',
      'ROUSE_ADMIN_PORT',
      'ROUSE_POOL_MIN',
      'ROUSE_POOL_MAX',
    ]) {
      expect(output).toContain(setting);
    }
    for (const port of [8080, 6444, 9090]) expect(output).toContain(`default ${port}`);
    expect(output).toContain(platform.kubeconfig);
    expect(output.trimEnd().split('\n').at(-1)).toMatch(/^Rouse is ready/);
  });

  it('ends on Ctrl-C with code 0, and leaves no process', async () => {
    const platform = await start();
    await deployHello(platform);
    expect((await callHello(platform)).status).toBe(200);
    const tree = processTree(platform.pid);
    // The top process, the controller, the activator and a pod.
    expect(tree.length).toBeGreaterThanOrEqual(4);
    expect(await platform.stop()).toBe(0);
    await waitFor(() => tree.every((one) => !isAlive(one.pid)), {
      what: 'every process to be gone',
    });
  });

  it('stops in order when the signal comes twice at once, as npm hands it on', async () => {
    const platform = await start();
    const tree = processTree(platform.pid);
    process.kill(platform.pid, 'SIGINT');
    process.kill(platform.pid, 'SIGINT');
    expect(await platform.exited).toBe(0);
    await waitFor(() => tree.every((one) => !isAlive(one.pid)), {
      what: 'every process to be gone',
    });
  });

  it('keeps every object over a restart, and serves it again', async () => {
    const home = makeHome();
    const first = await start({ home });
    await deployHello(first);
    expect((await callHello(first)).status).toBe(200);
    const before = await clientOf(first).get(functions, hello.metadata);
    await first.stop();
    const second = await start({ home, ports: first.ports });
    const after = await clientOf(second).get(functions, hello.metadata);
    expect(after.metadata.uid).toBe(before.metadata.uid);
    expect(after.spec).toEqual(before.spec);
    const answer = await callHello(second);
    expect([answer.status, answer.text]).toEqual([200, 'hello']);
  });

  it('says in one clear line which port is taken, and exits 1', async () => {
    const taken = await listen();
    const [gateway = 0, api = 0, admin = 0] = await findFreePorts(3);
    const cases = [
      { ports: { gateway: taken.port, api, admin }, setting: 'ROUSE_GATEWAY_PORT' },
      { ports: { gateway, api: taken.port, admin }, setting: 'ROUSE_API_PORT' },
      { ports: { gateway, api, admin: taken.port }, setting: 'ROUSE_ADMIN_PORT' },
    ];
    for (const { ports, setting } of cases) {
      const home = makeHome();
      const error = await runPlatform({ home, ports }).then(
        () => undefined,
        (caught: unknown) => caught as PlatformStartError,
      );
      expect(error?.name).toBe('PlatformStartError');
      expect(error?.exitCode).toBe(1);
      const complaints = error?.output.split('\n').filter((line) => line.includes('taken')) ?? [];
      expect(complaints).toHaveLength(1);
      expect(complaints[0]).toContain(String(taken.port));
      expect(complaints[0]).toContain(setting);
      expect(error?.output).not.toMatch(/^\s+at /m);
      rmSync(home, { recursive: true, force: true });
    }
    taken.server.close();
  });

  it('says in one clear line that a home or two ports can not be used, and exits 1', async () => {
    const [port = 0, other = 0] = await findFreePorts(2);
    const file = join(makeHome(), 'a-file');
    writeFileSync(file, '');
    const twins = { gateway: port, api: other, admin: port };
    const cases = [
      { options: { home: file }, complaint: /ROUSE_HOME .*a-file can't be used/ },
      { options: { home: join(file, 'below') }, complaint: /ROUSE_HOME .*ENOTDIR/ },
      { options: { home: '/proc/rouse/home' }, complaint: /ROUSE_HOME \/proc.*can't be used/ },
      {
        options: { home: makeHome(), ports: twins },
        complaint: /ROUSE_GATEWAY_PORT and ROUSE_ADMIN/,
      },
    ];
    for (const { options, complaint } of cases) {
      const error = await runPlatform(options).then(
        async (platform) => void (await platform.stop()),
        (caught: unknown) => caught as PlatformStartError,
      );
      expect(error?.exitCode).toBe(1);
      expect(error?.output).toMatch(complaint);
      expect(error?.output).not.toMatch(/^\s+at /m);
    }
  });

  it('runs twice side by side with other homes and ports', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    await Promise.all([deployHello(one), deployHello(two)]);
    const answers = await Promise.all([callHello(one), callHello(two)]);
    expect(answers.map((answer) => answer.status)).toEqual([200, 200]);
    await one.stop();
    expect((await callHello(two)).status).toBe(200);
    expect(existsSync(two.kubeconfig)).toBe(true);
  });

  it('refuses a second copy on the same home', async () => {
    const platform = await start();
    const error = await runPlatform({ home: platform.home }).then(
      async (other) => {
        await other.stop();
      },
      (caught: unknown) => caught as PlatformStartError,
    );
    expect(error?.exitCode).toBe(1);
    expect((await callHello(platform)).status).toBe(404);
  });
});

function listen(): Promise<{ server: Server; port: number }> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({ server, port: typeof address === 'object' ? (address?.port ?? 0) : 0 });
    });
  });
}
