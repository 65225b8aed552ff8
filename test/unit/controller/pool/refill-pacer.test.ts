// Parked pods start a few at a time, after those that somebody waits for.

import { afterEach, describe, expect, it } from '@jest/globals';
import type { Pod } from '../../../../api/kubernetes.ts';
import { refillGate } from '../../../../api/names.ts';
import { startsPerNodeMax } from '../../../../controller/pool/refill-pacer.ts';
import { buildParkedPod, startPoolWorld, type PoolWorld } from '../../../support/pool-world.ts';

let world: PoolWorld;
afterEach(() => world.stop());

function held(name: string): Pod {
  const found = buildParkedPod(name);
  const spec = { ...found.spec, schedulingGates: [{ name: refillGate }] };
  return { ...found, spec, status: { phase: 'Pending' } };
}

function started(name: string, nodeName = 'one'): Pod {
  const found = held(name);
  const { schedulingGates: _, ...spec } = found.spec;
  return { ...found, spec: { ...spec, nodeName } };
}

const namesOf = (count: number): string[] =>
  Array.from({ length: count }, (_, number) => `pod-${number}`);
const names = namesOf(startsPerNodeMax + 3);
const lifted = (): string[] =>
  world.server.writes
    .filter(({ method, path }) => method === 'PATCH' && path.includes('/pods/'))
    .map(({ path }) => path.split('/').at(-1) ?? '');

describe('the start of parked pods', () => {
  it('lets as many go as a node starts at once, and the next when one has started', async () => {
    world = await startPoolWorld();
    const { server, clock } = world;
    for (const name of names) server.show('pods', held(name));
    world.lead();
    await clock.advance(0);
    expect(lifted()).toEqual(names.slice(0, startsPerNodeMax));
    for (const name of lifted()) server.show('pods', started(name));
    await clock.advance(0);
    expect(lifted()).toHaveLength(startsPerNodeMax);
    server.show('pods', buildParkedPod('pod-0'));
    await clock.advance(0);
    expect(lifted()).toEqual(names.slice(0, startsPerNodeMax + 1));
  });

  it('lets as many go on every node that has a pod of ours', async () => {
    world = await startPoolWorld();
    const { server, clock } = world;
    for (const nodeName of ['one', 'two']) {
      const pod = { ...started(`own-${nodeName}`, nodeName), status: { phase: 'Running' } };
      server.show('pods', pod as Pod);
    }
    for (const name of namesOf(2 * startsPerNodeMax + 3)) server.show('pods', held(name));
    world.lead();
    await clock.advance(0);
    expect(lifted()).toHaveLength(2 * startsPerNodeMax);
  });

  it('waits for those that somebody calls', async () => {
    world = await startPoolWorld();
    const { server, clock } = world;
    const own = Array.from({ length: startsPerNodeMax }, (_, number) => `own-${number}`);
    for (const name of own) server.show('pods', { ...started(name) });
    for (const name of names) server.show('pods', held(name));
    world.lead();
    await clock.advance(0);
    expect(lifted()).toEqual([]);
    server.show('pods', started('own-0'), 'DELETED');
    await clock.advance(0);
    expect(lifted()).toEqual(['pod-0']);
  });

  it('lifts no gate twice while the cache lags, and again when it was refused', async () => {
    world = await startPoolWorld();
    const { server, clock } = world;
    let status = 422;
    server.answer = () => ({ status, body: { kind: 'Status' } });
    server.show('pods', held('pod-0'));
    world.lead();
    await clock.advance(0);
    expect(lifted()).toEqual(['pod-0']);
    status = 200;
    await clock.advance(1_000);
    expect(lifted()).toEqual(['pod-0', 'pod-0']);
    await clock.advance(2_000);
    expect(lifted()).toEqual(['pod-0', 'pod-0']);
  });
});
