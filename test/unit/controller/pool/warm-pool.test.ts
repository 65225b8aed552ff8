// The warm pool while it leads, follows and begins to lead: what it writes, how often, and what it keeps.

import { afterEach, describe, expect, it } from '@jest/globals';
import type { ClaimReport } from '../../../../api/wire.ts';
import { forgetAfterMs } from '../../../../controller/pool/claim-book.ts';
import { buildTestRevision } from '../../../support/build-function.ts';
import {
  buildGatedPod,
  buildParkedPod,
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
