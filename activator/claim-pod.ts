// Claims one parked pod: a connection, the signed code, and what the pod says to it.

import type { KeyObject } from 'node:crypto';
import {
  buildSignedHeaders,
  judgeAnswer,
  postSpecialize,
  specializePath,
  type KnockOutcome,
  type PreparedBundle,
} from '../platform/pod/control-port.ts';
import { eagerPauseMs } from '../platform/pod/knock-pace.ts';
import { connectByKnocking } from '../platform/pod/knock-tcp.ts';
import { setLateTimer } from '../platform/process/late-timer.ts';
import type { PoolPodView } from './derive-pool-pod-view.ts';
import type { ClaimAnswer } from './plan-claim.ts';

/** Never rejects. */
export type ClaimPod = (
  pod: PoolPodView,
  code: { readonly bundle: PreparedBundle; readonly privateKey: KeyObject },
) => Promise<ClaimAnswer>;

/** A parked pod that was seen to listen accepts at once, or it is gone. */
const connectReadyMsMax = 250;
/** One whose container has just started listens within some tens of milliseconds. */
const connectStartingMsMax = 1_000;
/** A runtime itself gives up on a load after 10 s and says so; what says nothing for longer hangs. */
export const claimAnswerMsMax = 12_000;

/** `wakeTimeoutMs`: nobody waits longer, so no answer is waited for longer either. */
export function createClaimPod(options: { readonly wakeTimeoutMs: number }): ClaimPod {
  const timeoutMs = Math.min(claimAnswerMsMax, options.wakeTimeoutMs);
  return async (pod, { bundle, privateKey }) => {
    const address = pod.control;
    if (address === undefined) return { kind: 'unreachable' };
    const connectMsMax = pod.isReady ? connectReadyMsMax : connectStartingMsMax;
    const late = new AbortController();
    const cancel = setLateTimer(() => late.abort(), connectMsMax);
    const connecting = connectByKnocking(address, {
      signal: late.signal,
      firstPauseMs: eagerPauseMs,
    }).finally(cancel);
    const { uid: podUid } = pod;
    const { sha256Hex } = bundle;
    // While the connection is made.
    const signedHeaders = buildSignedHeaders({
      podUid,
      privateKey,
      path: specializePath,
      sha256Hex,
    });
    const socket = await connecting.catch(() => undefined);
    if (socket === undefined) return { kind: 'unreachable' };
    const request = { address, podUid, privateKey, bundle, signedHeaders, socket, timeoutMs };
    try {
      return answerOf(judgeAnswer(await postSpecialize(request), bundle));
    } catch (error) {
      return { kind: (error as { code?: string }).code === 'ETIMEDOUT' ? 'hung' : 'lost' };
    }
  };
}

function answerOf(outcome: KnockOutcome | undefined): ClaimAnswer {
  switch (outcome?.kind) {
    case 'ready':
      return { kind: 'serving', loadMs: outcome.answer.loadMs ?? 0 };
    case 'failed':
      return { kind: 'failed', error: outcome.error };
    case 'taken':
      return { kind: 'taken' };
    case 'refused':
      return { kind: 'refused', status: outcome.status };
    default:
      // It would be asked again if it were our own: it may have the code or not.
      return { kind: 'lost' };
  }
}
