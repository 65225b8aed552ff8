// What to do next about one pool pod that somebody has sent a Revision's code to: from what is seen, at every step.

import type { ClaimOutcome } from '../../api/wire.ts';

/** A pool pod and the Revision it was sent, as far as anybody knows. */
export interface Claim {
  readonly namespace: string;
  readonly revision: string;
  /** Of the Revision's metadata, where whoever told knows it: a name may come back with other code. */
  readonly revisionUid?: string | undefined;
  /** Of the pod's own answer, where it was asked. */
  readonly codeDigest?: string | undefined;
  /** Name of the pod. */
  readonly pod: string;
  readonly uid: string;
  readonly outcome: ClaimOutcome;
}

export interface SeenPod {
  readonly uid: string;
  /** Name of the Revision it is labelled with; `undefined` for one of the pool. */
  readonly revision: string | undefined;
  /** Being deleted, or ended: it never serves again. */
  readonly isGone: boolean;
  /** Whether the Function asks for other resources than it has. */
  readonly isToBeResized: boolean;
}

export interface SeenRevision {
  readonly uid: string;
  readonly codeDigest: string;
  readonly isGoing: boolean;
  /** Whether its pods are made with the gate, by the settings of now. */
  readonly isPoolable: boolean;
}

export interface SeenDeployment {
  readonly replicas: number;
  readonly isGoing: boolean;
  /** Whether its template carries the gate. */
  readonly isGated: boolean;
}

/** The ReplicaSet of the Deployment's present template. */
export interface SeenReplicaSet {
  readonly uid: string;
  readonly replicas: number;
}

export interface AdoptionView {
  readonly claim: Claim;
  readonly pod: SeenPod | undefined;
  readonly revision: SeenRevision | undefined;
  readonly deployment: SeenDeployment | undefined;
  readonly replicaSet: SeenReplicaSet | undefined;
  /** Uids of all ReplicaSets of this very Deployment, of earlier templates too. */
  readonly replicaSets: ReadonlySet<string>;
  /**
   * Uids of the Revision's own pods that live and may serve by now, with the uid of their ReplicaSet. One that is on
   * its way makes room: a ReplicaSet with one too many takes away what isn't ready before what is.
   */
  readonly podsUp: ReadonlyMap<string, string | undefined>;
  /** Uids of the pool pods known to serve this Revision and not seen as its own yet; this one is one of them. */
  readonly claimed: ReadonlySet<string>;
  /** Whether the Revision was asked for at the server itself: a cache may lag behind the activator's. */
  readonly isConfirmed: boolean;
}

export type AdoptionStep =
  /** `foreign`: the pod is another Revision's, whatever the claim says. */
  | { readonly kind: 'done'; readonly outcome: 'adopted' | 'gone' | 'foreign' }
  /** Nobody knows whether the pod has taken the code. */
  | { readonly kind: 'ask' }
  | { readonly kind: 'confirm' }
  | { readonly kind: 'delete'; readonly reason: DeleteReason }
  | { readonly kind: 'scale'; readonly replicas: number }
  | { readonly kind: 'wait'; readonly for: 'deployment' | 'gate' | 'replica-set' }
  | { readonly kind: 'adopt'; readonly replicaSetUid: string }
  | { readonly kind: 'resize' };

export type DeleteReason = 'failed' | 'revision-gone' | 'not-poolable';

export function planAdoption(view: AdoptionView): AdoptionStep {
  const { claim, pod } = view;
  if (pod === undefined || pod.uid !== claim.uid || pod.isGone) {
    return { kind: 'done', outcome: 'gone' };
  }
  if (pod.revision === claim.revision) {
    return pod.isToBeResized ? { kind: 'resize' } : { kind: 'done', outcome: 'adopted' };
  }
  // A pod takes one bundle only: it has said no to whoever claimed it for this one.
  if (pod.revision !== undefined) return { kind: 'done', outcome: 'foreign' };
  if (claim.outcome === 'unknown') return { kind: 'ask' };
  if (claim.outcome === 'failed') return { kind: 'delete', reason: 'failed' };
  return planParked(view);
}

/** The pod serves the Revision and still counts as the pool's. */
function planParked(view: AdoptionView): AdoptionStep {
  const { claim, revision, deployment, replicaSet } = view;
  if (revision === undefined || revision.isGoing || !isSame(claim, revision)) {
    return view.isConfirmed ? { kind: 'delete', reason: 'revision-gone' } : { kind: 'confirm' };
  }
  if (!revision.isPoolable) return { kind: 'delete', reason: 'not-poolable' };
  // Deleted by somebody: the Function's controller makes it anew.
  if (deployment === undefined || deployment.isGoing) return { kind: 'wait', for: 'deployment' };
  // Without the gate the replica would start beside this pod, and count as one more that is needed.
  if (!deployment.isGated) return { kind: 'wait', for: 'gate' };
  // By uid: one that was adopted a moment ago may still be among the claims, or in both.
  const needed = new Set([...listOwnUp(view), ...view.claimed]).size;
  if (deployment.replicas < needed) return { kind: 'scale', replicas: needed };
  // A pod that arrives before its replica is wanted is one too many, and may be the one that goes.
  if (replicaSet === undefined) return { kind: 'wait', for: 'replica-set' };
  const own = [...view.podsUp].filter(([, owner]) => owner === replicaSet.uid);
  const inSet = new Set([...own.map(([uid]) => uid), ...view.claimed]).size;
  if (replicaSet.replicas < inSet) return { kind: 'wait', for: 'replica-set' };
  return { kind: 'adopt', replicaSetUid: replicaSet.uid };
}

/** Pods of a Deployment that was deleted are labelled the same until they are collected, and need no replica here. */
function listOwnUp({ podsUp, replicaSets }: AdoptionView): string[] {
  const own = [...podsUp].filter(([, owner]) => owner !== undefined && replicaSets.has(owner));
  return own.map(([uid]) => uid);
}

/**
 * Uids of the pool's pods that are known to serve this very Revision by their claims, which are all of its name. A pod
 * that is gone counts no more, nor does one that was adopted: it is its ReplicaSet's, which may be gone already.
 */
export function deriveClaimed(
  claims: Iterable<Claim>,
  revision: Pick<SeenRevision, 'uid' | 'codeDigest'>,
  findPod: (claim: Claim) => Pick<SeenPod, 'uid' | 'isGone' | 'revision'> | undefined,
): Set<string> {
  const uids = new Set<string>();
  for (const claim of claims) {
    if (claim.outcome !== 'serving' || !isSame(claim, revision)) continue;
    const pod = findPod(claim);
    if (pod === undefined || pod.uid !== claim.uid || pod.isGone) continue;
    if (pod.revision === undefined) uids.add(pod.uid);
  }
  return uids;
}

/** A Function that was deleted and made again starts with the same name of a Revision. */
function isSame(claim: Claim, revision: Pick<SeenRevision, 'uid' | 'codeDigest'>): boolean {
  if (claim.revisionUid !== undefined) return claim.revisionUid === revision.uid;
  return claim.codeDigest === undefined || claim.codeDigest === revision.codeDigest;
}
