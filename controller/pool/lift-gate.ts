// Lifts one gate of one pod, if both are still as they were seen.

import { buildGatePatch, findGate } from '../../api/build-gate-patch.ts';
import type { Pod } from '../../api/kubernetes.ts';
import { pods } from '../../api/resources.ts';
import type { KubeClient } from '../../platform/kube/client.ts';
import { isKubeError } from '../../platform/kube/kube-error.ts';

/** False where the pod is gone, another one of its name, or has its gate no more. */
export async function liftGate(pod: Pod, gate: string, client: KubeClient): Promise<boolean> {
  const { metadata, spec } = pod;
  const patch = buildGatePatch(metadata.uid, findGate(spec, gate), gate);
  try {
    await client.patch(pods, metadata, patch, { type: 'json' });
    return true;
  } catch (error) {
    if (isKubeError(error) && [404, 409, 422].includes(error.status)) return false;
    throw error;
  }
}
