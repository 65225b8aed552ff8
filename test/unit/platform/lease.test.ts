// Leader election where the API server or the leader's own work fails.

import { describe, expect, it } from '@jest/globals';
import type { Lease } from '../../../api/kubernetes.ts';
import { KubeClient } from '../../../platform/kube/client.ts';
import { LeaderElection } from '../../../platform/kube/lease.ts';
import type { KubeRequest, KubeResponse, Transport } from '../../../platform/kube/transport.ts';
import { silentLog } from '../../../platform/process/log.ts';
import { FakeClock } from '../../support/fake-clock.ts';

/** Keeps one Lease; while `isSilent` it takes requests and never answers. */
class LeaseServer implements Transport {
  isSilent = false;
  lease: Lease | undefined;
  #version = 0;

  request({ method, body }: KubeRequest): Promise<KubeResponse> {
    if (this.isSilent) return new Promise(() => {});
    if (method !== 'GET') {
      this.#version += 1;
      const given = body as Lease;
      const metadata = { ...given.metadata, resourceVersion: String(this.#version) };
      this.lease = { ...given, metadata };
    }
    if (this.lease === undefined) return Promise.resolve({ status: 404, body: { kind: 'Status' } });
    return Promise.resolve({ status: 200, body: this.lease });
  }

  watch(): Promise<void> {
    return Promise.reject(new Error('nobody watches here'));
  }
}

function stand(onLead: (term: AbortSignal) => Promise<void>) {
  const server = new LeaseServer();
  const clock = new FakeClock();
  const election = new LeaderElection({
    client: new KubeClient(server),
    namespace: 'default',
    name: 'leader',
    identity: 'me',
    log: silentLog,
    clock,
    durationMs: 15_000,
  });
  const stop = new AbortController();
  const done = election.run(stop.signal, onLead);
  return { server, clock, election, stop: () => (stop.abort(), done) };
}

const untilAborted = (term: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    term.addEventListener('abort', () => resolve(), { once: true });
  });

describe('LeaderElection', () => {
  it('stops leading before its lease runs out when renewals get no answer at all', async () => {
    const { server, clock, election } = stand(untilAborted);
    await clock.advance(7_000);
    expect(election.isLeader).toBe(true);
    server.isSilent = true;
    // Renewed last at 6 s: others may lead from 21 s on.
    await clock.advance(9_500);
    expect(election.isLeader).toBe(false);
  });

  it('goes on leading whatever happens to the wall clock', async () => {
    let terms = 0;
    const { clock, election, stop } = stand((term) => {
      terms += 1;
      return untilAborted(term);
    });
    await clock.advance(4_000);
    clock.jump(3_600_000);
    await clock.advance(4_000);
    clock.jump(-7_200_000);
    await clock.advance(4_000);
    expect([election.isLeader, terms]).toEqual([true, 1]);
    await stop();
  });

  it('leads again soon after a server that swallowed everything is back', async () => {
    const { server, clock, election, stop } = stand(untilAborted);
    await clock.advance(1_000);
    server.isSilent = true;
    await clock.advance(60_000);
    expect(election.isLeader).toBe(false);
    server.isSilent = false;
    await clock.advance(7_000);
    expect(election.isLeader).toBe(true);
    await stop();
  });

  it('ends when it is told to while it takes the lease, and gives it back', async () => {
    const { server, clock, stop } = stand(untilAborted);
    const stopped = stop();
    await clock.advance(10_000);
    await stopped;
    expect(server.lease?.spec.holderIdentity).toBe('');
  });

  it('pauses between terms that end with an error at once', async () => {
    let terms = 0;
    const { clock, stop } = stand(() => {
      terms += 1;
      return Promise.reject(new Error('no right to do this'));
    });
    await clock.advance(9_500);
    expect(terms).toBeGreaterThan(1);
    expect(terms).toBeLessThan(6);
    await stop();
  });
});
