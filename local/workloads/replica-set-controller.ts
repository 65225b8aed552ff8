// Keeps as many pods as each ReplicaSet wants, and its status in step.

import type { Condition, Pod, ReplicaSet } from '../../api/kubernetes.ts';
import { pods as podResource, replicaSets } from '../../api/resources.ts';
import { keyOf } from '../../platform/kube/informer.ts';
import { isKubeError } from '../../platform/kube/kube-error.ts';
import { WorkQueue } from '../../platform/kube/work-queue.ts';
import { WriteWaits } from './await-writes.ts';
import { buildPod } from './build-pod.ts';
import { buildStatusPatch } from './build-status-patch.ts';
import { buildControllerReference, deriveController } from './derive-controller.ts';
import { deriveNextAvailableMs, deriveReplicaSetStatus } from './derive-replica-set-status.ts';
import { decideSelectorMatch } from './decide-selector-match.ts';
import { planClaims, planReplicas } from './plan-replica-set.ts';
import { byController, byOrphan, splitKey, type WorkloadPorts } from './workload-ports.ts';

const component = 'replicaset-controller';
const concurrency = 32;
/** Statuses are written this much later, so that a burst of changes makes one write and a wake goes first. */
const statusDelayMs = 10;
/** Pods made at once in the first step; each step that works doubles it, so that a refusal is met early. */
const createBatchFirst = 1;

export class ReplicaSetController {
  readonly #ports: WorkloadPorts;
  readonly #queue: WorkQueue;
  readonly #statusQueue: WorkQueue;
  readonly #podWaits: WriteWaits<Pod>;
  /** Why the last try to make or delete pods failed, by key; shown as condition ReplicaFailure. */
  readonly #failures = new Map<string, Condition>();

  constructor(ports: WorkloadPorts) {
    this.#ports = ports;
    const { clock, log } = ports;
    this.#queue = new WorkQueue({ name: component, clock, log, concurrency });
    this.#statusQueue = new WorkQueue({ name: `${component} status`, clock, log });
    ports.replicaSets.onChange(({ type, object }) => {
      const key = keyOf(object.metadata.namespace, object.metadata.name);
      if (type === 'deleted') this.#failures.delete(key);
      else this.#look(key);
    });
    ports.pods.onChange(({ type, object, old }) => {
      this.#podChanged(object);
      if (old !== undefined && type === 'modified') this.#podChanged(old);
    });
    // After the handler above: a wait must not end before the queue knows of the change.
    this.#podWaits = new WriteWaits(ports.pods, clock);
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([
      this.#queue.run((key) => this.#reconcile(key), signal),
      this.#statusQueue.run((key) => this.#writeStatus(key), signal),
    ]);
  }

