// Keeps each pool as its namespace's demand wants it: its PodTemplate, and as many parked pods as are wanted.

import { runtimes, type Runtime } from '../../api/function.ts';
import type { Pod, PodTemplateObject } from '../../api/kubernetes.ts';
import { labels, managedByRouse, poolName } from '../../api/names.ts';
import { pods, podTemplates } from '../../api/resources.ts';
import { isKubeError } from '../../platform/kube/kube-error.ts';
import { indexes } from '../caches.ts';
import { digestOf } from '../function/digest-template.ts';
import { buildPreconditions } from './adopt-pod.ts';
import {
  buildParkedPod,
  buildParkedTemplate,
  buildPoolTemplate,
  buildPoolTemplatePatch,
  sizeIn,
  type PoolRef,
} from './build-pool-objects.ts';
import type { LookResult } from './conflict-pace.ts';
import { decidePoolSize, type PoolState } from './decide-pool-size.ts';
import { planPool, type PoolAction } from './plan-pool.ts';
import { PoolDemand } from './pool-demand.ts';
import type { PoolPorts } from './pool-ports.ts';
import { UnseenWrites } from './unseen-writes.ts';

/** Demand fades with time alone. */
const lookAgainMs = 10_000;
/** Pods of one pool that are made, or deleted, at once. */
const writesMax = 8;

export class PoolSizer {
  readonly #ports: PoolPorts;
  /** How many pods may start at this moment, beside those that the cache does not show yet. */
  readonly #readRoom: (unseen: number) => number;
  readonly #demands = new Map<string, PoolDemand>();
  readonly #states = new Map<string, PoolState>();
  readonly #unseen: UnseenWrites;

  constructor(ports: PoolPorts, readRoom: (unseen: number) => number) {
    this.#ports = ports;
    this.#readRoom = readRoom;
    this.#unseen = new UnseenWrites(ports.clock);
  }

  /** `key`: namespace/runtime. */
  claimed(key: string): void {
    this.#demandOf(key).claimed(this.#ports.clock.monotonicNow());
  }

  /** A parked pod has become ready. */
  refilled(key: string, pod: Pod): void {
    const madeMs = Date.parse(pod.metadata.creationTimestamp ?? '');
    const seconds = (this.#ports.clock.now() - madeMs) / 1000;
    if (Number.isFinite(seconds)) this.#demandOf(key).refilled(seconds);
  }

  /** The cache has news of this pod. */
  seen(uid: string): void {
    this.#unseen.seen(uid);
  }

  /** `isSwept`: whether this leader has asked all parked pods whose they are. */
  async look(key: string, isSwept: boolean): Promise<LookResult> {
    const ref = parseKey(key);
    const { caches, settings } = this.#ports;
    const found = caches.poolTemplates.get(ref.namespace, poolName(ref.runtime));
    const decision = this.#decide(key, ref, found);
    if (decision.size === 0) this.#forget(key);
    const template = buildParkedTemplate(ref.runtime, settings);
    const digest = digestOf(template);
    const wanted = buildPoolTemplate(ref, decision.size, { template, digest });
    const parked = this.#unseen.correct(key, caches.pods.byIndex(indexes.pool, key));
    const claimsOpen = this.#countClaims(ref);
    const actions = planPool({ wanted, found, pods: parked, claimsOpen, isSwept });
    try {
      for (const action of actions) await this.#apply(action, key, wanted);
    } catch (error) {
      if (isKubeError(error, 409) || isKubeError(error, 404)) return 'conflict';
      if (!isKubeError(error, 403) || found === undefined) throw error;
      this.#tellRefused(found, error);
      return lookAgainMs;
    }
    if (decision.size === 0 && found === undefined) return null;
    return Math.min(lookAgainMs, decision.againAfterMs ?? lookAgainMs);
  }

  #decide(key: string, { runtime }: PoolRef, found: PodTemplateObject | undefined) {
    const { caches, clock, settings } = this.#ports;
    const nowMs = clock.monotonicNow();
    const demand = this.#demandOf(key);
    const isInstalled = settings.runtimeImages[runtime] !== undefined;
    const decision = decidePoolSize(
      this.#states.get(key) ?? null,
      {
        functions: isInstalled ? caches.functions.byIndex(indexes.poolable, key).length : 0,
        claimsPerSecond: demand.claimsPerSecond(nowMs),
        refillSeconds: demand.refillSeconds,
        sizeNow: found === undefined ? 0 : sizeIn(found),
      },
      { min: settings.poolMin, max: settings.poolMax },
      nowMs,
    );
    this.#states.set(key, decision.state);
    return decision;
  }

