// Any part may be killed with SIGKILL at any moment: requests heal, objects stay, nothing has to be restarted by hand.

import { describe, expect, it } from '@jest/globals';
import { findPart, isAlive } from '../../support/process-tree.ts';
import { useTarget } from '../../support/use-target.ts';
import { waitFor } from '../../support/wait-for.ts';

const target = useTarget({ isLocal: true });
const inline = "export const handler = async () => ({ statusCode: 200, body: 'hello' });";
const spec = { runtime: 'node', source: { inline }, scaling: { idleSeconds: 1 } };

/** Returns the pid it had. */
function kill(part: 'controller' | 'activator' | 'pod'): number {
  const { pid } = findPart(target().platform?.pid ?? 0, part);
  process.kill(pid, 'SIGKILL');
  return pid;
}

async function answers(name: string): Promise<void> {
  await waitFor(async () => (await target().call(name)).status === 200, {
    what: `${name} to answer`,
    deadlineMs: 15_000,
  });
}

describe('kill -9', () => {
  it('of the controller delays no wake, and new Functions still become Ready', async () => {
    await target().deploy('before', spec);
    await target().sleeps('before');
    const pid = kill('controller');
    const answer = await target().call('before');
    expect(answer.status).toBe(200);
    await target().deploy('after', spec);
    expect((await target().call('after')).status).toBe(200);
    await target().sleeps('before');
    expect(isAlive(pid)).toBe(false);
  });

  it('of the controller while a Function is being proved loses nothing', async () => {
    await target().apply('proved', spec);
    kill('controller');
    await target().becomes('proved', { status: 'True' });
    expect((await target().call('proved')).status).toBe(200);
    await target().sleeps('proved');
  });

  it('of the controller under load sheds no pod', async () => {
    const slow =
      "export const handler = async () => { await new Promise((done) => setTimeout(done, 100)); return { statusCode: 200, body: 'x' }; };";
    await target().deploy('loaded', {
      runtime: 'node',
      source: { inline: slow },
      concurrency: { target: 1 },
      scaling: { idleSeconds: 1, stableWindowSeconds: 6, maxReplicas: 3 },
    });
    const statuses: number[] = [];
    let isOver = false;
    const caller = async () => {
      while (!isOver) statuses.push((await target().call('loaded')).status);
    };
    const callers = Array.from({ length: 4 }, caller);
    const countPods = async () => (await target().podsOf('loaded')).length;
    await waitFor(async () => (await countPods()) === 3, {
      what: 'three pods',
      deadlineMs: 20_000,
    });
    const pid = kill('controller');
    await waitFor(() => !isAlive(pid), { what: 'the controller to be dead' });
    // Long enough for a new one to lead and to decide a few times.
    const untilMs = performance.now() + 6_000;
    const counts = new Set<number>();
    await waitFor(
      async () => {
        counts.add(await countPods());
        return performance.now() > untilMs;
      },
      { what: 'six seconds of decisions', deadlineMs: 10_000 },
    );
    isOver = true;
    await Promise.all(callers);
    expect([...counts]).toEqual([3]);
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    await target().sleeps('loaded');
  }, 60_000);

  it('of the activator is over as soon as it is back, and pods awake are found again', async () => {
    await target().deploy('found', spec);
    await answers('found');
    const pid = kill('activator');
    await waitFor(() => !isAlive(pid), { what: 'the activator to be dead' });
    await answers('found');
    await target().sleeps('found');
    await answers('found');
  });

  it('of a pod is over with the next request', async () => {
    await target().deploy('pod', { ...spec, scaling: { idleSeconds: 30 } });
    await answers('pod');
    kill('pod');
    const answer = await target().call('pod');
    expect([200, 502]).toContain(answer.status);
    expect((await target().call('pod')).status).toBe(200);
  });
});
