// What happens to pods when the kubelet stops, is killed, and starts again.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { pods } from '../../../api/resources.ts';
import {
  buildTestPod,
  isAlive,
  pidOf,
  sleeper,
  startTestCluster,
  waitForPod,
  waitUntilGone,
  type TestCluster,
} from '../../support/test-cluster.ts';
import { waitFor } from '../../support/wait-for.ts';

const program = new URL('../../support/run-test-cluster.ts', import.meta.url);

describe('a restart of the kubelet', () => {
  let home = '';
  let host: ChildProcess | undefined;
  let cluster: TestCluster | undefined;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'rouse-restart-'));
  });

  afterEach(async () => {
    await cluster?.stop();
    cluster = undefined;
    host?.kill('SIGKILL');
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  });

  it('stops every process but no object, and starts what must always run', async () => {
    const first = await startTestCluster({ home });
    await first.client.create(pods, buildTestPod('always', { command: sleeper }));
    const never = { restartPolicy: 'Never' } as const;
    await first.client.create(pods, buildTestPod('never', { command: sleeper }, never));
    const before = await waitForPod(first.client, 'always', (one) => pidOf(one) > 0);
    await waitForPod(first.client, 'never', (one) => one.status?.phase === 'Running');
    await first.stop();
    expect(isAlive(pidOf(before))).toBe(false);

    cluster = await startTestCluster({ home });
    const isBack = (one: { restartCount: number } | undefined) => one?.restartCount === 1;
    const after = await waitForPod(cluster.client, 'always', (one) =>
      isBack(one.status?.containerStatuses?.[0]),
    );
    expect(after.metadata.uid).toBe(before.metadata.uid);
    expect(after.spec.containers[0]?.ports).toEqual(before.spec.containers[0]?.ports);
    expect(isAlive(pidOf(after))).toBe(true);
    const failed = await waitForPod(
      cluster.client,
      'never',
      (one) => one.status?.phase === 'Failed',
    );
    expect(failed.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({
      exitCode: 137,
      message: 'the process ended with the local cluster',
    });
  });

  it('finishes the deletion of a pod that was going when it stopped', async () => {
    const first = await startTestCluster({ home, stopMs: 50 });
    const stubborn = ['/bin/sh', '-c', 'trap "" TERM; while :; do sleep 0.05; done'];
    const grace = { terminationGracePeriodSeconds: 60 };
    await first.client.create(pods, buildTestPod('going', { command: stubborn }, grace));
    await waitForPod(first.client, 'going', (one) => one.status?.phase === 'Running');
    await first.client.delete(pods, { namespace: 'default', name: 'going' });
    await first.stop();
    cluster = await startTestCluster({ home });
    await waitUntilGone(cluster.client, 'going');
    expect((await cluster.client.list(pods)).items).toEqual([]);
  });

  it('leaves no process behind when the host process is killed', async () => {
    const { pids, reaper } = await startHost();
    expect(pids.every(isAlive)).toBe(true);
    host?.kill('SIGKILL');
    await waitFor(() => !isAlive(pids[0] ?? 0) && !isAlive(pids[2] ?? 0), {
      what: 'the reaper to end what ends when asked',
    });
    await waitFor(() => !pids.some(isAlive) && !isAlive(reaper), {
      what: 'the reaper to kill the rest and to end',
    });
  });

  it('goes on from what a killed kubelet left, even if the reaper was killed with it', async () => {
    const { pids, reaper } = await startHost();
    process.kill(reaper, 'SIGKILL');
    host?.kill('SIGKILL');
    await waitFor(() => !isAlive(host?.pid ?? 0), { what: 'the host to be gone' });
    expect(pids.some(isAlive)).toBe(true);

    cluster = await startTestCluster({ home });
    await waitFor(() => !pids.some(isAlive), { what: 'leftovers to be ended' });
    const after = await waitForPod(cluster.client, 'always', (one) => {
      const status = one.status?.containerStatuses?.[0];
      return status?.restartCount === 1 && status.state?.running !== undefined;
    });
    expect(isAlive(pidOf(after))).toBe(true);
    await waitForPod(cluster.client, 'never', (one) => one.status?.phase === 'Failed');
  });

  async function startHost(): Promise<{ pids: number[]; reaper: number }> {
    const child = spawn(process.execPath, [program.pathname, home], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    host = child;
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { ids, reaper } = JSON.parse(line.toString()) as { ids: string[]; reaper: number };
    return { pids: ids.map((id) => Number(/^process:\/\/(\d+)-/.exec(id)?.[1])), reaper };
  }
});
