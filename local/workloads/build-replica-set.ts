// The ReplicaSet of one pod template of a Deployment, and the annotations that tie the two together.

import type { Deployment, ReplicaSet } from '../../api/kubernetes.ts';
import { buildControllerReference } from './derive-controller.ts';
import { deriveRolloutBounds } from './derive-rollout-bounds.ts';
import { deriveTemplateHash, templateHashLabel } from './derive-template-hash.ts';

export const deploymentAnnotations = {
  revision: 'deployment.kubernetes.io/revision',
  revisionHistory: 'deployment.kubernetes.io/revision-history',
  desiredReplicas: 'deployment.kubernetes.io/desired-replicas',
  maxReplicas: 'deployment.kubernetes.io/max-replicas',
} as const;

/** Annotations that belong to one object alone and are never copied from Deployment to ReplicaSet. */
const ownAnnotations: readonly string[] = [
  ...Object.values(deploymentAnnotations),
  'kubectl.kubernetes.io/last-applied-configuration',
  'deprecated.deployment.rollback.to',
];

export function buildReplicaSet(
  deployment: Deployment,
  options: {
    readonly replicas: number;
    readonly revision: number;
    readonly collisionCount: number;
  },
): ReplicaSet {
  const hash = deriveTemplateHash(deployment.spec.template, options.collisionCount);
  const { template, selector, minReadySeconds } = deployment.spec;
  const labels = { ...template.metadata?.labels, [templateHashLabel]: hash };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      ...(deployment.metadata.namespace !== undefined && {
        namespace: deployment.metadata.namespace,
      }),
      labels,
      annotations: {
        ...buildCopiedAnnotations(deployment),
        ...buildScaleAnnotations(deployment),
        [deploymentAnnotations.revision]: String(options.revision),
      },
      ownerReferences: [buildControllerReference(deployment)],
    },
    spec: {
      replicas: options.replicas,
      ...(minReadySeconds !== undefined && { minReadySeconds }),
      selector: {
        ...selector,
        matchLabels: { ...selector.matchLabels, [templateHashLabel]: hash },
      },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}

/** What a later look needs to tell a scaling of the Deployment from a step of a rollout. */
export function buildScaleAnnotations(deployment: Deployment): Record<string, string> {
  const { replicas, maxSurge } = deriveRolloutBounds(deployment);
  return {
    [deploymentAnnotations.desiredReplicas]: String(replicas),
    [deploymentAnnotations.maxReplicas]: String(replicas + maxSurge),
  };
}

export function buildCopiedAnnotations(deployment: Deployment): Record<string, string> {
  const entries = Object.entries(deployment.metadata.annotations ?? {});
  return Object.fromEntries(entries.filter(([key]) => !ownAnnotations.includes(key)));
}

/** 0 when the object carries no usable revision. */
export function deriveRevision(object: Deployment | ReplicaSet): number {
  const value = Number(object.metadata.annotations?.[deploymentAnnotations.revision] ?? 0);
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}
