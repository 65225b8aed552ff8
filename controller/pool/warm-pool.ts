// The warm pool: listens to claims and to the caches, and sees to pods, gates and sizes while this controller leads.

import type { KubeObject, Pod } from '../../api/kubernetes.ts';
import { annotations, labels } from '../../api/names.ts';
import type { ClaimReport } from '../../api/wire.ts';
import type { Ref } from '../../platform/kube/client.ts';
import { isKubeError } from '../../platform/kube/kube-error.ts';
import { WorkQueue } from '../../platform/kube/work-queue.ts';
import { pause } from '../../platform/process/clock.ts';
import { poolKeysOf, type CachedFunction } from '../caches.ts';
import { AdoptionWindow } from './adoption-window.ts';
import { adoptPod, resizePod } from './adopt-pod.ts';
import { revisionKeyOf } from './claim-book.ts';
import { ConflictPace, type LookResult } from './conflict-pace.ts';
import { liftGates } from './lift-gates.ts';
import { isGated } from './observe-adoption.ts';
import type { Claim } from './plan-adoption.ts';
import { isReady } from './derive-pod-state.ts';
import type { PoolPorts } from './pool-ports.ts';
import { RefillPacer } from './refill-pacer.ts';
import { PoolSizer } from './size-pools.ts';
import { PodSweeper } from './sweep-pods.ts';

export const sweepPeriodMs = 10_000;
/** Pods, Revisions and pools looked at at once. */
const adoptionsMax = 16;
const gatesMax = 8;
const sizesMax = 4;
/**
 * From the first news of a claim, in milliseconds. Its callers have their answer by then: until then every write, and
 * what Kubernetes makes of it, would take processor time from them, or from others that call at the same moment.
 */
export const adoptAfterMs = 250;
/** How soon an adoption looks whether it is its turn, in milliseconds. */
const turnAgainMs = 100;
/** There is one line for all parked pods. */
const refillKey = 'refills';
const backoffMs = { first: 50, max: 5_000 };

