// Makes a Function's Service, and leaves one that belongs to somebody else alone.

import type { Service } from '../../api/kubernetes.ts';
import type { RouseFunction } from '../../api/function.ts';
import { services } from '../../api/resources.ts';
import type { KubeClient } from '../../platform/kube/client.ts';
import { isKubeError } from '../../platform/kube/kube-error.ts';
import { isOwnedBy } from './build-revision.ts';
import { buildService } from './build-service.ts';
import type { Problem } from './derive-traffic.ts';

/** `undefined` when the Service is there and ours. `known`: what a cache had, or what is to be made. */
export async function claimService(
  client: KubeClient,
  wanted: RouseFunction,
  known: Service,
): Promise<Problem | undefined> {
  const { name, namespace } = wanted.metadata;
  try {
    await client.create(services, buildService(wanted));
    return undefined;
  } catch (error) {
    if (!isKubeError(error, 409)) throw error;
  }
  const found = (await client.getOrUndefined(services, { name, namespace })) ?? known;
  if (isOwnedBy(wanted, found)) return undefined;
  const isFormer = found.metadata.ownerReferences?.some(
    (one) => one.kind === 'Function' && one.name === name,
  );
  if (isFormer === true) {
    const message = `Service "${name}" of a former Function of this name is still being deleted`;
    return { reason: 'ServiceGoingAway', message };
  }
  const message =
    `Service "${name}" is there and does not belong to this Function; ` +
    'give the Function another name, or delete that Service';
  return { reason: 'ServiceNotOurs', message };
}
