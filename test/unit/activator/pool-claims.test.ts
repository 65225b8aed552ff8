// Who gets the next parked pod: order, fairness between pools, and what is let go.

import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { ClaimLedger } from '../../../activator/claim-ledger.ts';
import type { PoolPodView } from '../../../activator/derive-pool-pod-view.ts';
import type { ClaimAnswer } from '../../../activator/plan-claim.ts';
import {
  claimsUnderWayMax,
  comingWaitMsMax,
  freshClaimsMax,
  freshMsMax,
  lineWaitMsMax,
  PoolClaims,
  type ClaimResult,
} from '../../../activator/pool-claims.ts';
import { PoolStock } from '../../../activator/pool-stock.ts';
import type { RevisionState } from '../../../activator/revision-state.ts';
import { RevisionTable } from '../../../activator/revision-table.ts';
import { limitDefaults } from '../../../activator/settings.ts';
import { claimsMax } from '../../../api/wire.ts';
import { silentLog } from '../../../platform/process/log.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const address = { host: '10.0.0.1', port: 1 };

const parkedRef = (name: string, namespace = 'default'): PoolPodView => ({
  ...{ namespace, name, uid: name, runtime: 'node', restarts: 0 },
  ...{ isLeaving: false, isRunning: true, isComing: false, isReady: true },
  ...{ http: address, control: address },
});

class World {
  readonly clock = new FakeClock(0);
  readonly stock = new PoolStock(() => 0);
  readonly ledger = new ClaimLedger();
  readonly table = new RevisionTable(limitDefaults, this.clock);
  readonly asked: { pod: string; revision: string; answer: (answer: ClaimAnswer) => void }[] = [];
  readonly served: string[] = [];
  readonly without: string[] = [];
  readonly counted: ClaimResult[] = [];
  hasCode = true;
  readFails = false;
  readonly claims: PoolClaims;
  #pods = 0;

  constructor() {
    const codeOf = (revision: string) => ({
      ...{ revision, revisionUid: `uid-of-${revision}`, codeDigest: '', sha256Hex: '' },
      body: Buffer.alloc(0),
    });
    this.claims = new PoolClaims(
      {
        ...{ stock: this.stock, ledger: this.ledger, clock: this.clock, log: silentLog },
        claimPod: ({ name }, { bundle }) =>
          new Promise((answer) => {
            this.asked.push({ pod: name, revision: bundle.revision, answer });
          }),
        findCode: (_, revision) =>
          this.hasCode ? { bundle: codeOf(revision), privateKey } : undefined,
        readCode: (_, revision) =>
          this.readFails
            ? Promise.reject(new Error('away'))
            : Promise.resolve({ bundle: codeOf(revision), privateKey }),
        countClaim: (result) => void this.counted.push(result),
        onClaim: () => undefined,
      },
      {
        onClaimed: (state) => {
          this.served.push(state.name);
          state.queue.refuseAll(new Error('served'));
        },
        onLoadFailed: (state, error) => state.queue.refuseAll(new Error(error.message)),
        onNoParkedPod: (state) => void this.without.push(state.name),
      },
    );
  }

  park(count: number, namespace = 'default'): void {
    for (let i = 0; i < count; i += 1) {
      this.#pods += 1;
      const name = `pod-${this.#pods}`;
      this.stock.apply(parkedRef(name, namespace));
    }
    this.claims.onPoolChange(`${namespace}/node`);
  }

  /** A parked pod that starts, or what became of it. */
  start(name: string, change: Partial<PoolPodView> = { isComing: true }): void {
    this.stock.apply({ ...parkedRef(name), isRunning: false, isReady: false, ...change });
    this.claims.onPoolChange('default/node');
  }

  /** Somebody waits for it; whether a parked pod is in sight. */
  want(name: string, namespace = 'default'): { state: RevisionState; isPromised: boolean } {
    const limits = { timeoutMs: 1_000, podRequestsMax: 10, target: 10, poolRuntime: 'node' };
    const state = this.table.getOrMake(namespace, name, limits);
    const nothing = (): void => undefined;
    state.queue.push({
      ...{ bytes: 1, enteredAtMs: 0, deadlineAtMs: 1e9 },
      ...{ onGrant: nothing, onExpire: nothing, onRefuse: nothing },
    });
    return { state, isPromised: this.claims.take(state) };
  }

