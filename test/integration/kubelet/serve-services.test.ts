// Services on the loopback, and pods that talk to the API server: real sockets, real processes.

import { createServer, connect, type Server } from 'node:net';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Service } from '../../../api/kubernetes.ts';
import { deployments, events, pods, services } from '../../../api/resources.ts';
import {
  buildTestPod,
  isAlive,
  pidOf,
  readAllLog,
  startTestCluster,
  waitForPod,
  type TestCluster,
} from '../../support/test-cluster.ts';
import { waitFor } from '../../support/wait-for.ts';

/** Says the pod's name, then whatever it is told. */
const echo = `
  const server = require('net').createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {}); // Probes break off.
    socket.write(process.env.HOSTNAME + '\\n');
    socket.pipe(socket);
  });
  server.listen(process.env.PORT, '127.0.0.1');
`;

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster.remove());

async function deploy(name: string, replicas: number): Promise<void> {
  const labels = { app: name };
  const container = {
    name: 'main',
    image: 'test/sleeper',
    command: [process.execPath, '-e', echo],
    ports: [{ name: 'http', containerPort: 8080 }],
    readinessProbe: { tcpSocket: { port: 'http' }, periodSeconds: 1 },
  };
  await cluster.client.create(deployments, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { terminationGracePeriodSeconds: 1, containers: [container] },
      },
    },
  } as never);
}

const expose = (name: string, spec: Partial<Service['spec']> = {}): Promise<Service> =>
  cluster.client.create(services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: {
      selector: { app: name },
      ports: [{ name: 'http', port: 80, targetPort: 'http' }],
      ...spec,
    },
  });
const nodePortOf = (service: Service): number => service.spec.ports?.[0]?.nodePort ?? 0;

/** The first line that comes: the name of the pod. Rejects when the connection ends before. */
function ask(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', (chunk) => {
      resolve(chunk.toString().split('\n')[0] ?? '');
      socket.destroy();
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('ended without a word')));
  });
}

async function listen(port: number): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describe('a Service', () => {
  it('with a node port leads to every ready pod, goes on when one dies, and ends with it', async () => {
    await deploy('two', 2);
    const port = nodePortOf(await expose('two', { type: 'NodePort' }));
    const seen = new Set<string>();
    await waitFor(async () => seen.add(await ask(port)).size === 2, { what: 'both pods' });
    const [victim = ''] = seen;
    const pid = pidOf(await waitForPod(cluster.client, victim, pidOf));
    process.kill(pid, 'SIGKILL');
    await waitFor(() => !isAlive(pid), { what: 'its end' });
    // Not one of these may fail: a connection that a dead pod refuses goes to the other.
    for (let count = 0; count < 20; count += 1) expect(seen).toContain(await ask(port));
    await cluster.client.delete(services, { namespace: 'default', name: 'two' });
    await waitFor(
      () =>
        ask(port).then(
          () => false,
          (error: NodeJS.ErrnoException) => error.code === 'ECONNREFUSED',
        ),
      { what: 'the port to be closed' },
    );
  }, 30_000);

  it('carries as much as one likes both ways, and the end of one side alone', async () => {
    await deploy('echo', 1);
    const port = nodePortOf(await expose('echo', { type: 'NodePort' }));
    await waitFor(() => ask(port), { what: 'the pod' });
    const sent = Buffer.alloc(4 * 1024 * 1024, 'x');
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.end(sent);
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    const all = Buffer.concat(chunks);
    expect(all.subarray(all.indexOf('\n') + 1).equals(sent)).toBe(true);
  });

  it('without a pod breaks the connection, as on a real cluster', async () => {
    const port = nodePortOf(await expose('empty', { type: 'NodePort' }));
    await waitFor(
      () =>
        ask(port).then(
          () => false,
          (error: NodeJS.ErrnoException) => error.code === 'ECONNRESET',
        ),
      { what: 'a reset' },
    );
  });

  it('whose node port another program has says so in an Event, and takes it when it is free', async () => {
    await deploy('late', 1);
    const wanted = nodePortOf(await expose('probe', { type: 'NodePort' }));
    await cluster.client.delete(services, { namespace: 'default', name: 'probe' });
    const other = await waitFor(() => listen(wanted), { what: 'the port for ourselves' });
    const ports = [{ name: 'http', port: 80, targetPort: 'http', nodePort: wanted }];
    await expose('late', { type: 'NodePort', ports });
    const said = await waitFor(
      async () => {
        const { items } = await cluster.client.list(events, { namespace: 'default' });
        return items.find((one) => one.reason === 'NodePortTaken');
      },
      { what: 'the Event' },
    );
    expect(said.message).toContain(`port ${wanted} of 127.0.0.1`);
    other.close();
    expect(await waitFor(() => ask(wanted), { what: 'the pod' })).toContain('late-');
  }, 20_000);

  it('without a node port is found by the variables of a pod, and by a file in the home', async () => {
    await deploy('inside', 1);
    await expose('inside');
    const line = await waitFor(
      () =>
        readFileSync(join(cluster.home, 'services'), 'utf8')
          .split('\n')
          .find((one) => one.startsWith('default/inside:80 ')),
      { what: 'the line of the Service' },
    );
    const container = {
      command: ['/bin/sh', '-c', 'echo $INSIDE_SERVICE_HOST $INSIDE_SERVICE_PORT_HTTP'],
    };
    await cluster.client.create(pods, buildTestPod('asks', container, { restartPolicy: 'Never' }));
    await waitForPod(cluster.client, 'asks', (one) => one.status?.phase === 'Succeeded');
    const [host, port] = (await readAllLog(cluster, 'asks')).trim().split(/\s+/);
    expect(`default/inside:80 ${host}:${port}`).toBe(line);
    expect(await waitFor(() => ask(Number(port)), { what: 'the pod' })).toContain('inside-');
  });
});

