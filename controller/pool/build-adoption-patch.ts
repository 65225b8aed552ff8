// The patches that make a claimed pod a replica of its Revision, and give it the Function's own resources.

import type { Pod, ReplicaSet, Resources } from '../../api/kubernetes.ts';
import { annotations, functionContainer, labels } from '../../api/names.ts';
import type { Revision } from '../../api/revision.ts';
import { buildPodMetadata } from '../function/build-pod-template.ts';

/** Which of a Deployment's ReplicaSets a pod belongs to; Kubernetes' own label. */
export const templateHashLabel = 'pod-template-hash';

/**
 * One merge patch, since between two of them either ReplicaSet would take the pod for one too many or nobody's. It is
 * refused when the pod has changed since, or is another one of this name.
 */
export function buildAdoptionPatch(
  pod: Pick<Pod, 'metadata'>,
  revision: Revision,
  replicaSet: Pick<ReplicaSet, 'metadata'>,
): object {
  const { uid, resourceVersion } = pod.metadata;
  const owner = replicaSet.metadata;
  const hash = replicaSet.metadata.labels?.[templateHashLabel] ?? '';
  const wanted = buildPodMetadata(revision);
  const adopted = { [annotations.adopted]: revision.metadata.name };
  return {
    metadata: {
      ...{ uid, resourceVersion },
      labels: { [labels.pool]: null, ...wanted.labels, [templateHashLabel]: hash },
      annotations: { ...wanted.annotations, ...adopted },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: owner.name,
          uid: owner.uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
  };
}

/**
 * A strategic merge patch of the subresource `resize`; `undefined` when the pod has all that the Function asks for.
 * What it says nothing of stays as the pool gave it: a resize can't take a request away.
 */
export function buildResizePatch(
  pod: Pick<Pod, 'spec'>,
  asked: Resources = {},
): object | undefined {
  const now = pod.spec.containers.find((one) => one.name === functionContainer)?.resources ?? {};
  const { limits = {} } = asked;
  // Kubernetes does the same when a pod is made: a request that is left out is the limit.
  const requests = { ...limits, ...asked.requests };
  if (isCovered(limits, now.limits) && isCovered(requests, now.requests)) return undefined;
  const resources = { ...(Object.keys(limits).length > 0 && { limits }), requests };
  return { spec: { containers: [{ name: functionContainer, resources }] } };
}

type Amounts = Readonly<Record<string, string | number>>;

function isCovered(wanted: Amounts, now: Amounts = {}): boolean {
  return Object.entries(wanted).every(([name, amount]) => {
    const found = now[name];
    return found !== undefined && parseAmount(found) === parseAmount(amount);
  });
}

const decimals: Readonly<Record<string, number>> = {
  ...{ n: 1e-9, u: 1e-6, m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 },
};

/** Rounded to a billionth, so that 0.1 and 100m are the same; NaN, equal to nothing, for what is no quantity. */
function parseAmount(quantity: string | number): number {
  const [, number = '', suffix = ''] =
    /^([-+]?[\d.]+(?:[eE][-+]?\d+)?)([a-zA-Z]*)$/.exec(String(quantity)) ?? [];
  return Math.round(Number(number || NaN) * (decimals[suffix] ?? NaN) * 1e9);
}
