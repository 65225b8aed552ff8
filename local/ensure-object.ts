// Creates an object, or makes an existing one say the same.

import type { KubeObject, Resource } from '../api/kubernetes.ts';
import type { KubeClient } from '../platform/kube/client.ts';
import { isKubeError } from '../platform/kube/kube-error.ts';

export async function ensureObject<T extends KubeObject>(
  client: KubeClient,
  resource: Resource<T>,
  object: T,
): Promise<void> {
  try {
    await client.create(resource, object);
  } catch (error) {
    if (!isKubeError(error, 409)) throw error;
    const { name, namespace } = object.metadata;
    await client.patch(resource, { name, namespace }, object);
  }
}
