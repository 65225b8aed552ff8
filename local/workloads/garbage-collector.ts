// Deletes what has lost its owners, and finishes foreground and orphaning deletions.

import type { KubeObject, OwnerReference, Resource } from '../../api/kubernetes.ts';
import type { KubeClient } from '../../platform/kube/client.ts';
import type { Change } from '../../platform/kube/informer.ts';
import { isKubeError } from '../../platform/kube/kube-error.ts';
import { WorkQueue } from '../../platform/kube/work-queue.ts';
import type { Clock } from '../../platform/process/clock.ts';
import type { Log } from '../../platform/process/log.ts';
import {
  decideCollection,
  decideFinalization,
  foregroundFinalizer,
  isBlocking,
  isWaitingForDependents,
  orphanFinalizer,
  type OwnerState,
} from './decide-collection.ts';
import { ObjectGraph, type GraphNode } from './object-graph.ts';
import type { ResourceMonitors } from './resource-monitors.ts';

export interface GarbageCollectorOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Log;
}

/** Uids that are known to be gone, from their deletion or from a live read; none ever comes back. */
const absentMax = 1000;
const concurrency = 16;

export class GarbageCollector {
  readonly #client: KubeClient;
  readonly #graph = new ObjectGraph();
  readonly #queue: WorkQueue;
  readonly #absent = new Set<string>();
  #monitors: ResourceMonitors | undefined;

  constructor({ client, clock, log }: GarbageCollectorOptions) {
    this.#client = client;
    this.#queue = new WorkQueue({ name: 'garbage-collector', clock, log, concurrency });
  }

  /** For ResourceMonitors: every change of every collection comes through here. */
  receive(resource: Resource, { type, object }: Change<KubeObject>): void {
    const uid = object.metadata.uid;
    if (uid === undefined) return;
    if (type !== 'deleted') {
      this.#graph.put({ resource, object });
      if (this.#needsLook(object)) this.#queue.add(uid);
      if (isWaitingForDependents(object)) this.#lookAtDependents(uid);
      return;
    }
    const owners = object.metadata.ownerReferences ?? [];
    this.#graph.drop(uid);
    this.#rememberAbsent(uid);
    this.#lookAtDependents(uid);
    // An owner may have waited for this one.
    for (const owner of owners) this.#queue.add(owner.uid);
  }

  /** Starts when every collection is known: an owner not yet listed must not look absent. */
  async run(monitors: ResourceMonitors, signal: AbortSignal): Promise<void> {
    this.#monitors = monitors;
    await Promise.race([
      monitors.synced,
      new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true })),
    ]);
    await this.#queue.run((uid) => this.#collect(uid), signal);
  }

  #lookAtDependents(uid: string): void {
    for (const one of this.#graph.dependents(uid)) this.#queue.add(one.object.metadata.uid ?? '');
  }

  #needsLook(object: KubeObject): boolean {
    const { deletionTimestamp, finalizers, ownerReferences } = object.metadata;
    if (deletionTimestamp !== undefined) return (finalizers ?? []).length > 0;
    return (ownerReferences ?? []).some((one) => {
      const owner = this.#graph.get(one.uid);
      return owner === undefined || isWaitingForDependents(owner.object);
    });
  }

  async #collect(uid: string): Promise<null> {
    const node = this.#graph.get(uid);
    if (node === undefined) return null;
    if (node.object.metadata.deletionTimestamp !== undefined) await this.#finalize(node);
    else await this.#check(node);
    return null;
  }

  async #finalize({ resource, object }: GraphNode): Promise<void> {
    const uid = object.metadata.uid ?? '';
    const dependents = this.#graph.dependents(uid);
    const blocking = dependents.map((one) => one.object).filter((one) => isBlocking(one, uid));
    switch (decideFinalization(object, blocking)) {
      case 'remove-foreground':
        await this.#removeFinalizer(resource, object, foregroundFinalizer);
        return;
      case 'orphan-dependents':
        for (const one of dependents) await this.#dropOwner(one, uid);
        await this.#removeFinalizer(resource, object, orphanFinalizer);
        return;
      case 'wait':
        this.#lookAtDependents(uid);
        return;
      case 'none':
    }
  }

  async #check({ resource, object }: GraphNode): Promise<void> {
    const references = object.metadata.ownerReferences ?? [];
    const owners = await Promise.all(
      references.map(async (reference) => ({
        reference,
        state: await this.#stateOf(reference, object.metadata.namespace),
      })),
    );
    const uid = object.metadata.uid ?? '';
    const hasDependents = this.#graph.dependents(uid).length > 0;
    const decision = decideCollection(object, owners, hasDependents);
    const ref = refOf(object);
    if (decision.kind === 'delete') {
      const { resourceVersion } = object.metadata;
      // The version guards against owners that were set since: adoption must win over collection.
      const preconditions = { uid, ...(resourceVersion !== undefined && { resourceVersion }) };
      const { propagationPolicy } = decision;
      await ignoreStale(
        this.#client.delete(resource, ref, { propagationPolicy, ...preconditions }),
      );
    }
    if (decision.kind === 'drop-owners') {
      await this.#patch({ resource, object }, { ownerReferences: decision.ownerReferences });
    }
  }

  /** The graph may lag behind what was just created, so an owner it lacks is read once from the server. */
  async #stateOf(reference: OwnerReference, namespace: string | undefined): Promise<OwnerState> {
    const known = this.#graph.get(reference.uid);
    if (known !== undefined) return isWaitingForDependents(known.object) ? 'waiting' : 'solid';
    if (this.#absent.has(reference.uid)) return 'absent';
    const resource = this.#monitors?.find(reference.apiVersion, reference.kind);
    // Not a kind of this server, now: never a reason to delete.
    if (resource === undefined) return 'solid';
    const found = await this.#client.getOrUndefined(resource, {
      name: reference.name,
      ...(resource.namespaced && { namespace }),
    });
    if (found?.metadata.uid === reference.uid) {
      return isWaitingForDependents(found) ? 'waiting' : 'solid';
    }
    this.#rememberAbsent(reference.uid);
    return 'absent';
  }

  #rememberAbsent(uid: string): void {
    const oldest = this.#absent.values().next().value;
    if (this.#absent.size >= absentMax && oldest !== undefined) this.#absent.delete(oldest);
    this.#absent.add(uid);
  }

  async #dropOwner(node: GraphNode, ownerUid: string): Promise<void> {
    const left = (node.object.metadata.ownerReferences ?? []).filter((one) => one.uid !== ownerUid);
    await this.#patch(node, { ownerReferences: left });
  }

  async #removeFinalizer(resource: Resource, object: KubeObject, finalizer: string): Promise<void> {
    const finalizers = (object.metadata.finalizers ?? []).filter((one) => one !== finalizer);
    await this.#patch({ resource, object }, { finalizers });
  }

  /** Conditional: a conflict is retried from the newer state with the queue's back-off. */
  async #patch({ resource, object }: GraphNode, metadata: Record<string, unknown>): Promise<void> {
    const { resourceVersion } = object.metadata;
    const body = { metadata: { ...metadata, resourceVersion } };
    try {
      await this.#client.patch(resource, refOf(object), body);
    } catch (error) {
      if (!isKubeError(error, 404)) throw error;
    }
  }
}

function refOf({ metadata }: KubeObject): { name: string; namespace?: string } {
  return {
    name: metadata.name,
    ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
  };
}

/** 409: the object changed or is another one; its own event brings it back here. */
async function ignoreStale(write: Promise<void>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!isKubeError(error, 409)) throw error;
  }
}
