// The pod a ReplicaSet makes from its template.

import type { Pod, ReplicaSet } from '../../api/kubernetes.ts';
import { buildControllerReference } from './derive-controller.ts';

/** The API server completes the name from generateName. */
export function buildPod(owner: ReplicaSet): Pod {
  const { metadata, spec } = owner.spec.template;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: buildNamePrefix(owner.metadata.name),
      namespace: owner.metadata.namespace,
      ...(metadata?.labels && { labels: metadata.labels }),
      ...(metadata?.annotations && { annotations: metadata.annotations }),
      ...(metadata?.finalizers && { finalizers: metadata.finalizers }),
      ownerReferences: [buildControllerReference(owner)],
    } as unknown as Pod['metadata'],
    spec,
  };
}

/** The API server cuts a prefix that is too long, so that the name still fits. */
export function buildNamePrefix(name: string): string {
  return `${name}-`;
}
