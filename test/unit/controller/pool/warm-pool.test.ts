// The warm pool while it leads, follows and begins to lead: what it writes, how often, and what it keeps.

import { afterEach, describe, expect, it } from '@jest/globals';
import type { ClaimReport } from '../../../../api/wire.ts';
import { forgetAfterMs } from '../../../../controller/pool/claim-book.ts';
import { buildTestFunction, buildTestRevision } from '../../../support/build-function.ts';
import {
  buildAdoptedPod,
  buildGatedPod,
  buildParkedPod,
  showPool,
  showRevision,
  startPoolWorld,
  type PoolWorld,
} from '../../../support/pool-world.ts';

let world: PoolWorld;
afterEach(() => world.stop());

const revision = buildTestRevision(1);
const claimOf = (pod: string): ClaimReport => ({
  ...{ namespace: 'shop', revision: 'hello-00001', revisionUid: 'hello-00001-uid' },
  ...{ pod, uid: `uid-of-${pod}`, outcome: 'serving' },
});

describe('a controller that does not lead', () => {
  it('keeps no key to look at, and forgets what nobody tells of any more', async () => {
    world = await startPoolWorld();
    const { pool, book, server, clock } = world;
    for (let i = 0; i < 100; i += 1) {
      server.show('pods', buildParkedPod(`pod-${i}`));
      server.show('pods', buildGatedPod(`gated-${i}`, buildTestRevision(i)));
      pool.claim(claimOf(`pod-${i}`));
    }
    expect(pool.keysWaiting).toBe(0);
    expect(book.size).toBe(100);
    await clock.advance(forgetAfterMs + 1);
    pool.claim(claimOf('pod-0'));
    expect(book.uids()).toEqual(['uid-of-pod-0']);
  });

  it('looks at what it was told when it begins to lead', async () => {
    world = await startPoolWorld();
    const { pool, server, clock } = world;
    server.show('revisions', revision);
    server.show('pods', buildParkedPod('pod-1'));
    pool.claim({ ...claimOf('pod-1'), outcome: 'failed' });
    world.lead();
    await clock.advance(0);
    expect(server.writes).toMatchObject([
      { method: 'DELETE', path: '/api/v1/namespaces/shop/pods/pod-1' },
    ]);
  });
});

describe('a controller that begins to lead', () => {
  /** The server takes its time to delete a pod that the first sweep has found. */
  async function startTerm(show: () => void): Promise<() => Promise<void>> {
    world = await startPoolWorld();
    const { server, clock } = world;
    show();
    server.show('pods', buildParkedPod('pod-1', { restarts: 1 }));
    const held: (() => void)[] = [];
    server.answer = ({ method, body }) =>
      new Promise((resolve) => {
        const respond = (): void => resolve({ status: 200, body });
        if (method === 'DELETE') held.push(respond);
        else respond();
      });
    world.lead();
    await clock.advance(1_000);
    expect(held).toHaveLength(1);
    return async () => {
      for (const respond of held) respond();
      server.answer = ({ body }) => ({ status: 200, body });
      await clock.advance(0);
    };
  }
  const writesToPool = (): string[] =>
    world.server.writes
      .filter((one) => one.path.includes('/podtemplates/rouse-pool-node'))
      .map((one) => one.method);

  it('deletes no pool before it knows which pods are claimed', async () => {
    const finishSweep = await startTerm(() => showPool(world, { size: 3 }));
    expect(writesToPool()).toEqual([]);
    await finishSweep();
    expect(writesToPool()).toEqual(['DELETE']);
  });

  it('takes no pod of an earlier image before that, and lets the pool grow', async () => {
    const finishSweep = await startTerm(() => {
      world.server.show('functions', buildTestFunction());
      showPool(world, { size: 1, isOld: true });
    });
    const others = () =>
      world.server.writes.filter(({ path }) => !path.endsWith('/pod-1')).map((one) => one.method);
    // The PodTemplate, and the first pod by it.
    expect(others()).toEqual(['PATCH', 'POST']);
    await finishSweep();
    expect(others()).not.toContain('DELETE');
  });

  it('asks the other pods also when one can not be deleted', async () => {
    world = await startPoolWorld();
    const { server, clock } = world;
    for (const name of ['pod-1', 'pod-2']) {
      server.show('pods', buildParkedPod(name, { restarts: 1 }));
    }
    server.answer = () => ({ status: 403, body: { kind: 'Status' } });
    world.lead();
    await clock.advance(0);
    expect(server.writes.map((one) => one.path.split('/').at(-1))).toEqual(['pod-1', 'pod-2']);
  });
});

describe('adopted pods that a former leader did not resize', () => {
  const large = buildTestRevision(1, undefined, { resources: { requests: { cpu: '1' } } });
  const resizes = (): string[] =>
    world.server.writes.flatMap(({ path }) => /([^/]+)\/resize$/.exec(path)?.[1] ?? []);

  async function startWith(count: number): Promise<void> {
    world = await startPoolWorld();
    showRevision(world, large, 1);
    for (let i = 0; i < count; i += 1) {
      world.server.show('pods', buildAdoptedPod(`pod-${i}`, large));
    }
  }

  it('are resized some at a time, and tried again when the server was away', async () => {
    await startWith(40);
    const { server, clock } = world;
    const held: (() => void)[] = [];
    server.answer = () =>
      new Promise((resolve) => held.push(() => resolve({ status: 503, body: {} })));
    world.lead();
    await clock.advance(0);
    expect(resizes()).toHaveLength(16);
    server.answer = () => ({ status: 200, body: {} });
    for (const respond of held) respond();
    await clock.advance(1_000);
    expect(resizes()).toHaveLength(40 + 16);
    expect(new Set(resizes()).size).toBe(40);
  });

  it('are not asked for again when the server refuses', async () => {
    await startWith(3);
    const { server, clock } = world;
    server.answer = () => ({ status: 422, body: { kind: 'Status' } });
    const term = world.lead();
    await clock.advance(1_000);
    expect(resizes()).toHaveLength(3);
    term.abort();
    await clock.advance(0);
    world.lead();
    await clock.advance(1_000);
    expect(resizes()).toHaveLength(3);
  });
});
