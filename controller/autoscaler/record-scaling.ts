// Writes on the Revision, and tells on the Function, that its replicas may not be changed, until they may.

import { scalesCondition } from '../function/derive-status.ts';
import { deriveMessage, findCondition } from '../function/derive-conditions.ts';
import { setRevisionCondition } from '../function/set-revision-condition.ts';
import type { Problem } from '../function/derive-traffic.ts';
import type { WakePorts } from './record-wake.ts';
import type { RevisionView } from './observe-revision.ts';

/** `refusal`: `undefined` when it went well. Writes only what is new. */
export async function recordScaling(
  view: Pick<RevisionView, 'owner' | 'revision'>,
  refusal: Problem | undefined,
  { client, clock, events }: Omit<WakePorts, 'caches'>,
): Promise<void> {
  const { owner, revision } = view;
  const before = findCondition(revision.status?.conditions, scalesCondition);
  if (refusal === undefined) {
    if (before?.status !== 'False') return;
    const input = { type: scalesCondition, status: 'True' } as const;
    await setRevisionCondition(client, revision, input, clock.now());
    return;
  }
  const { reason } = refusal;
  const message = deriveMessage(`${revision.metadata.name} was not scaled: ${refusal.message}`);
  if (before?.status === 'False' && before.message === message) return;
  const input = { type: scalesCondition, status: 'False', reason, message } as const;
  await setRevisionCondition(client, revision, input, clock.now());
  events.record({ object: owner, type: 'Warning', reason, message });
}
