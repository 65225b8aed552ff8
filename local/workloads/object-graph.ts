// Every object of the cluster, cut down to its metadata, with who owns whom.

import type { KubeObject, Resource } from '../../api/kubernetes.ts';

export interface GraphNode {
  readonly resource: Resource;
  readonly object: KubeObject;
}

export class ObjectGraph {
  readonly #nodes = new Map<string, GraphNode>();
  readonly #dependents = new Map<string, Set<string>>();

  get(uid: string): GraphNode | undefined {
    return this.#nodes.get(uid);
  }

  /** Objects that name this uid as an owner. */
  dependents(uid: string): GraphNode[] {
    const found: GraphNode[] = [];
    for (const one of this.#dependents.get(uid) ?? []) {
      const node = this.#nodes.get(one);
      if (node !== undefined) found.push(node);
    }
    return found;
  }

  put(node: GraphNode): void {
    const uid = node.object.metadata.uid;
    if (uid === undefined) return;
    this.#unlink(uid);
    this.#nodes.set(uid, node);
    for (const owner of node.object.metadata.ownerReferences ?? []) {
      const set = this.#dependents.get(owner.uid) ?? new Set<string>();
      this.#dependents.set(owner.uid, set.add(uid));
    }
  }

  drop(uid: string): void {
    this.#unlink(uid);
    this.#nodes.delete(uid);
  }

  #unlink(uid: string): void {
    for (const owner of this.#nodes.get(uid)?.object.metadata.ownerReferences ?? []) {
      const set = this.#dependents.get(owner.uid);
      set?.delete(uid);
      if (set?.size === 0) this.#dependents.delete(owner.uid);
    }
  }
}

/** Only what the graph needs is kept: 500 Functions' code has no place in it. */
export function cutToMetadata(object: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion } = object.metadata;
  const { ownerReferences, finalizers, deletionTimestamp } = object.metadata;
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      ...(uid !== undefined && { uid }),
      ...(resourceVersion !== undefined && { resourceVersion }),
      ...(ownerReferences !== undefined && { ownerReferences }),
      ...(finalizers !== undefined && { finalizers }),
      ...(deletionTimestamp !== undefined && { deletionTimestamp }),
    },
  };
}
