// What follows from a parked pod's answer to a claim: who serves, what the controller is told, where to turn next.

import type { ClaimOutcome, LoadError } from '../api/wire.ts';

/** How the attempt to make one parked pod serve a Revision ended. */
export type ClaimAnswer =
  | { readonly kind: 'serving'; readonly loadMs: number }
  /** It has the code and says that it can't be loaded. */
  | { readonly kind: 'failed'; readonly error: LoadError }
  /** It belongs to another Revision, or is going away. */
  | { readonly kind: 'taken' }
  /** An answer outside the contract, for example 401: it took nothing. */
  | { readonly kind: 'refused'; readonly status: number }
  /** No connection: it was sent nothing. */
  | { readonly kind: 'unreachable' }
  /** The connection broke after the code was sent. */
  | { readonly kind: 'lost' }
  /** No answer in the time that any load may take. */
  | { readonly kind: 'hung' };

/** What one Revision has gone through since it last got a pod from the pool. */
export interface ClaimTally {
  /** Pods asked. */
  readonly tries: number;
  /** Of those, how many took the code into their grave. */
  readonly losses: number;
}

export interface ClaimPlan {
  readonly next:
    | 'serve'
    /** Those who wait are told why the code can't be loaded. */
    | 'refuse'
    | 'try-another'
    /** The pool has no more to give to this wake. */
    | 'ordinary';
  /** What the controller is told of the pod; `undefined` when it was sent nothing or took nothing. */
  readonly report: ClaimOutcome | undefined;
  /** The pod is as it was, so it may be claimed later. */
  readonly isUnharmed: boolean;
  /** How long this Revision takes no other parked pod, in milliseconds. */
  readonly restMs: number;
}

/** Pods asked per wake: with many activators at a small pool most may be taken already. */
export const claimTriesMax = 8;
/** A process that dies of the code dies of it in every pod, but one may have been killed by chance. */
export const claimLossesMax = 2;
/** Code that can't be loaded would use up one parked pod per request. */
export const claimRestMs = 10_000;
/**
 * One Revision gets at most `claimsInWindowMax` pods in `claimWindowMs`: one that crashes at every call would drain the
 * pool.
 */
export const claimsInWindowMax = 10;
export const claimWindowMs = 10_000;

/** `tally` counts this answer already. */
export function planAfterClaim(answer: ClaimAnswer, tally: ClaimTally): ClaimPlan {
  const plan = { report: undefined, isUnharmed: false, restMs: 0 } as const;
  const next = tally.tries < claimTriesMax ? 'try-another' : 'ordinary';
  switch (answer.kind) {
    case 'serving':
      return { ...plan, next: 'serve', report: 'serving' };
    case 'failed':
      return { ...plan, next: 'refuse', report: 'failed', restMs: claimRestMs };
    case 'hung':
      return { ...plan, next: 'ordinary', report: 'unknown', restMs: claimRestMs };
    case 'lost':
      return {
        ...plan,
        report: 'unknown',
        next: tally.losses < claimLossesMax ? next : 'ordinary',
      };
    case 'unreachable':
      return { ...plan, next, isUnharmed: true };
    default:
      return { ...plan, next };
  }
}

/** `claimedAtMs`: when the Revision's last claims were sent, at most `claimsInWindowMax`, oldest first. */
export function deriveMayClaim(
  seen: { readonly claimedAtMs: readonly number[]; readonly restsUntilMs: number },
  nowMs: number,
): boolean {
  if (nowMs < seen.restsUntilMs) return false;
  const oldest = seen.claimedAtMs[seen.claimedAtMs.length - claimsInWindowMax];
  return oldest === undefined || nowMs - oldest >= claimWindowMs;
}

/** What of a Revision's pod says whether it is on its way. */
export interface GateView {
  readonly name: string;
  readonly isLeaving: boolean;
  /** `undefined`: it has no gate, or somebody here has lifted it. */
  readonly gateIndex: number | undefined;
}

/**
 * The one pod to let go beside those that are on their way, which is none. With a second one the controller would count
 * both, ask for one replica more, and have that one's gate lifted as well. The first by name, so that activators
 * that wake the same Revision lift the same one.
 */
export function pickGateToLift<Pod extends GateView>(
  pods: Iterable<Pod>,
  isClaiming: boolean,
): Pod | undefined {
  if (isClaiming) return undefined;
  const living = [...pods].filter((pod) => !pod.isLeaving);
  if (living.some((pod) => pod.gateIndex === undefined)) return undefined;
  return living.sort((a, b) => (a.name < b.name ? -1 : 1))[0];
}
