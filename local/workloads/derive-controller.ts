// Who controls an object, and the owner reference a controller puts on what it makes.

import type { KubeObject, OwnerReference } from '../../api/kubernetes.ts';

/** The owner reference marked as controller; there is at most one. */
export function deriveController(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((one) => one.controller === true);
}

export function buildControllerReference(owner: KubeObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}
