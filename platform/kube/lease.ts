// Leader election by a coordination.k8s.io Lease, as Kubernetes' own controllers do it.

import { leases } from '../../api/resources.ts';
import type { Lease } from '../../api/kubernetes.ts';
import { pause, systemClock, type Clock } from '../process/clock.ts';
import type { Log } from '../process/log.ts';
import type { KubeClient } from './client.ts';
import { isKubeError } from './kube-error.ts';

export interface LeaderElectionOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly name: string;
  /** Unique per process. */
  readonly identity: string;
  readonly log: Log;
  readonly clock?: Clock;
  /** How long a silent leader keeps the lease, in milliseconds. Default 15 000. */
  readonly durationMs?: number;
}

/** Giving the lease back is a courtesy: who can't in this time lets it expire, in milliseconds. */
const releaseMsMax = 2_000;
/** Renewed this many times per duration, and given up after two thirds of it without success. */
const renewalsPerDuration = 5;

export class LeaderElection {
  readonly #options: Required<LeaderElectionOptions>;
  /** What we last saw of somebody else's lease, and when: clocks of two machines are never compared. */
  #seen: { version: string; atMs: number } | undefined;
  isLeader = false;

  constructor(options: LeaderElectionOptions) {
    this.#options = { clock: systemClock, durationMs: 15_000, ...options };
  }

  /**
   * Stands for election until `signal` aborts, and gives the lease back at the end. `onLead` runs once per term with a
   * signal that aborts when the term ends; the next term starts only when it has returned.
   */
  async run(signal: AbortSignal, onLead: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const periodMs = this.#options.durationMs / renewalsPerDuration;
    while (!signal.aborted) {
      const askedMs = this.#options.clock.monotonicNow();
      if ((await this.#renewUntil(askedMs + periodMs)) === 'mine') {
        // Told to stop while the lease was being taken: the term is over before it begins.
        if (signal.aborted) await this.#release();
        else await this.#lead(signal, onLead, askedMs);
      }
      // After a term too: one that ends at once, with an error, must not begin again in a tight loop.
      await pause(this.#options.clock, periodMs, signal);
    }
  }

  async #lead(
    signal: AbortSignal,
    onLead: (signal: AbortSignal) => Promise<void>,
    acquiredMs: number,
  ): Promise<void> {
    const { clock, log, identity, durationMs } = this.#options;
    const giveUpMs = (durationMs * 2) / 3;
    const term = new AbortController();
    const stop = (): void => term.abort();
    signal.addEventListener('abort', stop, { once: true });
    this.isLeader = true;
    log.info({ identity }, 'became leader');
    const work = onLead(term.signal)
      .catch((error: unknown) => log.error({ error }, 'the leader stopped with an error'))
      .finally(stop);
    // The moment of asking, not of the answer: others count from when the server took it, which lies between.
    let renewedMs = acquiredMs;
    while (!term.signal.aborted) {
      await pause(this.#options.clock, durationMs / renewalsPerDuration, term.signal);
      if (term.signal.aborted) break;
      const askedMs = clock.monotonicNow();
      const lease = await this.#renewUntil(renewedMs + giveUpMs);
      if (lease === 'mine') renewedMs = askedMs;
      else if (lease === 'theirs' || clock.monotonicNow() - renewedMs >= giveUpMs) term.abort();
    }
    this.isLeader = false;
    await work;
    signal.removeEventListener('abort', stop);
    log.info({ identity }, 'stopped leading');
    const released = new AbortController();
    const late = pause(clock, releaseMsMax, released.signal);
    await Promise.race([this.#release(), late]);
    released.abort();
  }

  /** A server that swallows the request must not keep us leading: past `untilMs` the answer doesn't matter any more. */
  async #renewUntil(untilMs: number): Promise<'mine' | 'theirs' | 'unknown'> {
    const answered = new AbortController();
    const leftMs = Math.max(0, untilMs - this.#options.clock.monotonicNow());
    const late = pause(this.#options.clock, leftMs, answered.signal).then(() => 'unknown' as const);
    try {
      return await Promise.race([this.#tryAcquire(), late]);
    } finally {
      answered.abort();
    }
  }

  /** Takes a free or expired lease, or renews our own. */
  async #tryAcquire(): Promise<'mine' | 'theirs' | 'unknown'> {
    const { client, namespace, name, identity, clock, durationMs, log } = this.#options;
    try {
      const found = await client.getOrUndefined(leases, { namespace, name });
      const now = new Date(clock.now()).toISOString().replace('Z', '000Z');
      const mine = found?.spec.holderIdentity === identity;
      if (found !== undefined && !mine && !this.#isExpired(found)) return 'theirs';
      const spec = {
        holderIdentity: identity,
        leaseDurationSeconds: Math.ceil(durationMs / 1000),
        acquireTime: mine ? (found?.spec.acquireTime ?? now) : now,
        renewTime: now,
        leaseTransitions:
          (found?.spec.leaseTransitions ?? 0) + (mine || found === undefined ? 0 : 1),
      };
      const apiVersion = 'coordination.k8s.io/v1';
      if (found === undefined) {
        await client.create(leases, {
          apiVersion,
          kind: 'Lease',
          metadata: { namespace, name },
          spec,
        });
      } else {
        await client.replace(leases, { ...found, spec });
      }
      return 'mine';
    } catch (error) {
      // 409: somebody wrote it meanwhile; the next look tells who.
      if (!isKubeError(error, 409)) log.warn({ error }, 'lease not renewed');
      return 'unknown';
    }
  }

  #isExpired(lease: Lease): boolean {
    const holder = lease.spec.holderIdentity;
    if (holder === undefined || holder === '') return true;
    const nowMs = this.#options.clock.monotonicNow();
    const version = lease.metadata.resourceVersion ?? '';
    if (this.#seen?.version !== version) {
      this.#seen = { version, atMs: nowMs };
      return false;
    }
    const lifeMs = (lease.spec.leaseDurationSeconds ?? 15) * 1000;
    return nowMs - this.#seen.atMs > lifeMs;
  }

  async #release(): Promise<void> {
    const { client, namespace, name, identity, log } = this.#options;
    try {
      const found = await client.getOrUndefined(leases, { namespace, name });
      // The answer may have taken so long that we lead again.
      if (found?.spec.holderIdentity !== identity || this.isLeader) return;
      await client.replace(leases, { ...found, spec: { ...found.spec, holderIdentity: '' } });
    } catch (error) {
      log.debug({ error }, 'lease not released; it will expire');
    }
  }
}
