// Writes a Deployment's replicas, unless somebody else has changed them in the meantime.

import { annotations } from '../../api/names.ts';
import { deployments, pods } from '../../api/resources.ts';
import type { Deployment, Pod } from '../../api/kubernetes.ts';
import type { KubeClient, Ref } from '../../platform/kube/client.ts';
import { isKubeError } from '../../platform/kube/kube-error.ts';

export interface ScaleWrite {
  readonly namespace: string | undefined;
  readonly name: string;
  readonly replicas: number;
  /** The Deployment that the decision was made on. */
  readonly resourceVersion: string | undefined;
}

/** Writes of deletion costs at once. */
const costWritesMax = 8;

/** `conflict`: the Deployment has changed since; decide again. `gone`: there is none any more. */
export async function applyScale(
  client: KubeClient,
  write: ScaleWrite,
): Promise<'written' | 'conflict' | 'gone'> {
  const { namespace, name, replicas, resourceVersion } = write;
  const body = {
    metadata: { ...(resourceVersion !== undefined && { resourceVersion }) },
    spec: { replicas },
  };
  try {
    await client.patch(deployments, { namespace, name }, body, { subresource: 'scale' });
    return 'written';
  } catch (error) {
    if (isKubeError(error, 409)) return 'conflict';
    if (isKubeError(error, 404)) return 'gone';
    throw error;
  }
}

/** The Deployment as the server has it. */
export function readDeployment(client: KubeClient, ref: Ref): Promise<Deployment | undefined> {
  return client.getOrUndefined(deployments, ref);
}

/**
 * Before scaling in: busy pods cost as much to delete as they have requests in flight, so that Kubernetes takes the
 * idle ones first. A pod that says nothing costs 0. Best effort: whoever is deleted drains before it ends.
 */
export async function markBusyPods(
  client: KubeClient,
  all: readonly Pod[],
  inFlight: ReadonlyMap<string, number>,
): Promise<void> {
  const due = all.filter((pod) => costOf(pod) !== (inFlight.get(pod.metadata.name) ?? 0));
  const writers = Array.from({ length: Math.min(costWritesMax, due.length) }, async () => {
    for (let pod = due.pop(); pod !== undefined; pod = due.pop()) {
      const cost = inFlight.get(pod.metadata.name) ?? 0;
      const body = { metadata: { annotations: { [annotations.podDeletionCost]: String(cost) } } };
      await client.patch(pods, pod.metadata, body).catch((error: unknown) => {
        if (!isKubeError(error, 404)) throw error;
      });
    }
  });
  await Promise.all(writers);
}

function costOf(pod: Pod): number {
  return Number(pod.metadata.annotations?.[annotations.podDeletionCost] ?? 0);
}
