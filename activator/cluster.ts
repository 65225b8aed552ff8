// What the activator needs of Kubernetes, as a port: answers from its caches, and the two calls of a wake.

import type { Condition } from '../api/kubernetes.ts';
import type { TrafficTarget } from '../api/function.ts';
import type { Revision } from '../api/revision.ts';
import type { PodView } from './derive-pod-view.ts';
import type { RevisionLimits } from './revision-state.ts';

/** A Function, cut down to what routing reads. */
export interface FunctionView {
  readonly traffic: readonly TrafficTarget[];
  /** Condition RevisionReady, while there is no traffic to route by. */
  readonly revisionReady: Pick<Condition, 'status' | 'reason' | 'message'> | undefined;
  /** The controller has seen the newest spec, so its conditions are about that. */
  readonly isObserved: boolean;
}

/** A Deployment's scale, as cached. */
export interface ScaleView {
  readonly replicas: number;
  readonly resourceVersion: string;
  /** Why its pods can't be made at the moment, for example a quota, in Kubernetes' own words. */
  readonly failure?: string;
}

export interface Cluster {
  findFunction(namespace: string, name: string): FunctionView | undefined;
  /** `undefined` until the Revision is in the cache. */
  findLimits(namespace: string, revision: string): RevisionLimits | undefined;
  findScale(namespace: string, revision: string): ScaleView | undefined;
  /**
   * Scales the Revision's Deployment from 0 to 1; one that wants more already is left alone.
   * Rejects when it couldn't be done, with a missing Deployment too.
   */
  raiseFromZero(namespace: string, revision: string): Promise<void>;
  /** Lets a gated pod be scheduled. Rejects when it has no gate any more, or is another pod. */
  liftGate(pod: PodView): Promise<void>;
  /** The whole Revision, its code included. */
  readRevision(namespace: string, revision: string): Promise<Revision>;
}
