// Probes against real processes: ready when the probe says so, restarted when it says so for too long.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Pod } from '../../../api/kubernetes.ts';
import { pods } from '../../../api/resources.ts';
import {
  buildTestPod,
  startTestCluster,
  waitForPod,
  type TestCluster,
} from '../../support/test-cluster.ts';

const statusOf = (pod: Pod) => pod.status?.containerStatuses?.[0];
const readyOf = (pod: Pod) => pod.status?.conditions?.find((one) => one.type === 'Ready');
const server = (body: string): string[] => [process.execPath, '-e', body];
const shell = (script: string): string[] => ['/bin/sh', '-c', script];

describe('probes', () => {
  let cluster: TestCluster;

  beforeAll(async () => {
    cluster = await startTestCluster();
  });

  afterAll(() => cluster.remove());

  it('makes a pod ready by HTTP as soon as it answers, long before a period has passed', async () => {
    const command = server(
      "require('http').createServer((q, s) => s.end('ok')).listen(process.env.PORT, '127.0.0.1')",
    );
    const ports = [{ name: 'http', containerPort: 8080 }];
    const readinessProbe = { httpGet: { path: '/ready', port: 'http' }, periodSeconds: 60 };
    const startedMs = performance.now();
    await cluster.client.create(pods, buildTestPod('http', { command, ports, readinessProbe }));
    const pod = await waitForPod(cluster.client, 'http', (one) => readyOf(one)?.status === 'True');
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    expect(statusOf(pod)).toMatchObject({ ready: true, started: true });
  });

  it('is not ready while the probe fails, and says which container', async () => {
    const readinessProbe = { tcpSocket: { port: 'http' }, periodSeconds: 1 };
    const ports = [{ name: 'http', containerPort: 8080 }];
    await cluster.client.create(pods, buildTestPod('deaf', { readinessProbe, ports }));
    const pod = await waitForPod(cluster.client, 'deaf', (one) => one.status?.phase === 'Running');
    expect(readyOf(pod)).toMatchObject({
      status: 'False',
      reason: 'ContainersNotReady',
      message: 'containers with unready status: [main]',
    });
  });

  it('goes unready and ready again with an exec probe', async () => {
    const sign = join(cluster.home, 'sign');
    mkdirSync(sign);
    const readinessProbe = {
      exec: { command: ['test', '-d', sign] },
      periodSeconds: 1,
      failureThreshold: 1,
    };
    await cluster.client.create(pods, buildTestPod('moody', { readinessProbe }));
    await waitForPod(cluster.client, 'moody', (one) => readyOf(one)?.status === 'True');
    rmSync(sign, { recursive: true });
    await waitForPod(cluster.client, 'moody', (one) => readyOf(one)?.status === 'False');
    mkdirSync(sign);
    const after = await waitForPod(
      cluster.client,
      'moody',
      (one) => readyOf(one)?.status === 'True',
    );
    expect(statusOf(after)?.restartCount).toBe(0);
  });

  it('restarts a container whose liveness probe fails', async () => {
    const livenessProbe = { exec: { command: ['false'] }, periodSeconds: 1, failureThreshold: 1 };
    await cluster.client.create(pods, buildTestPod('dying', { livenessProbe }));
    const pod = await waitForPod(
      cluster.client,
      'dying',
      (one) => statusOf(one)?.restartCount === 1,
    );
    expect(statusOf(pod)?.lastState?.terminated?.exitCode).toBe(143);
  });

  it('holds the other probes back until the startup probe has passed', async () => {
    const sign = join(cluster.home, 'started');
    const container = {
      command: shell(`sleep 0.3; mkdir ${sign}; exec sleep 1000`),
      startupProbe: {
        exec: { command: ['test', '-d', sign] },
        periodSeconds: 1,
        failureThreshold: 9,
      },
      livenessProbe: { exec: { command: ['test', '-d', sign] }, failureThreshold: 1 },
    };
    await cluster.client.create(pods, buildTestPod('slow', container));
    const early = await waitForPod(
      cluster.client,
      'slow',
      (one) => one.status?.phase === 'Running',
    );
    expect(statusOf(early)).toMatchObject({ ready: false, started: false });
    const late = await waitForPod(cluster.client, 'slow', (one) => readyOf(one)?.status === 'True');
    expect(statusOf(late)).toMatchObject({ started: true, restartCount: 0 });
  });
});