  #countClaims({ namespace, runtime }: PoolRef): number {
    const { book, caches } = this.#ports;
    return book.uids().filter((uid) => {
      const claim = book.find(uid)?.claim;
      if (claim?.namespace !== namespace) return false;
      const pod = caches.pods.get(namespace, claim.pod);
      return pod?.metadata.labels?.[labels.pool] === runtime;
    }).length;
  }

  async #apply(action: PoolAction, key: string, wanted: PodTemplateObject): Promise<void> {
    const { client, log } = this.#ports;
    const { namespace, name } = wanted.metadata;
    log.info({ namespace, pool: name, ...describe(action) }, 'the warm pool changes');
    switch (action.kind) {
      case 'create':
        return this.#create(wanted);
      case 'update': {
        const patch = buildPoolTemplatePatch(wanted, action.found);
        await client.patch(podTemplates, wanted.metadata, patch);
        return;
      }
      case 'delete':
        await client.delete(podTemplates, wanted.metadata, { uid: action.uid });
        return;
      case 'make':
        return this.#make(key, wanted, action);
      case 'take':
        await forEach(action.pods, async (pod) => {
          await client.delete(pods, pod.metadata, buildPreconditions(pod));
          this.#unseen.deleted(pod);
        });
    }
  }

  /** Our own shows in the cache in a moment; one of somebody else never will. */
  async #create(template: PodTemplateObject): Promise<void> {
    const { client } = this.#ports;
    try {
      await client.create(podTemplates, template);
    } catch (error) {
      if (!isKubeError(error, 409)) throw error;
      const { namespace, name } = template.metadata;
      const found = await client.getOrUndefined(podTemplates, { namespace, name });
      if (found?.metadata.labels?.[labels.managedBy] === managedByRouse) throw error;
      const text = `PodTemplate ${namespace}/${name} is not the warm pool's and has its name: delete it`;
      throw new Error(text, { cause: error });
    }
  }

  /** Those that may not start yet are made too: who waits for a parked pod sees that one is on its way. */
  async #make(
    key: string,
    wanted: PodTemplateObject,
    { count, ownerUid }: { readonly count: number; readonly ownerUid: string },
  ): Promise<void> {
    const { client, caches } = this.#ports;
    const room = this.#readRoom(this.#unseen.madeCount);
    const numbers = Array.from({ length: count }, (_, number) => number);
    await forEach(numbers, async (number) => {
      const pod = buildParkedPod(wanted, ownerUid, { isHeld: number >= room });
      const made = await client.create(pods, pod);
      // The news may have been faster than the answer.
      const { namespace, name } = made.metadata;
      if (caches.pods.get(namespace, name) === undefined) this.#unseen.made(key, made);
    });
  }

  /** A quota, or a policy: Kubernetes' own controllers tell of it by the same Event. */
  #tellRefused(object: PodTemplateObject, { message }: Error): void {
    const { events, log } = this.#ports;
    const { namespace, name } = object.metadata;
    const text = `parked pods can't be made, trying again every ${lookAgainMs / 1000} s: ${message}`;
    log.warn({ namespace, pool: name, message }, "parked pods can't be made");
    events.record({ object, type: 'Warning', reason: 'FailedCreate', message: text });
  }

  #demandOf(key: string): PoolDemand {
    const known = this.#demands.get(key) ?? new PoolDemand();
    this.#demands.set(key, known);
    return known;
  }

  #forget(key: string): void {
    this.#demands.delete(key);
    this.#states.delete(key);
  }
}

function describe(action: PoolAction): object {
  const count =
    'count' in action ? action.count : 'pods' in action ? action.pods.length : undefined;
  return { action: action.kind, ...(count !== undefined && { count }) };
}

/** A few at a time. Rejects with the first error when those under way are done. */
async function forEach<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  const worker = async (): Promise<void> => {
    for (const item of left) await work(item);
  };
  const results = await Promise.allSettled(Array.from({ length: writesMax }, worker));
  const failed = results.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

function parseKey(key: string): PoolRef {
  const [namespace = '', name] = key.split('/');
  const runtime = runtimes.find((one): one is Runtime => one === name) ?? 'node';
  return { namespace, runtime };
}
