// Deletes Events an hour after they last happened, and the oldest when there are too many.

import type { KubeEvent } from '../../api/kubernetes.ts';
import { events } from '../../api/resources.ts';
import type { KubeClient } from '../../platform/kube/client.ts';
import { Informer } from '../../platform/kube/informer.ts';
import { WorkQueue } from '../../platform/kube/work-queue.ts';
import type { Clock } from '../../platform/process/clock.ts';
import type { Log } from '../../platform/process/log.ts';
import { eventsMax, pickExpiredEvents } from './pick-expired-events.ts';

/** No sooner than this after the last sweep. */
const sweepMsMin = 60_000;
/** A flood is not left to the next sweep. */
const surplusMax = 500;

export async function runEventExpiry(
  ports: { readonly client: KubeClient; readonly clock: Clock; readonly log: Log },
  signal: AbortSignal,
): Promise<void> {
  const { client, clock, log } = ports;
  const informer = new Informer<KubeEvent>({
    client,
    resource: events,
    transform: cutToTimes,
    clock,
    log,
  });
  const queue = new WorkQueue({ name: 'event expiry', clock, log });
  let count = 0;
  informer.onChange(({ type }) => {
    if (type === 'added') count += 1;
    if (type === 'deleted') count -= 1;
    if (count > eventsMax + surplusMax) queue.add('sweep');
  });
  informer.start(signal);
  await Promise.race([
    informer.synced,
    new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true })),
  ]);
  queue.add('sweep');
  await queue.run(async () => {
    const { expired, nextMs } = pickExpiredEvents(informer.list(), clock.now());
    for (const { metadata } of expired) {
      await client.delete(events, { namespace: metadata.namespace, name: metadata.name });
    }
    return Math.max(sweepMsMin, nextMs ?? 0);
  }, signal);
}

function cutToTimes(event: KubeEvent): KubeEvent {
  const { name, namespace, resourceVersion, creationTimestamp } = event.metadata;
  const metadata = {
    name,
    ...(namespace !== undefined && { namespace }),
    ...(resourceVersion !== undefined && { resourceVersion }),
    ...(creationTimestamp !== undefined && { creationTimestamp }),
  };
  const { apiVersion, kind, lastTimestamp = null, eventTime = null } = event;
  const type = event.type;
  const involvedObject = {};
  const empty = { involvedObject, reason: '', message: '', type };
  return { apiVersion, kind, metadata, lastTimestamp, eventTime, ...empty };
}