  async answer(index: number, answer: ClaimAnswer = { kind: 'serving', loadMs: 1 }): Promise<void> {
    this.asked[index]?.answer(answer);
    await this.clock.advance(0);
  }
}

describe('PoolClaims', () => {
  it('asks in the very turn in which somebody waits', () => {
    const world = new World();
    world.park(1);
    expect(world.want('a').isPromised).toBe(true);
    expect(world.asked).toHaveLength(1);
  });

  it('claims one pod per Revision at a time', () => {
    const world = new World();
    world.park(3);
    world.want('a');
    world.want('a');
    expect(world.asked).toHaveLength(1);
  });

  it('says at once that there is none, and gives pods that come to those who came first', async () => {
    const world = new World();
    expect(world.want('a').isPromised).toBe(false);
    expect(world.want('b').isPromised).toBe(false);
    world.park(1);
    expect(world.asked.map((one) => one.revision)).toEqual(['a']);
    world.park(1);
    expect(world.asked.map((one) => one.revision)).toEqual(['a', 'b']);
    await world.answer(0);
    await world.answer(1);
    expect(world.served).toEqual(['a', 'b']);
  });

  it('lets as many wait as parked pods are on their way', async () => {
    const world = new World();
    world.start('one');
    world.start('two');
    const promised = ['a', 'b', 'c'].map((name) => world.want(name).isPromised);
    expect(promised).toEqual([true, true, false]);
    world.start('one', { isRunning: true });
    world.start('two', { isRunning: true });
    expect(world.asked.map((one) => one.revision)).toEqual(['a', 'b']);
    await world.clock.advance(comingWaitMsMax);
    expect(world.without).toEqual(['c']);
  });

  it('lets nobody wait for a pod on its way that does not come', async () => {
    const world = new World();
    world.start('one');
    world.want('a');
    await world.clock.advance(comingWaitMsMax - lineWaitMsMax);
    expect(world.without).toEqual([]);
    await world.clock.advance(2 * lineWaitMsMax);
    expect(world.without).toEqual(['a']);
  });

  it('says soon that a pod on its way is stuck', async () => {
    const world = new World();
    world.start('one');
    expect(world.want('a').isPromised).toBe(true);
    world.start('one', { isComing: false });
    await world.clock.advance(lineWaitMsMax);
    expect(world.without).toEqual(['a']);
  });

  it('gives one whose pod was taken the next pod before those who came after', async () => {
    const world = new World();
    world.park(1);
    world.want('a');
    world.want('b');
    await world.answer(0, { kind: 'taken' });
    expect(world.without).toContain('a');
    world.park(1);
    expect(world.asked.map((one) => one.revision)).toEqual(['a', 'a']);
    expect(world.counted).toEqual(['conflict']);
  });

  it('lets each pool have its turn when only so many claims may be under way', async () => {
    const world = new World();
    world.park(freshClaimsMax + 10);
    for (let i = 0; i < freshClaimsMax + 5; i += 1) world.want(`a${i}`);
    world.park(5, 'other');
    for (let i = 0; i < 3; i += 1) world.want(`b${i}`, 'other');
    expect(world.asked).toHaveLength(freshClaimsMax);
    for (let i = 0; i < 4; i += 1) await world.answer(i);
    const next = world.asked.slice(freshClaimsMax).map((one) => one.revision[0]);
    expect(next).toEqual(['a', 'b', 'a', 'b']);
  });

  it('begins a few at a time, and the next when they have had their moment', async () => {
    const world = new World();
    world.park(3 * freshClaimsMax);
    for (let i = 0; i < 3 * freshClaimsMax; i += 1) world.want(`a${i}`);
    expect(world.asked).toHaveLength(freshClaimsMax);
    await world.answer(0);
    expect(world.asked).toHaveLength(freshClaimsMax + 1);
    await world.clock.advance(freshMsMax);
    expect(world.asked).toHaveLength(2 * freshClaimsMax + 1);
    // There is a pod for each, so nobody takes the ordinary way.
    expect(world.without).toEqual([]);
  });

  it('sends those the ordinary way who stand in line for long, and serves them all the same', async () => {
    const world = new World();
    world.park(claimsUnderWayMax + 1);
    for (let i = 0; i < claimsUnderWayMax; i += 1) world.want(`a${i}`);
    while (world.asked.length < claimsUnderWayMax) await world.clock.advance(freshMsMax);
    expect(world.want('late').isPromised).toBe(true);
    await world.clock.advance(lineWaitMsMax);
    expect(world.without).toEqual(['late']);
    await world.answer(0);
    await world.clock.advance(freshMsMax);
    expect(world.asked.at(-1)?.revision).toBe('late');
  });

  it('sends one the ordinary way whose next pod went to another activator while it stood in line', async () => {
    const world = new World();
    world.park(2);
    world.want('a');
    world.park(freshClaimsMax + 5, 'other');
    for (let i = 0; i < freshClaimsMax; i += 1) world.want(`b${i}`, 'other');
    await world.answer(0, { kind: 'taken' });
    expect(world.asked).toHaveLength(freshClaimsMax + 1);
    expect(world.without).not.toContain('a');
    world.stock.remove(parkedRef('pod-2'));
    await world.clock.advance(lineWaitMsMax);
    expect(world.without).toContain('a');
  });

  it('takes nobody a pod who left the line, but keeps one that was sent code', async () => {
    const world = new World();
    const first = world.want('a');
    world.claims.leave(first.state);
    world.park(1);
    expect(world.asked).toEqual([]);
    const second = world.want('b');
    world.claims.leave(second.state);
    await world.answer(0);
    expect(world.served).toEqual(['b']);
    expect(world.ledger.list()).toEqual([
      {
        ...{ namespace: 'default', revision: 'b', revisionUid: 'uid-of-b' },
        ...{ pod: 'pod-1', uid: 'pod-1', outcome: 'serving' },
      },
    ]);
  });

  it('puts the pod back when the code can not be read', async () => {
    const world = new World();
    world.park(1);
    world.hasCode = false;
    world.readFails = true;
    world.want('a');
    await world.clock.advance(0);
    expect(world.without).toEqual(['a']);
    expect(world.stock.hasAny('default/node')).toBe(true);
    expect(world.asked).toEqual([]);
  });

  it('relies on no pod that was told to go while it loaded', async () => {
    const world = new World();
    world.park(1);
    world.want('a');
    const going = { ...(world.stock.find(parkedRef('pod-1')) as PoolPodView), isLeaving: true };
    world.stock.apply(going);
    await world.answer(0);
    expect(world.served).toEqual([]);
    expect(world.ledger.list()[0]?.outcome).toBe('unknown');
  });

  it('tells nobody of a pod that was gone before it answered: nothing would ever end that', async () => {
    const world = new World();
    world.park(1);
    world.want('a');
    world.stock.remove(parkedRef('pod-1'));
    await world.answer(0, { kind: 'lost' });
    expect(world.counted).toEqual(['failed']);
    expect(world.ledger.list()).toEqual([]);
  });

  it('serves the successor of a deleted Revision from the first pod that has its code', async () => {
    const world = new World();
    world.park(2);
    const { state } = world.want('a');
    world.claims.onRevisionGone(state);
    await world.answer(0);
    expect(world.served).toEqual([]);
    await world.answer(1);
    expect(world.served).toEqual(['a']);
    expect(world.ledger.list().map((one) => one.outcome)).toEqual(['unknown', 'serving']);
  });
});

describe('ClaimLedger', () => {
  it('is bounded, and gives up the oldest', () => {
    const ledger = new ClaimLedger();
    for (let i = 0; i <= claimsMax; i += 1) {
      const uid = String(i);
      ledger.add({ namespace: 'a', revision: 'b', pod: uid, uid, outcome: 'serving' });
    }
    expect(ledger.list()).toHaveLength(claimsMax);
    expect(ledger.list()[0]?.uid).toBe('1');
    ledger.settle('1');
    expect(ledger.list()[0]?.uid).toBe('2');
  });
});
