// What the autoscaler holds itself to for one Revision, from its Function.

import type { Scaling } from '../../api/function.ts';
import type { RevisionSpec } from '../../api/revision.ts';
import type { ScalePolicy } from './decide-replicas.ts';

/** The defaults of Knative's KPA, known to its users. */
export const targetUtilisation = 0.7;
export const panicThreshold = 2;
export const scaleUpRateMax = 1000;
export const scaleDownRateMax = 2;
const panicWindowShare = 0.1;
const panicWindowMsMin = 6_000;

/** A Revision that gets no new requests need not wait for more: it goes as soon as it is drained. */
const drainedMs = 2_000;

export function buildPolicy(
  scaling: Scaling,
  revision: Pick<RevisionSpec, 'concurrency'>,
  hasTraffic: boolean,
): ScalePolicy {
  const { target, limit } = revision.concurrency;
  // Above a pod's limit requests would wait, however many the user would like it to have.
  const perPod = limit > 0 ? Math.min(target, limit) : target;
  const idleMs = scaling.idleSeconds * 1000;
  return {
    concurrencyTarget: perPod * targetUtilisation,
    minReplicas: hasTraffic ? scaling.minReplicas : 0,
    maxReplicas: scaling.maxReplicas,
    idleMs: hasTraffic ? idleMs : Math.min(idleMs, drainedMs),
    stableWindowMs: scaling.stableWindowSeconds * 1000,
    ...{ panicThreshold, scaleUpRateMax, scaleDownRateMax },
  };
}

/** A tenth of the stable window, but long enough to hold a few samples. */
export function panicWindowMs(stableWindowMs: number): number {
  return Math.max(panicWindowMsMin, stableWindowMs * panicWindowShare);
}