/** Asks the API server who it is, by nothing but the kubeconfig it was given. */
const whoAmI = `
  const { readFileSync } = require('fs');
  const { dirname, join } = require('path');
  const folder = process.env.KUBECONFIG ? dirname(process.env.KUBECONFIG) : process.exit(7);
  const read = (name) => readFileSync(join(folder, name), 'utf8');
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env;
  const headers = { authorization: 'Bearer ' + read('token'), 'content-type': 'application/json' };
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const call = require('https').request({ host, port, path, method: 'POST', headers, ca: read('ca.crt') });
  call.on('response', async (answer) => {
    let text = '';
    for await (const chunk of answer) text += chunk;
    console.log(JSON.parse(text).status.userInfo.username, read('namespace'));
  });
  call.end('{}');
`;

describe('a pod', () => {
  const run = async (name: string, spec: object): Promise<string> => {
    const container = { command: [process.execPath, '-e', whoAmI] };
    const pod = buildTestPod(name, container, { restartPolicy: 'Never', ...spec });
    await cluster.client.create(pods, pod);
    const isDone = /Succeeded|Failed/;
    const done = await waitForPod(cluster.client, name, (one) =>
      isDone.test(one.status?.phase ?? ''),
    );
    const code = done.status?.containerStatuses?.[0]?.state?.terminated?.exitCode;
    return `${code} ${await readAllLog(cluster, name)}`.trim();
  };

  it('talks to the API server as its service account, unless it wants no token', async () => {
    expect(await run('who', {})).toBe('0 system:serviceaccount:default:default default');
    expect(await run('nobody', { automountServiceAccountToken: false })).toBe('7');
  });

  it('waits for its account, and says for which', async () => {
    const metadata = { name: 'later', namespace: 'default' };
    const pending = run('waits', { serviceAccountName: 'later' });
    const waiting = await waitForPod(
      cluster.client,
      'waits',
      (one) => one.status?.containerStatuses?.[0]?.state?.waiting?.message,
    );
    expect(waiting.status?.containerStatuses?.[0]?.state?.waiting?.message).toContain(
      'serviceaccounts "later" not found',
    );
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata };
    const accounts = {
      group: '',
      version: 'v1',
      plural: 'serviceaccounts',
      kind: '',
      namespaced: true,
    };
    await cluster.client.create(accounts, account);
    expect(await pending).toBe('0 system:serviceaccount:default:later default');
  });
});
