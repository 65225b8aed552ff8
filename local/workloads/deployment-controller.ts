// Carries out what planDeployment says, for every Deployment, and keeps its status in step.

import type { Deployment, ReplicaSet } from '../../api/kubernetes.ts';
import { deployments, replicaSets } from '../../api/resources.ts';
import { keyOf } from '../../platform/kube/informer.ts';
import { isKubeError } from '../../platform/kube/kube-error.ts';
import { WorkQueue } from '../../platform/kube/work-queue.ts';
import { WriteWaits } from './await-writes.ts';
import { buildStatusPatch } from './build-status-patch.ts';
import { buildControllerReference, deriveController } from './derive-controller.ts';
import { deriveDeploymentStatus } from './derive-deployment-status.ts';
import { isPodActive } from './derive-pod-state.ts';
import { deriveDeadlineMs } from './derive-progressing.ts';
import { isSameTemplate } from './derive-template-hash.ts';
import { decideSelectorMatch } from './decide-selector-match.ts';
import {
  deriveNewReplicaSet,
  planDeployment,
  type DeploymentAction,
  type DeploymentSnapshot,
} from './plan-deployment.ts';
import { replicasOf } from './plan-rolling-update.ts';
import { byController, byOrphan, splitKey, type WorkloadPorts } from './workload-ports.ts';

const component = 'deployment-controller';
const concurrency = 32;
/** Statuses are written this much later, so that a burst of changes makes one write and a wake goes first. */
const statusDelayMs = 10;

type Seen = DeploymentSnapshot['deployment'];

export class DeploymentController {
  readonly #ports: WorkloadPorts;
  readonly #queue: WorkQueue;
  readonly #statusQueue: WorkQueue;
  readonly #waits: WriteWaits<ReplicaSet>;

  constructor(ports: WorkloadPorts) {
    this.#ports = ports;
    const { clock, log } = ports;
    this.#queue = new WorkQueue({ name: component, clock, log, concurrency });
    this.#statusQueue = new WorkQueue({ name: `${component} status`, clock, log });
    ports.deployments.onChange(({ type, object }) => {
      if (type !== 'deleted') this.#look(keyOf(object.metadata.namespace, object.metadata.name));
    });
    ports.replicaSets.onChange(({ object, old }) => {
      this.#replicaSetChanged(object);
      if (old !== undefined) this.#replicaSetChanged(old);
    });
    ports.pods.onChange(({ type, object }) => {
      // Only Recreate waits for pods: the last old one makes room for the new ReplicaSet.
      if (type === 'deleted' || !isPodActive(object)) this.#podEnded(object);
    });
    this.#waits = new WriteWaits(ports.replicaSets, clock);
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

  #replicaSetChanged(one: ReplicaSet): void {
    const { namespace, labels } = one.metadata;
    const controller = deriveController(one);
    if (controller !== undefined) {
      if (controller.kind === 'Deployment') this.#look(keyOf(namespace, controller.name));
      return;
    }
    for (const deployment of this.#ports.deployments.list(namespace)) {
      if (!decideSelectorMatch(deployment.spec.selector, labels)) continue;
      this.#look(keyOf(namespace, deployment.metadata.name));
    }
  }

