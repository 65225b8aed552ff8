// Writes one condition of a Revision's status and leaves the others alone.

import type { Condition } from '../../api/kubernetes.ts';
import { revisions } from '../../api/resources.ts';
import type { Revision } from '../../api/revision.ts';
import type { KubeClient } from '../../platform/kube/client.ts';
import { isKubeError } from '../../platform/kube/kube-error.ts';
import { deriveConditions, deriveTimestamp, type ConditionInput } from './derive-conditions.ts';

/** Two writers of one list (the proof and the wakes) may meet; each loses a few times at most. */
const conflictsMax = 5;

/**
 * Starts from `revision` as given (a cached one is fine) and, after a conflict, from what the server has. A Revision
 * that is gone is no error. Resolves with the condition as written.
 */
export async function setRevisionCondition(
  client: KubeClient,
  revision: Revision,
  input: ConditionInput,
  nowMs: number,
): Promise<Condition | undefined> {
  const { name, namespace, uid } = revision.metadata;
  let base: Revision | undefined = revision;
  for (let conflicts = 0; base !== undefined;) {
    const resourceVersion: string | undefined = base.metadata.resourceVersion;
    const conditions = deriveConditions(base.status?.conditions, input, deriveTimestamp(nowMs));
    const body = { metadata: { uid, resourceVersion }, status: { conditions } };
    try {
      await client.patch(revisions, { name, namespace }, body, { subresource: 'status' });
      return conditions.at(-1);
    } catch (error) {
      if (isKubeError(error, 404)) return undefined;
      conflicts += 1;
      if (!isKubeError(error, 409) || conflicts > conflictsMax) throw error;
      base = await client.getOrUndefined(revisions, { name, namespace });
      if (base?.metadata.uid !== uid) return undefined;
    }
  }
  return undefined;
}
