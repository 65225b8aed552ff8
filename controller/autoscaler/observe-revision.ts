// Puts together what the decision about one Revision needs, from caches and windows.

import type { RouseFunction } from '../../api/function.ts';
import type { Revision } from '../../api/revision.ts';
import type { Caches } from '../caches.ts';
import { buildPolicy, panicWindowMs } from './build-policy.ts';
import type { SampleCollector } from './collect-samples.ts';
import type { ScaleObservation, ScalePolicy } from './decide-replicas.ts';

export interface RevisionView {
  readonly owner: RouseFunction;
  readonly revision: Revision;
  readonly policy: ScalePolicy;
  readonly seen: ScaleObservation;
  /** Of the Deployment that `seen.replicasWanted` was read from. */
  readonly resourceVersion: string | undefined;
}

/** `undefined` when there is nothing to scale: the Revision, its Function or its Deployment is gone or going. */
export function observeRevision(
  key: string,
  caches: Caches,
  samples: SampleCollector,
  nowMs: number,
): RevisionView | undefined {
  const [namespace, name = ''] = key.split('/');
  const revision = caches.revisions.get(namespace, name);
  const deployment = caches.deployments.get(namespace, name);
  if (revision === undefined || deployment === undefined) return undefined;
  const owner = caches.functions.get(namespace, revision.spec.functionName);
  if (owner === undefined || owner.metadata.deletionTimestamp !== undefined) return undefined;
  const traffic = owner.status?.traffic ?? [];
  const hasTraffic = traffic.some((target) => target.revision === name && target.percent > 0);
  const policy = buildPolicy(owner.spec.scaling, revision.spec, hasTraffic);
  const window = samples.find(key);
  const seen: ScaleObservation = {
    concurrencyStableAvg: window?.average(policy.stableWindowMs, nowMs) ?? 0,
    concurrencyPanicAvg: window?.average(panicWindowMs(policy.stableWindowMs), nowMs) ?? 0,
    inFlight: window?.inFlight(nowMs) ?? 0,
    replicasWanted: deployment.spec.replicas ?? 0,
    replicasReady: deployment.status?.readyReplicas ?? 0,
    lastBusyMs: Math.max(window?.busyMs ?? 0, samples.wokenMs(key) ?? 0),
    seenSinceMs: samples.seenSinceMs,
  };
  return {
    ...{ owner, revision, policy, seen },
    resourceVersion: deployment.metadata.resourceVersion,
  };
}
