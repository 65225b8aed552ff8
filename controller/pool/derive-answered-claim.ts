// What a pool pod's own answer to GET /ready says about whose it is.

import type { ReadyAnswer } from '../../platform/pod/ask-ready.ts';
import type { Claim } from './plan-adoption.ts';

/** `undefined` for a pod that holds no function: it can be claimed. */
export function deriveAnsweredClaim(
  pod: Pick<Claim, 'namespace' | 'pod' | 'uid'>,
  answer: ReadyAnswer,
): Claim | undefined {
  const { state, revision, revisionUid, codeDigest } = answer;
  if (revision === undefined) return undefined;
  const { namespace, pod: name, uid } = pod;
  return {
    ...{ namespace, revision, revisionUid, codeDigest, pod: name, uid },
    // A process that ended and waits again for the same code is as good as any replica that did so.
    // One that does not know any more whose it is serves nobody.
    outcome: state === 'failed' || revision === '' ? 'failed' : 'serving',
  };
}

const weights = { unknown: 0, serving: 1, failed: 2 } as const;

/** Of two reports about one pod: who knows more is right, however late the other one comes. */
export function pickClaim(known: Claim | undefined, told: Claim): Claim {
  if (known === undefined) return told;
  return weights[told.outcome] < weights[known.outcome] ? known : told;
}