  #look(key: string): void {
    this.#queue.add(key);
    this.#statusQueue.addAfter(key, statusDelayMs);
  }

  #podChanged(pod: Pod): void {
    const { namespace, labels } = pod.metadata;
    const controller = deriveController(pod);
    if (controller !== undefined) {
      if (controller.kind === 'ReplicaSet') this.#look(keyOf(namespace, controller.name));
      return;
    }
    for (const one of this.#ports.replicaSets.list(namespace)) {
      if (!decideSelectorMatch(one.spec.selector, labels)) continue;
      this.#look(keyOf(namespace, one.metadata.name));
    }
  }

  async #reconcile(key: string): Promise<null> {
    const { replicaSets: cache, pods, clock } = this.#ports;
    const { namespace, name } = splitKey(key);
    const owner = cache.get(namespace, name);
    if (owner?.metadata.uid === undefined) return null;
    const candidates = [
      ...pods.byIndex(byController, owner.metadata.uid),
      ...pods.byIndex(byOrphan, namespace),
    ];
    const claims = planClaims(owner, candidates);
    const adopted = await Promise.all(claims.adopt.map((pod) => this.#adopt(owner, pod)));
    await Promise.all(claims.release.map((pod) => this.#release(owner, pod)));
    const owned = [...claims.kept, ...adopted.filter((pod) => pod !== undefined)];
    const related = this.#relatedPods(owner);
    const plan = planReplicas(owner, owned, { related, nowMs: clock.now() });
    try {
      if (plan.kind === 'create') await this.#createPods(owner, plan.count);
      if (plan.kind === 'delete') await this.#deletePods(owner, plan.pods);
      if (plan.kind !== 'none') this.#setFailure(key, undefined);
    } catch (error) {
      this.#setFailure(key, {
        reason: plan.kind === 'create' ? 'FailedCreate' : 'FailedDelete',
        error,
      });
      throw error;
    }
    return null;
  }

  async #adopt(owner: ReplicaSet, pod: Pod): Promise<Pod | undefined> {
    const references = [...(pod.metadata.ownerReferences ?? []), buildControllerReference(owner)];
    return this.#patchOwners(pod, references);
  }

  async #release(owner: ReplicaSet, pod: Pod): Promise<void> {
    const references = (pod.metadata.ownerReferences ?? []).filter(
      (one) => one.uid !== owner.metadata.uid,
    );
    await this.#patchOwners(pod, references);
  }

  /** A pod that changed or went away meanwhile is looked at again through its own event. */
  async #patchOwners(pod: Pod, ownerReferences: unknown[]): Promise<Pod | undefined> {
    const { namespace, name, resourceVersion } = pod.metadata;
    const body = { metadata: { ownerReferences, resourceVersion } };
    try {
      const written = await this.#ports.client.patch(podResource, { namespace, name }, body);
      await this.#podWaits.untilSeen(written);
      return written;
    } catch (error) {
      if (isKubeError(error, 404) || isKubeError(error, 409)) return undefined;
      throw error;
    }
  }

  /** Pods of all ReplicaSets of the same Deployment, for the ranking. */
  #relatedPods(owner: ReplicaSet): Pod[] {
    const { pods, replicaSets: cache } = this.#ports;
    const controller = deriveController(owner);
    const sets = controller === undefined ? [owner] : cache.byIndex(byController, controller.uid);
    return sets.flatMap((one) => pods.byIndex(byController, one.metadata.uid ?? ''));
  }

  async #createPods(owner: ReplicaSet, count: number): Promise<void> {
    const { client, recordEvent } = this.#ports;
    let left = count;
    for (let batch = createBatchFirst; left > 0; batch *= 2) {
      const size = Math.min(batch, left);
      const made = await Promise.all(
        Array.from({ length: size }, () => client.create(podResource, buildPod(owner))),
      );
      await Promise.all(made.map((pod) => this.#podWaits.untilSeen(pod)));
      for (const pod of made) {
        const message = `Created pod: ${pod.metadata.name}`;
        recordEvent(component, {
          object: owner,
          type: 'Normal',
          reason: 'SuccessfulCreate',
          message,
        });
      }
      left -= size;
    }
  }

  async #deletePods(owner: ReplicaSet, doomed: readonly Pod[]): Promise<void> {
    const { client, recordEvent } = this.#ports;
    await Promise.all(
      doomed.map(async (pod) => {
        const { namespace, name, uid } = pod.metadata;
        await client.delete(podResource, { namespace, name }, uid === undefined ? {} : { uid });
        await this.#podWaits.untilGoing(pod);
        const message = `Deleted pod: ${name}`;
        recordEvent(component, {
          object: owner,
          type: 'Normal',
          reason: 'SuccessfulDelete',
          message,
        });
      }),
    );
  }

  #setFailure(key: string, failure: { reason: string; error: unknown } | undefined): void {
    if (failure === undefined) {
      if (this.#failures.delete(key)) this.#statusQueue.addAfter(key, statusDelayMs);
      return;
    }
    const { reason, error } = failure;
    const message = messageOf(error);
    const before = this.#failures.get(key);
    const lastTransitionTime =
      before?.lastTransitionTime ??
      `${new Date(this.#ports.clock.now()).toISOString().slice(0, 19)}Z`;
    this.#failures.set(key, {
      type: 'ReplicaFailure',
      status: 'True',
      reason,
      message,
      lastTransitionTime,
    });
    this.#statusQueue.addAfter(key, statusDelayMs);
    const { namespace, name } = splitKey(key);
    const owner = this.#ports.replicaSets.get(namespace, name);
    if (owner === undefined || before?.message === message) return;
    const event = { object: owner, type: 'Warning', reason, message: `Error: ${message}` } as const;
    this.#ports.recordEvent(component, event);
  }

  async #writeStatus(key: string): Promise<number | null> {
    const { client, clock, pods, replicaSets: cache } = this.#ports;
    const { namespace, name } = splitKey(key);
    const owner = cache.get(namespace, name);
    if (owner?.metadata.uid === undefined) return null;
    const owned = pods
      .byIndex(byController, owner.metadata.uid)
      .filter((pod) => decideSelectorMatch(owner.spec.selector, pod.metadata.labels));
    const nowMs = clock.now();
    const failure = this.#failures.get(key);
    const patch = buildStatusPatch(
      owner.status,
      deriveReplicaSetStatus(owner, owned, { nowMs, failure }),
    );
    if (patch !== undefined) {
      try {
        await client.patch(replicaSets, { namespace, name }, patch, { subresource: 'status' });
      } catch (error) {
        if (!isKubeError(error, 404)) throw error;
      }
    }
    return deriveNextAvailableMs(owner, owned, nowMs);
  }
}

function messageOf(error: unknown): string {
  return isKubeError(error) ? (error.body?.message ?? error.message) : String(error);
}