export class WarmPool {
  readonly #ports: PoolPorts;
  readonly #adoptions: WorkQueue;
  readonly #gates: WorkQueue;
  readonly #sizes: WorkQueue;
  readonly #refills: WorkQueue;
  readonly #paces = {
    ...{ adoption: new ConflictPace(), gates: new ConflictPace(), size: new ConflictPace() },
    refills: new ConflictPace(),
  };
  readonly #sizer: PoolSizer;
  readonly #pacer: RefillPacer;
  readonly #window = new AdoptionWindow();
  readonly #sweeper: PodSweeper;
  /** Of the present or last term as a leader. */
  #term: AbortSignal | undefined;
  /** Whether this term's first sweep is over. */
  #isSwept = false;
  #prunedMs = 0;
  /** By uid, adopted pods whose resources this leader has not looked at yet. */
  readonly #unsized = new Map<string, Ref>();

  constructor(ports: PoolPorts) {
    this.#ports = ports;
    const { log, clock } = ports;
    const queue = (name: string, concurrency: number): WorkQueue =>
      new WorkQueue({ name, log, clock, concurrency, backoffMs });
    this.#adoptions = queue('adoption of a pod', adoptionsMax);
    this.#gates = queue('lifting of gates', gatesMax);
    this.#sizes = queue('size of a pool', sizesMax);
    this.#refills = queue('start of parked pods', 1);
    this.#pacer = new RefillPacer(ports);
    this.#sizer = new PoolSizer(ports, (unseen) => this.#pacer.room(unseen));
    this.#sweeper = new PodSweeper(ports, (claim) => this.claim(claim));
    this.#followPods();
    this.#followOthers();
  }

  /** Every controller keeps book, so that a new leader knows; only the leader acts. */
  claim(told: Claim | ClaimReport): void {
    const { book, clock, metrics } = this.#ports;
    const isNew = book.add(told, clock.monotonicNow());
    if (clock.monotonicNow() - this.#prunedMs >= sweepPeriodMs) this.#prune();
    const pool = this.#poolKeyOf(told);
    // Activators go on telling for a moment after the adoption is done: those count no more.
    if (isNew && pool !== undefined) {
      metrics.claimed(told.outcome);
      // One that turns out to be free is told of again as if it were new, every second for as long as it is parked.
      // How many there should be is looked at when it is adopted: until then nothing may start beside its callers.
      if (told.outcome !== 'unknown') this.#sizer.claimed(pool);
    }
    this.#add(this.#adoptions, told.uid);
  }

  /** The image, the keys or the settings of pods have changed. */
  lookAtAll(): void {
    const { caches } = this.#ports;
    for (const one of caches.functions.list()) this.#addPools(one);
    for (const one of caches.poolTemplates.list()) this.#addPool(one);
  }

  get keysWaiting(): number {
    return [this.#adoptions, this.#gates, this.#sizes, this.#refills].reduce(
      (total, one) => total + one.size,
      0,
    );
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#term = signal;
    this.#isSwept = false;
    this.#unsized.clear();
    this.#window.clear();
    const { adoption, gates, size, refills } = this.#paces;
    for (const one of [adoption, gates, size, refills]) one.clear();
    this.#prune();
    this.lookAtAll();
    const sizing = this.#sizes.run(
      (key) => size.look(key, () => this.#sizer.look(key, this.#isSwept)),
      signal,
    );
    const refilling = this.#refills.run(
      (key) => refills.look(key, () => this.#pacer.look()),
      signal,
    );
    this.#add(this.#refills, refillKey);
    // What is claimed and not told of must be known before anything is counted: gates, replicas, room in a set.
    await this.#trySweep(signal);
    this.#isSwept = true;
    this.lookAtAll();
    for (const uid of this.#ports.book.uids()) this.#add(this.#adoptions, uid);
    for (const pod of this.#ports.caches.pods.list()) this.#resume(pod);
    await Promise.all([
      ...[sizing, refilling],
      this.#adoptions.run((uid) => adoption.look(uid, () => this.#adopt(uid)), signal),
      this.#gates.run((key) => gates.look(key, () => liftGates(key, this.#ports)), signal),
      this.#sweepForEver(signal),
    ]);
  }

  /** A queue that nobody works at would keep every key for ever; a new leader looks at all there is. */
  #add(queue: WorkQueue, key: string): void {
    if (this.#term?.aborted === false) queue.add(key);
  }

  #prune(): void {
    this.#prunedMs = this.#ports.clock.monotonicNow();
    this.#ports.book.prune(this.#prunedMs);
  }

  async #adopt(uid: string): Promise<LookResult> {
    const { book, clock } = this.#ports;
    const entry = book.find(uid);
    if (entry === undefined) {
      this.#window.leave(uid);
      return this.#resize(uid);
    }
    const { claim, firstMs } = entry;
    if (claim.outcome === 'serving') {
      const nowMs = clock.monotonicNow();
      if (nowMs < firstMs + adoptAfterMs) return firstMs + adoptAfterMs - nowMs;
      if (!this.#window.mayAdopt(uid, nowMs)) return turnAgainMs;
    }
    const againAfterMs = await adoptPod(uid, this.#ports);
    // Done with, one way or another: a gate may be waiting for just that.
    if (book.find(uid) !== undefined) return againAfterMs;
    this.#window.leave(uid);
    this.#add(this.#gates, revisionKeyOf(claim));
    return this.#resize(uid);
  }

  async #sweepForEver(signal: AbortSignal): Promise<void> {
    const { clock, caches } = this.#ports;
    while (!signal.aborted) {
      await pause(clock, sweepPeriodMs, signal);
      this.#prune();
      for (const pod of caches.pods.list()) this.#lookAtGate(pod);
      await this.#trySweep(signal);
    }
  }

  async #trySweep(signal: AbortSignal): Promise<void> {
    await this.#sweeper.sweep(signal).catch((error: unknown) => {
      this.#ports.log.warn({ error }, 'parked pods could not all be asked, trying again later');
    });
  }

  /** A controller that ended between adoption and resize left this to us. */
  #resume(pod: Pod): void {
    this.#lookAtGate(pod);
    const { uid, annotations: notes } = pod.metadata;
    if (uid === undefined || notes?.[annotations.adopted] === undefined) return;
    this.#unsized.set(uid, pod.metadata);
    this.#add(this.#adoptions, uid);
  }

  /** Of no pod whose claim is still in the book: its end comes first. */
  async #resize(uid: string): Promise<LookResult> {
    const { caches } = this.#ports;
    const ref = this.#unsized.get(uid);
    if (ref === undefined) return null;
    const pod = caches.pods.get(ref.namespace, ref.name);
    const revision = caches.revisions.get(
      ref.namespace,
      pod?.metadata.labels?.[labels.revision] ?? '',
    );
    if (pod?.metadata.uid === uid && revision !== undefined) {
      try {
        await resizePod(pod, revision, this.#ports);
      } catch (error) {
        if (isKubeError(error, 409)) return 'conflict';
        throw error;
      }
    }
    this.#unsized.delete(uid);
    return null;
  }

  #followPods(): void {
    const { caches, book } = this.#ports;
    caches.pods.onChange(({ type, object, old }) => {
      const uid = object.metadata.uid ?? '';
      if (book.find(uid) !== undefined) this.#add(this.#adoptions, uid);
      this.#sizer.seen(uid);
      // One that came, went or was adopted changes how many there are.
      for (const pod of [object, ...(old === undefined ? [] : [old])]) this.#addPool(pod);
      // Each pod that starts, or has started, may make room for the next.
      this.#add(this.#refills, refillKey);
      if (type === 'deleted') {
        book.podGone(uid);
        this.#unsized.delete(uid);
      } else this.#lookAtGate(object);
      const runtime = object.metadata.labels?.[labels.pool];
      if (runtime === undefined || type === 'deleted') return;
      if (isReady(object) && (old === undefined || !isReady(old))) {
        this.#sizer.refilled(`${object.metadata.namespace}/${runtime}`, object);
      }
    });
  }

  #followOthers(): void {
    const { caches } = this.#ports;
    caches.functions.onChange(({ object, old }) => {
      this.#addPools(object);
      if (old !== undefined) this.#addPools(old);
    });
    caches.poolTemplates.onChange(({ object }) => this.#addPool(object));
    caches.deployments.onChange(({ object }) => this.#lookAtRevision(object));
    caches.replicaSets.onChange(({ object }) => this.#lookAtRevision(object));
    caches.revisions.onChange(({ object }) => {
      const { namespace, name } = object.metadata;
      this.#lookAtClaims(`${namespace}/${name}`);
    });
  }

  #lookAtRevision({ metadata }: KubeObject): void {
    const name = metadata.labels?.[labels.revision];
    if (name === undefined) return;
    const key = `${metadata.namespace}/${name}`;
    this.#lookAtClaims(key);
    this.#add(this.#gates, key);
  }

  #lookAtClaims(key: string): void {
    for (const { uid } of this.#ports.book.ofRevision(key)) this.#add(this.#adoptions, uid);
  }

  #lookAtGate(pod: Pod): void {
    const name = pod.metadata.labels?.[labels.revision];
    if (name === undefined || !isGated(pod)) return;
    this.#add(this.#gates, `${pod.metadata.namespace}/${name}`);
  }

  #addPools(object: CachedFunction): void {
    for (const key of poolKeysOf(object)) this.#add(this.#sizes, key);
  }

  #addPool({ metadata }: KubeObject): void {
    const runtime = metadata.labels?.[labels.pool];
    if (runtime !== undefined) this.#add(this.#sizes, `${metadata.namespace}/${runtime}`);
  }

  #poolKeyOf(claim: Pick<Claim, 'namespace' | 'pod'>): string | undefined {
    const pod = this.#ports.caches.pods.get(claim.namespace, claim.pod);
    const runtime = pod?.metadata.labels?.[labels.pool];
    return runtime === undefined ? undefined : `${claim.namespace}/${runtime}`;
  }
}