  #podEnded(
    pod: { metadata: Deployment['metadata'] } & Parameters<typeof deriveController>[0],
  ): void {
    const { namespace } = pod.metadata;
    const set = this.#ports.replicaSets.get(namespace, deriveController(pod)?.name ?? '');
    const name = set === undefined ? undefined : deriveController(set)?.name;
    const deployment = name && this.#ports.deployments.get(namespace, name);
    if (!deployment || deployment.spec.strategy?.type !== 'Recreate') return;
    this.#look(keyOf(namespace, deployment.metadata.name));
  }

  async #reconcile(key: string): Promise<null> {
    const { namespace, name } = splitKey(key);
    const deployment = this.#ports.deployments.get(namespace, name);
    if (deployment === undefined) return null;
    const owned = await this.#claim(deployment);
    const actions = planDeployment({
      deployment,
      replicaSets: owned,
      hasOldPods: (old) => old.some((one) => this.#podsOf(one).some(isPodActive)),
    });
    for (const action of actions) await this.#apply(deployment, action);
    return null;
  }

  #podsOf(one: ReplicaSet) {
    return this.#ports.pods.byIndex(byController, one.metadata.uid ?? '');
  }

  /** The ReplicaSets the Deployment controls, after adopting orphans and releasing strangers. */
  async #claim(deployment: Deployment): Promise<ReplicaSet[]> {
    const { replicaSets: cache } = this.#ports;
    const { namespace, uid = '' } = deployment.metadata;
    const isGoing = deployment.metadata.deletionTimestamp !== undefined;
    const isSelected = (one: ReplicaSet): boolean =>
      decideSelectorMatch(deployment.spec.selector, one.metadata.labels);
    const owned = cache.byIndex(byController, uid);
    const kept = owned.filter(isSelected);
    if (isGoing) return kept;
    for (const one of owned.filter((set) => !isSelected(set))) {
      const rest = (one.metadata.ownerReferences ?? []).filter((owner) => owner.uid !== uid);
      await this.#patchReplicaSet(one, { metadata: { ownerReferences: rest } });
    }
    for (const one of cache.byIndex(byOrphan, namespace ?? '')) {
      if (!isSelected(one) || one.metadata.deletionTimestamp !== undefined) continue;
      const owners = [
        ...(one.metadata.ownerReferences ?? []),
        buildControllerReference(deployment),
      ];
      const written = await this.#patchReplicaSet(one, { metadata: { ownerReferences: owners } });
      if (written !== undefined) kept.push(written);
    }
    return kept;
  }

  async #apply(deployment: Seen, action: DeploymentAction): Promise<void> {
    const { client } = this.#ports;
    const { namespace, name } = deployment.metadata;
    switch (action.kind) {
      case 'create':
        await this.#createReplicaSet(deployment, action.replicaSet);
        return;
      case 'patch': {
        const before = replicasOf(action.replicaSet);
        await this.#patchReplicaSet(action.replicaSet, action.body);
        this.#recordScaling(deployment, action.replicaSet, { before, now: action.replicas });
        return;
      }
      case 'delete':
        await client.delete(replicaSets, { namespace, name: action.replicaSet.metadata.name });
        await this.#waits.untilGoing(action.replicaSet);
        return;
      case 'annotate': {
        const body = { metadata: { annotations: action.annotations } };
        await client.patch(deployments, { namespace, name }, body);
      }
    }
  }

  async #createReplicaSet(deployment: Seen, wanted: ReplicaSet): Promise<void> {
    const { client } = this.#ports;
    try {
      const made = await client.create(replicaSets, wanted);
      await this.#waits.untilSeen(made);
      this.#recordScaling(deployment, made, { before: 0, now: replicasOf(made) });
    } catch (error) {
      if (!isKubeError(error, 409)) throw error;
      await this.#resolveCollision(deployment, wanted);
    }
  }

  /** The name is taken: by our own ReplicaSet that the cache doesn't show yet, or by another template's hash. */
  async #resolveCollision(deployment: Seen, wanted: ReplicaSet): Promise<void> {
    const { client } = this.#ports;
    const { namespace, name } = deployment.metadata;
    const found = await client.getOrUndefined(replicaSets, wanted.metadata);
    const isOurs =
      found !== undefined &&
      deriveController(found)?.uid === deployment.metadata.uid &&
      isSameTemplate(found.spec.template, deployment.spec.template);
    if (found === undefined || isOurs) return;
    const collisionCount = (deployment.status?.collisionCount ?? 0) + 1;
    const body = { status: { collisionCount } };
    await client.patch(deployments, { namespace, name }, body, { subresource: 'status' });
  }

  async #patchReplicaSet(one: ReplicaSet, body: unknown): Promise<ReplicaSet | undefined> {
    const { namespace, name } = one.metadata;
    try {
      const written = await this.#ports.client.patch(replicaSets, { namespace, name }, body);
      await this.#waits.untilSeen(written);
      return written;
    } catch (error) {
      if (isKubeError(error, 404)) return undefined;
      throw error;
    }
  }

  #recordScaling(
    deployment: Deployment,
    one: ReplicaSet,
    { before, now }: { before: number; now: number | undefined },
  ): void {
    if (now === undefined || before === now) return;
    const message = `Scaled ${now > before ? 'up' : 'down'} replica set ${one.metadata.name} from ${before} to ${now}`;
    const reason = 'ScalingReplicaSet';
    this.#ports.recordEvent(component, { object: deployment, type: 'Normal', reason, message });
  }

  async #writeStatus(key: string): Promise<number | null> {
    const { client, clock, replicaSets: cache } = this.#ports;
    const { namespace, name } = splitKey(key);
    const deployment = this.#ports.deployments.get(namespace, name);
    if (deployment?.metadata.uid === undefined) return null;
    const owned = cache
      .byIndex(byController, deployment.metadata.uid)
      .filter((one) => decideSelectorMatch(deployment.spec.selector, one.metadata.labels));
    const fresh = deriveNewReplicaSet(deployment, owned);
    const nowMs = clock.now();
    const status = deriveDeploymentStatus({ deployment, replicaSets: owned, fresh, nowMs });
    const patch = buildStatusPatch(deployment.status, status);
    if (patch !== undefined) {
      try {
        await client.patch(deployments, { namespace, name }, patch, { subresource: 'status' });
      } catch (error) {
        if (!isKubeError(error, 404)) throw error;
      }
    }
    return deriveDeadlineMs(deployment, status.conditions, nowMs);
  }
}
