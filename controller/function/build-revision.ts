// A Revision from a Function and its code.

import type { RouseFunction } from '../../api/function.ts';
import type { OwnerReference } from '../../api/kubernetes.ts';
import { groupVersion, labels, managedByRouse } from '../../api/names.ts';
import { revisionName, type Revision } from '../../api/revision.ts';

export interface Template {
  /** Empty for an image. */
  readonly files: Record<string, string>;
  readonly codeDigest: string;
  readonly templateDigest: string;
}

export function buildRevision(owner: RouseFunction, template: Template, number: number): Revision {
  const { spec, metadata } = owner;
  const { runtime, image, handler, env, resources, podTemplate } = spec;
  return {
    apiVersion: groupVersion,
    kind: 'Revision',
    metadata: {
      name: revisionName(metadata.name, number),
      ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
      labels: { [labels.function]: metadata.name, [labels.managedBy]: managedByRouse },
      ownerReferences: [buildFunctionOwner(owner)],
    },
    spec: {
      functionName: metadata.name,
      number,
      ...(runtime !== undefined && { runtime }),
      ...(image !== undefined && { image }),
      ...(handler !== undefined && { handler }),
      signature: spec.signature,
      ...(Object.keys(template.files).length > 0 && { files: template.files }),
      codeDigest: template.codeDigest,
      templateDigest: template.templateDigest,
      ...(env && { env }),
      ...(resources && { resources }),
      timeoutSeconds: spec.timeoutSeconds,
      concurrency: spec.concurrency,
      ...(spec.pool === false && { pool: false }),
      ...(podTemplate && { podTemplate }),
    },
  };
}

export function buildFunctionOwner(owner: RouseFunction): OwnerReference {
  return {
    apiVersion: groupVersion,
    kind: 'Function',
    name: owner.metadata.name,
    uid: owner.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** Whether an object is a child of this very Function, and not of an earlier one of the same name. */
export function isOwnedBy(
  owner: { metadata: { uid?: string } },
  object: { metadata: { ownerReferences?: readonly OwnerReference[] } },
): boolean {
  return (object.metadata.ownerReferences ?? []).some((one) => one.uid === owner.metadata.uid);
}
