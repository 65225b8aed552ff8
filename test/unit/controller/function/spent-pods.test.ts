// Pods that have proved: when they go, and that a refusal to delete one stops nobody.

import { describe, expect, it } from '@jest/globals';
import type { Pod } from '../../../../api/kubernetes.ts';
import { SpentPods, spentMsMax, spentPodsMax } from '../../../../controller/function/spent-pods.ts';
import { KubeClient } from '../../../../platform/kube/client.ts';
import { silentLog } from '../../../../platform/process/log.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

async function setUp() {
  const deleted: string[] = [];
  let status = 200;
  const transport = {
    request: ({ path }: { path: string }) => {
      deleted.push(path.split('/').at(-1) ?? '');
      return Promise.resolve({ status, body: { kind: 'Status' } });
    },
    watch: () => Promise.reject(new Error('nobody watches here')),
  };
  const clock = new FakeClock();
  const spent = new SpentPods({ client: new KubeClient(transport), clock, log: silentLog });
  const add = (name: string): Promise<void> =>
    spent.add({ metadata: { name, namespace: 'default' } } as unknown as Pod);
  await add('first');
  deleted.shift();
  return { spent, add, deleted, clock, answerWith: (next: number) => (status = next) };
}

describe('SpentPods', () => {
  it('keeps them until it is told that nothing starts', async () => {
    const { spent, add, deleted, clock } = await setUp();
    await add('a');
    await add('b');
    await clock.advance(spentMsMax - 1);
    expect(deleted).toEqual([]);
    await spent.deleteAll();
    expect(deleted).toEqual(['a', 'b']);
    expect([spent.size, clock.timersWaiting]).toEqual([0, 0]);
  });

  it('deletes each after a while, whatever else starts', async () => {
    const { add, deleted, clock } = await setUp();
    await add('a');
    await clock.advance(1_000);
    await add('b');
    await clock.advance(spentMsMax - 1_000);
    expect(deleted).toEqual(['a']);
  });

  it('keeps no more than its bound: the oldest goes', async () => {
    const { spent, add, deleted } = await setUp();
    for (let number = 0; number <= spentPodsMax; number += 1) await add(`pod-${number}`);
    expect(deleted).toEqual(['pod-0']);
    expect(spent.size).toBe(spentPodsMax);
  });

  it('goes on where the API server refuses, and from then on says so at once', async () => {
    const { spent, add, deleted, answerWith } = await setUp();
    await add('a');
    answerWith(403);
    await expect(spent.deleteAll()).resolves.toBeUndefined();
    await expect(add('b')).rejects.toMatchObject({ status: 403 });
    answerWith(200);
    await add('c');
    await add('d');
    expect(deleted).toEqual(['a', 'b', 'c']);
    expect(spent.size).toBe(1);
  });
});
