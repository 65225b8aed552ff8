// Writes that the server refuses because somebody else was faster: tried again soon at first, then less and less often.

import { afterEach, describe, expect, it } from '@jest/globals';
import { adoptAfterMs } from '../../../../controller/pool/warm-pool.ts';
import { buildTestFunction, buildTestRevision } from '../../../support/build-function.ts';
import {
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
/** From 20 ms doubled to 500 ms: 6 in the first second, and 2 in every other. */
const triesIn10s = 26;

function writesTo(what: RegExp): number {
  return world.server.writes.filter((one) => what.test(one.path)).length;
}

describe('a write that is refused again and again', () => {
  it.each([409, 404])('of a claim is made twice a second in the end: %s', async (status) => {
    world = await startPoolWorld();
    const { server, clock, pool } = world;
    showRevision(world, revision, 1);
    server.show('pods', buildParkedPod('pod-1'));
    server.answer = () => ({ status, body: { kind: 'Status' } });
    world.lead();
    await clock.advance(0);
    pool.claim({
      ...{ namespace: 'shop', revision: 'hello-00001', revisionUid: 'hello-00001-uid' },
      ...{ pod: 'pod-1', uid: 'uid-of-pod-1', outcome: 'serving' },
    });
    // The callers come first.
    await clock.advance(adoptAfterMs - 1);
    expect(writesTo(/pods\/pod-1$/)).toBe(0);
    await clock.advance(1);
    expect(writesTo(/pods\/pod-1$/)).toBe(1);
    await clock.advance(25);
    expect(writesTo(/pods\/pod-1$/)).toBe(2);
    await clock.advance(9_975);
    expect(writesTo(/pods\/pod-1$/)).toBeLessThan(triesIn10s);
    expect(writesTo(/pods\/pod-1$/)).toBeGreaterThan(10);
  });

  it('of a gate is made twice a second in the end', async () => {
    world = await startPoolWorld();
    const { server, clock } = world;
    showRevision(world, revision, 1);
    server.show('pods', buildGatedPod('pod-1', revision));
    server.answer = () => ({ status: 422, body: { kind: 'Status' } });
    world.lead();
    await clock.advance(10_000);
    expect(writesTo(/pods\/pod-1$/)).toBeLessThan(triesIn10s);
    expect(writesTo(/pods\/pod-1$/)).toBeGreaterThan(10);
  });

  it('of a pool is made twice a second in the end', async () => {
    world = await startPoolWorld();
    const { server, clock } = world;
    server.show('functions', buildTestFunction());
    server.answer = () => ({ status: 409, body: { kind: 'Status' } });
    showPool(world);
    world.lead();
    await clock.advance(10_000);
    expect(writesTo(/podtemplates\/rouse-pool-node$/)).toBeLessThan(triesIn10s);
    expect(writesTo(/podtemplates\/rouse-pool-node$/)).toBeGreaterThan(10);
  });
});
