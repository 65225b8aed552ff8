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
  const policy = buildPolicy(owner.spec.scaling, revision.spec, takesTraffic(owner, name));
  const { replicas: replicasWanted = 0 } = deployment.spec;
  const { readyReplicas: replicasReady = 0 } = deployment.status ?? {};
  const seen = {
    ...observeLoad(key, policy.stableWindowMs, samples, nowMs),
    ...{ replicasWanted, replicasReady, seenSinceMs: samples.seenSinceMs },
  };
  const { resourceVersion } = deployment.metadata;
  return { owner, revision, policy, seen, resourceVersion };
}

function takesTraffic(owner: RouseFunction, revision: string): boolean {
  const traffic = owner.status?.traffic ?? [];
  return traffic.some((target) => target.revision === revision && target.percent > 0);
}

type Load = Pick<
  ScaleObservation,
  'concurrencyStableAvg' | 'concurrencyPanicAvg' | 'inFlight' | 'lastBusyMs'
>;

function observeLoad(
  key: string,
  stableWindowMs: number,
  samples: SampleCollector,
  nowMs: number,
): Load {
  const wokenMs = samples.wokenMs(key) ?? 0;
  const window = samples.find(key);
  if (window === undefined) {
    return { concurrencyStableAvg: 0, concurrencyPanicAvg: 0, inFlight: 0, lastBusyMs: wokenMs };
  }
  return {
    concurrencyStableAvg: window.average(stableWindowMs, nowMs),
    concurrencyPanicAvg: window.average(panicWindowMs(stableWindowMs), nowMs),
    inFlight: window.inFlight(nowMs),
    lastBusyMs: Math.max(window.busyMs ?? 0, wokenMs),
  };
}
