// The cluster port over Kubernetes: caches for what every request reads, and the calls of a wake.

import { buildGatePatch } from '../api/build-gate-patch.ts';
import type { Resource, Scale } from '../api/kubernetes.ts';
import { claimGate } from '../api/names.ts';
import { deployments, pods, revisions } from '../api/resources.ts';
import type { Revision } from '../api/revision.ts';
import type { KubeClient } from '../platform/kube/client.ts';
import { isKubeError } from '../platform/kube/kube-error.ts';
import type { Cluster, FunctionView, ScaleView } from './cluster.ts';
import type { PodView } from './derive-pod-view.ts';
import type { KubeCaches } from './kube-caches.ts';
import type { RevisionLimits } from './revision-state.ts';

/**
 * A try to scale up that got no answer for this long is given up: the next one goes over another connection. Trying
 * twice does no harm, since each names the version it writes over.
 */
const tryMsMax = 5_000;
/** A conflict means that somebody wrote in between; each try reads anew. */
const triesMax = 5;
const scales = deployments as unknown as Resource<Scale>;

export class KubeCluster implements Cluster {
  readonly #client: KubeClient;
  readonly #caches: KubeCaches;

  constructor(client: KubeClient, caches: KubeCaches) {
    this.#client = client;
    this.#caches = caches;
  }

  findFunction(namespace: string, name: string): FunctionView | undefined {
    return this.#caches.functions.get(namespace, name)?.view;
  }

  findLimits(namespace: string, revision: string): RevisionLimits | undefined {
    return this.#caches.revisions.get(namespace, revision)?.view;
  }

  findScale(namespace: string, revision: string): ScaleView | undefined {
    return this.#caches.scales.get(namespace, revision)?.view;
  }

  readRevision(namespace: string, revision: string): Promise<Revision> {
    return this.#client.get(revisions, { namespace, name: revision });
  }

  /** Tests pod and gate in the same call, so that nothing else is ever taken off. */
  async liftGate(pod: PodView): Promise<void> {
    if (pod.gateIndex === undefined) return;
    const patch = buildGatePatch(pod.uid, pod.gateIndex, claimGate);
    await this.#client.patch(pods, pod, patch, { type: 'json' });
  }

  /**
   * Written only over the version that wants zero: an autoscaler that has gone up in the meantime
   * is never overruled.
   */
  async raiseFromZero(namespace: string, revision: string): Promise<void> {
    const ref = { namespace, name: revision };
    const cached = this.findScale(namespace, revision);
    if (cached !== undefined && cached.replicas > 0) return;
    let version = cached?.resourceVersion;
    for (let tried = 1; ; tried += 1) {
      const signal = AbortSignal.timeout(tryMsMax);
      if (version === undefined) {
        const scale = await this.#client.get(scales, ref, 'scale', signal);
        if ((scale.spec.replicas ?? 0) > 0) return;
        version = scale.metadata.resourceVersion;
      }
      const body = { metadata: { resourceVersion: version }, spec: { replicas: 1 } };
      try {
        await this.#client.patch(scales, ref, body, { subresource: 'scale', signal });
        return;
      } catch (error) {
        if (!isKubeError(error, 409) || tried >= triesMax) throw error;
        version = undefined;
      }
    }
  }
}
