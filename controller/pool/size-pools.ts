// Keeps the Deployment of each pool as its namespace's demand wants it.

import { runtimes, type Runtime } from '../../api/function.ts';
import type { Deployment, Pod } from '../../api/kubernetes.ts';
import { labels, managedByRouse, poolName } from '../../api/names.ts';
import { deployments } from '../../api/resources.ts';
import { isKubeError } from '../../platform/kube/kube-error.ts';
import { indexes } from '../caches.ts';
import { buildTemplatePatch, templateDigestAnnotation } from '../function/build-deployment.ts';
import { digestOf } from '../function/digest-template.ts';
import { buildPoolDeployment, type PoolRef } from './build-pool-deployment.ts';
import type { LookResult } from './conflict-pace.ts';
import { decidePoolSize, type PoolState } from './decide-pool-size.ts';
import { planPool, type PoolAction } from './plan-pool.ts';
import { PoolDemand } from './pool-demand.ts';
import type { PoolPorts } from './pool-ports.ts';

/** Demand fades with time alone. */
const lookAgainMs = 10_000;

export class PoolSizer {
  readonly #ports: PoolPorts;
  readonly #demands = new Map<string, PoolDemand>();
  readonly #states = new Map<string, PoolState>();

  constructor(ports: PoolPorts) {
    this.#ports = ports;
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

  /** `isSwept`: whether this leader has asked all parked pods whose they are. */
  async look(key: string, isSwept: boolean): Promise<LookResult> {
    const ref = parseKey(key);
    const { caches, clock, settings } = this.#ports;
    const nowMs = clock.monotonicNow();
    const found = caches.deployments.get(ref.namespace, poolName(ref.runtime));
    const demand = this.#demandOf(key);
    const isInstalled = settings.runtimeImages[ref.runtime] !== undefined;
    const functions = isInstalled ? caches.functions.byIndex(indexes.poolable, key).length : 0;
    const decision = decidePoolSize(
      this.#states.get(key) ?? null,
      {
        functions,
        claimsPerSecond: demand.claimsPerSecond(nowMs),
        refillSeconds: demand.refillSeconds,
        sizeNow: found?.spec.replicas ?? 0,
      },
      { min: settings.poolMin, max: settings.poolMax },
      nowMs,
    );
    this.#states.set(key, decision.state);
    if (decision.size === 0) this.#forget(key);
    const wanted = withDigest(buildPoolDeployment(ref, decision.size, settings));
    const claimsOpen = this.#countClaims(ref);
    const actions = planPool({ wanted, found, claimsOpen, isSwept });
    try {
      for (const action of actions) await this.#apply(action, ref);
    } catch (error) {
      if (isKubeError(error, 409) || isKubeError(error, 404)) return 'conflict';
      throw error;
    }
    if (decision.size === 0 && found === undefined) return null;
    return Math.min(lookAgainMs, decision.againAfterMs ?? lookAgainMs);
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

  async #apply(action: PoolAction, { namespace, runtime }: PoolRef): Promise<void> {
    const { client, log } = this.#ports;
    const ref = { namespace, name: poolName(runtime) };
    switch (action.kind) {
      case 'create':
        await this.#create(action.deployment);
        break;
      case 'update': {
        const patch = buildTemplatePatch(action.deployment, action.found);
        await client.patch(deployments, ref, patch, { type: 'json' });
        break;
      }
      case 'scale': {
        const { replicas, resourceVersion } = action;
        const body = { metadata: { resourceVersion }, spec: { replicas } };
        await client.patch(deployments, ref, body, { subresource: 'scale' });
        break;
      }
      case 'delete':
        await client.delete(deployments, ref, { uid: action.uid });
        break;
    }
    log.info({ namespace, runtime, action: action.kind }, 'the warm pool changes');
  }

  /** Our own shows in the cache in a moment; one of somebody else never will. */
  async #create(deployment: Deployment): Promise<void> {
    const { client } = this.#ports;
    try {
      await client.create(deployments, deployment);
    } catch (error) {
      if (!isKubeError(error, 409)) throw error;
      const { namespace, name } = deployment.metadata;
      const found = await client.getOrUndefined(deployments, { namespace, name });
      if (found?.metadata.labels?.[labels.managedBy] === managedByRouse) throw error;
      const text = `Deployment ${namespace}/${name} is not the warm pool's and has its name: delete it`;
      throw new Error(text, { cause: error });
    }
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

function withDigest(deployment: Deployment): Deployment {
  const annotations = { [templateDigestAnnotation]: digestOf(deployment.spec.template) };
  return { ...deployment, metadata: { ...deployment.metadata, annotations } };
}

function parseKey(key: string): PoolRef {
  const [namespace = '', name] = key.split('/');
  const runtime = runtimes.find((one): one is Runtime => one === name) ?? 'node';
  return { namespace, runtime };
}
