// Writes on the Revision, and tells on the Function, that a wake failed, until one succeeds again.

import type { WakeReport } from '../../api/wire.ts';
import type { KubeClient } from '../../platform/kube/client.ts';
import type { EventRecorder } from '../../platform/kube/record-event.ts';
import type { Clock } from '../../platform/process/clock.ts';
import type { Caches } from '../caches.ts';
import { deriveMessage, deriveReason, findCondition } from '../function/derive-conditions.ts';
import { wakesCondition } from '../function/derive-status.ts';
import { setRevisionCondition } from '../function/set-revision-condition.ts';

export interface WakePorts {
  readonly client: KubeClient;
  readonly caches: Caches;
  readonly events: EventRecorder;
  readonly clock: Clock;
}

/** Writes only what is new: a thousand failures for one reason are one write, a success after a success none. */
export async function recordWake(key: string, wake: WakeReport, ports: WakePorts): Promise<void> {
  const { caches, client, clock, events } = ports;
  const [namespace, name = ''] = key.split('/');
  const revision = caches.revisions.get(namespace, name);
  if (revision === undefined) return;
  const before = findCondition(revision.status?.conditions, wakesCondition);
  const { failure } = wake;
  const owner = caches.functions.get(namespace, revision.spec.functionName);
  if (failure === undefined) {
    // The same words each time, so that Kubernetes counts one Event instead of keeping one per wake.
    const message = `${name} from 0 to 1: woken by a request`;
    if (owner !== undefined) {
      events.record({ object: owner, type: 'Normal', reason: 'ScaledUp', message });
    }
    if (before?.status !== 'False') return;
    const input = { type: wakesCondition, status: 'True' } as const;
    await setRevisionCondition(client, revision, input, clock.now());
    return;
  }
  const message = deriveMessage(`${name} did not wake: ${failure.code}: ${failure.message}`);
  if (before?.status === 'False' && before.message === message) return;
  const reason = deriveReason(failure.code, 'WakeFailed');
  const input = { type: wakesCondition, status: 'False', reason, message } as const;
  await setRevisionCondition(client, revision, input, clock.now());
  if (owner !== undefined) {
    events.record({ object: owner, type: 'Warning', reason: 'WakeFailed', message });
  }
}
