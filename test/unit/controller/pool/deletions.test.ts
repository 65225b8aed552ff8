// Pods of the pool that are to be deleted: not when somebody has claimed or adopted them since that was decided.

import { afterEach, describe, expect, it } from '@jest/globals';
import type { Pod } from '../../../../api/kubernetes.ts';
import { labels } from '../../../../api/names.ts';
import type { ClaimReport } from '../../../../api/wire.ts';
import type { KubeResponse } from '../../../../platform/kube/transport.ts';
import { buildTestRevision } from '../../../support/build-function.ts';
import { buildParkedPod, startPoolWorld, type PoolWorld } from '../../../support/pool-world.ts';

let world: PoolWorld;
afterEach(() => world.stop());

const claimOf = (pod: string, outcome: ClaimReport['outcome']): ClaimReport => ({
  ...{ namespace: 'shop', revision: 'hello-00001', revisionUid: 'hello-00001-uid' },
  ...{ pod, uid: `uid-of-${pod}`, outcome },
});
const deleted = (): string[] =>
  world.server.writes
    .filter((one) => one.method === 'DELETE')
    .map((one) => one.path.split('/').at(-1) ?? '');

/** Two pods that started anew; the server takes its time to delete the first. */
async function startSweep(): Promise<() => void> {
  world = await startPoolWorld();
  const { server, clock } = world;
  const held: ((response: KubeResponse) => void)[] = [];
  server.answer = () => new Promise((resolve) => held.push(resolve));
  for (const name of ['pod-1', 'pod-2']) server.show('pods', buildParkedPod(name, { restarts: 1 }));
  world.lead();
  await clock.advance(0);
  expect(deleted()).toEqual(['pod-1']);
  return () => {
    server.answer = () => ({ status: 200, body: {} });
    for (const resolve of held) resolve({ status: 200, body: {} });
  };
}

describe('the sweep', () => {
  it('deletes what started anew, as it was seen', async () => {
    const goOn = await startSweep();
    goOn();
    await world.clock.advance(0);
    expect(deleted()).toEqual(['pod-1', 'pod-2']);
    const { uid, resourceVersion } = world.caches.pods.get('shop', 'pod-1')?.metadata ?? {};
    expect(resourceVersion).toBeDefined();
    expect(world.server.writes[0]?.body).toMatchObject({ preconditions: { uid, resourceVersion } });
  });

  it('leaves one alone that was claimed meanwhile', async () => {
    const goOn = await startSweep();
    world.pool.claim(claimOf('pod-2', 'serving'));
    goOn();
    await world.clock.advance(0);
    expect(deleted()).toEqual(['pod-1']);
  });

  it('leaves one alone that was adopted meanwhile', async () => {
    const goOn = await startSweep();
    const pod = buildParkedPod('pod-2', { restarts: 1 });
    const { [labels.pool]: _, ...own } = pod.metadata.labels ?? {};
    const adopted: Pod = {
      ...pod,
      metadata: { ...pod.metadata, labels: { ...own, [labels.revision]: 'hello-00001' } },
    };
    world.server.show('pods', adopted);
    goOn();
    await world.clock.advance(0);
    expect(deleted()).toEqual(['pod-1']);
  });
});

describe('a claimed pod', () => {
  it('is deleted as it was seen, and looked at again where it has changed since', async () => {
    world = await startPoolWorld();
    const { server, clock, book, pool } = world;
    server.show('revisions', buildTestRevision(1));
    server.show('pods', buildParkedPod('pod-1'));
    const { uid, resourceVersion } = world.caches.pods.get('shop', 'pod-1')?.metadata ?? {};
    server.answer = () => ({ status: 409, body: { kind: 'Status' } });
    world.lead();
    await clock.advance(0);
    pool.claim(claimOf('pod-1', 'failed'));
    await clock.advance(0);
    expect(server.writes).toMatchObject([{ body: { preconditions: { uid, resourceVersion } } }]);
    expect(book.size).toBe(1);
    server.answer = () => ({ status: 200, body: {} });
    await clock.advance(1_000);
    expect(deleted()).toEqual(['pod-1', 'pod-1']);
    expect(book.size).toBe(0);
  });
});
