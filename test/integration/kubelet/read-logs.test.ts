// What a container printed: whole, the last lines, since a time, and while it grows.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pods } from '../../../api/resources.ts';
import { podLogFolder } from '../../../local/kubelet/pod-ports.ts';
import {
  buildTestPod,
  readAllLog,
  startTestCluster,
  waitForPod,
  waitUntilGone,
  type TestCluster,
} from '../../support/test-cluster.ts';
import { waitFor } from '../../support/wait-for.ts';

const shell = (script: string): string[] => ['/bin/sh', '-c', script];
const never = { restartPolicy: 'Never' } as const;

describe('podLogs', () => {
  let cluster: TestCluster;

  beforeAll(async () => {
    cluster = await startTestCluster();
    const command = shell('for i in 1 2 3 4 5; do echo line $i; done; echo oops >&2; printf end');
    await cluster.client.create(pods, buildTestPod('short', { command }, never));
    await waitForPod(cluster.client, 'short', (one) => one.status?.phase === 'Succeeded');
    await waitFor(async () => (await readAllLog(cluster, 'short')).includes('end'), {
      what: 'all lines',
    });
  });

  afterAll(() => cluster.remove());

  it('gives both streams, and a last line without an end', async () => {
    const lines = (await readAllLog(cluster, 'short')).split('\n').filter((line) => line !== '');
    expect(lines.sort()).toEqual(['end', 'line 1', 'line 2', 'line 3', 'line 4', 'line 5', 'oops']);
  });

  it('gives the last lines only', async () => {
    expect(await readAllLog(cluster, 'short', { tailLines: 0 })).toBe('');
    expect((await readAllLog(cluster, 'short', { tailLines: 2 })).split('\n')).toHaveLength(3);
    expect((await readAllLog(cluster, 'short', { tailLines: 99 })).split('\n')).toHaveLength(8);
  });

  it('cuts at a number of bytes', async () => {
    expect(await readAllLog(cluster, 'short', { limitBytes: 9 })).toHaveLength(9);
  });

  it('puts the time before each line when asked', async () => {
    const lines = (await readAllLog(cluster, 'short', { timestamps: true })).trim().split('\n');
    for (const line of lines) expect(line).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z \S/);
  });

  it('leaves out what was printed before a time', async () => {
    const future = new Date(Date.now() + 60_000).toISOString();
    expect(await readAllLog(cluster, 'short', { sinceTime: future })).toBe('');
    expect(await readAllLog(cluster, 'short', { sinceSeconds: 3600 })).toContain('line 1');
  });

  it('follows a container until it ends, line by line', async () => {
    const folder = join(cluster.home, 'go');
    const command = shell(`echo first; while [ ! -e ${folder} ]; do sleep 0.01; done; echo second`);
    await cluster.client.create(pods, buildTestPod('growing', { command }, never));
    await waitForPod(cluster.client, 'growing', (one) => one.status?.phase === 'Running');
    const chunks = cluster.kubelet.podLogs('default', 'growing', {
      container: 'main',
      follow: true,
    });
    const seen: string[] = [];
    for await (const chunk of chunks ?? []) {
      seen.push(chunk.toString());
      if (seen.length === 1) (await import('node:fs')).mkdirSync(folder);
    }
    expect(seen).toEqual(['first\n', 'second\n']);
  });

  it('stops following when the reader goes', async () => {
    await cluster.client.create(
      pods,
      buildTestPod('quiet', { command: shell('echo hi; exec sleep 1000') }),
    );
    await waitForPod(cluster.client, 'quiet', (one) => one.status?.phase === 'Running');
    const leave = new AbortController();
    const options = { container: 'main', follow: true, signal: leave.signal };
    const seen: string[] = [];
    for await (const chunk of cluster.kubelet.podLogs('default', 'quiet', options) ?? []) {
      seen.push(chunk.toString());
      leave.abort();
    }
    expect(seen).toEqual(['hi\n']);
  });

  it('keeps at most two files of ten MiB, and the latest lines', async () => {
    const command = shell(
      'yes 0123456789012345678901234567890123456789 | head -n 400000; echo last',
    );
    await cluster.client.create(pods, buildTestPod('flood', { command }, never));
    const pod = await waitForPod(
      cluster.client,
      'flood',
      (one) => one.status?.phase === 'Succeeded',
      20_000,
    );
    const tail = () => readAllLog(cluster, 'flood', { tailLines: 1 });
    await waitFor(async () => (await tail()) === 'last\n', { what: 'the last line' });
    const file = join(podLogFolder(cluster.home, pod), 'main', '0.log');
    const { statSync } = await import('node:fs');
    expect(statSync(file).size).toBeLessThan(12 * 1024 * 1024);
    expect(statSync(`${file}.1`).size).toBeLessThan(12 * 1024 * 1024);
    expect(existsSync(`${file}.2`)).toBe(false);
  }, 40_000);

  it('removes the files with the pod', async () => {
    const pod = await cluster.client.get(pods, { namespace: 'default', name: 'short' });
    const folder = podLogFolder(cluster.home, pod);
    expect(existsSync(folder)).toBe(true);
    await cluster.client.delete(pods, { namespace: 'default', name: 'short' });
    await waitUntilGone(cluster.client, 'short');
    await waitFor(() => !existsSync(folder), { what: 'the log folder to go' });
  });
});
