// Deletes a pod that proved or will not prove: it never served, so it needs no time to end.

import type { Pod } from '../../api/kubernetes.ts';
import { pods } from '../../api/resources.ts';
import type { KubeClient } from '../../platform/kube/client.ts';

export async function deletePod(pod: Pod, client: KubeClient): Promise<void> {
  await client.delete(pods, pod.metadata, { gracePeriodSeconds: 0 });
}
