// Gives sleeping Revisions parked pods of the warm pool: one claim per Revision at a time, first come first served.

import type { KeyObject } from 'node:crypto';
import type { LoadError } from '../api/wire.ts';
import type { PreparedBundle } from '../platform/pod/control-port.ts';
import type { Clock } from '../platform/process/clock.ts';
import type { Log } from '../platform/process/log.ts';
import type { ClaimLedger } from './claim-ledger.ts';
import type { ClaimPod } from './claim-pod.ts';
import type { PoolPodView } from './derive-pool-pod-view.ts';
import {
  claimsInWindowMax,
  deriveMayClaim,
  planAfterClaim,
  type ClaimAnswer,
  type ClaimPlan,
} from './plan-claim.ts';
import { poolKeyOf, type PoolStock } from './pool-stock.ts';
import type { PoolClaim, RevisionState } from './revision-state.ts';

/** What a claim sends. */
export interface ClaimCode {
  readonly bundle: PreparedBundle;
  readonly privateKey: KeyObject;
}

export type ClaimResult = 'hit' | 'miss' | 'conflict' | 'failed';

export interface PoolPorts {
  readonly stock: PoolStock;
  readonly ledger: ClaimLedger;
  readonly claimPod: ClaimPod;
  /** What is in memory: with it a claim starts in the very turn in which the request came. */
  readonly findCode: (namespace: string, revision: string) => ClaimCode | undefined;
  readonly readCode: (namespace: string, revision: string) => Promise<ClaimCode>;
  readonly countClaim: (result: ClaimResult) => void;
  /** The ledger has something new. */
  readonly onClaim: () => void;
}

export interface ClaimedHow {
  readonly claimedAtMs: number;
  readonly loadMs: number;
  /** False when it has left the pool while it loaded: somebody adopted it, or it is gone. */
  readonly isInPool: boolean;
}

/** How a claim ended. */
interface ClaimEnd {
  readonly pod: PoolPodView;
  readonly answer: ClaimAnswer;
  readonly revisionUid: string | undefined;
}

export interface PoolEvents {
  onClaimed(state: RevisionState, pod: PoolPodView, how: ClaimedHow): void;
  onLoadFailed(state: RevisionState, error: LoadError): void;
  /** No parked pod for it now: it needs the ordinary way. It may be in line still. */
  onNoParkedPod(state: RevisionState): void;
}

/** Claims under way at once over all pools, those of code that loads for seconds among them. */
export const claimsUnderWayMax = 64;
/**
 * Of them, those that began a moment ago. Most take some milliseconds of a node's processors: more at once would only
 * make all of them late. On kind the last of 20 callers had its answer after 234 to 317 ms without this, 150 to
 * 177 ms with it.
 */
export const freshClaimsMax = 8;
export const freshMsMax = 250;
/** Waited longer than this behind the claims of others, a Revision takes the ordinary way as well. */
export const lineWaitMsMax = 100;
/**
 * The same while there is a parked pod, here or on its way, for each one up to here in the line. A pod of its own would
 * be started after those, on nodes that have too much to start already, and be taken apart again when they come.
 */
export const comingWaitMsMax = 10_000;

export class PoolClaims {
  readonly #ports: PoolPorts & { readonly clock: Clock; readonly log: Log };
  readonly #events: PoolEvents;
  /** Who waits for a parked pod, by pool, oldest first. */
  readonly #lines = new Map<string, Set<RevisionState>>();
  #underWay = 0;
  #fresh = 0;

  constructor(ports: PoolPorts & { readonly clock: Clock; readonly log: Log }, events: PoolEvents) {
    this.#ports = ports;
    this.#events = events;
  }

  /**
   * Puts the Revision in line for a parked pod. False when the ordinary way must be taken now: it may not have one,
   * or there is none. In that case it stays in line, for one that comes meanwhile.
   */
  take(state: RevisionState): boolean {
    const key = keyOf(state);
    if (key === undefined) return false;
    if (state.claim === undefined) {
      if (!deriveMayClaim(state, this.#ports.clock.now())) return false;
      state.claim = { pod: undefined, startedAtMs: 0, tries: 0, losses: 0, isObsolete: false };
      this.#enter(key, state, state.claim);
    }
    return this.#isPromising(key, state);
  }

  /** Nobody needs a pod for it any more. A claim that was sent goes on: the pod can't be given back. */
  leave(state: RevisionState): void {
    if (state.claim === undefined || state.claim.pod !== undefined) return;
    state.claim = undefined;
    for (const [key, line] of this.#lines) {
      if (line.delete(state) && line.size === 0) this.#lines.delete(key);
    }
  }

  /** The Revision was deleted: what its claim brings serves nobody. */
  onRevisionGone(state: RevisionState): void {
    if (state.claim !== undefined) state.claim.isObsolete = true;
  }

  /** A parked pod came, or can be asked now. */
  onPoolChange(key: string): void {
    this.#serve(key);
  }

  #isPromising(key: string, state: RevisionState): boolean {
    if (state.claim === undefined) return state.endpoints.length > 0;
    if (state.claim.pod !== undefined || this.#ports.stock.hasAny(key)) return true;
    return this.#isNextToCome(key, state);
  }

  /** There are as many here and on their way as stand in line up to this one. */
  #isNextToCome(key: string, state: RevisionState): boolean {
    const { stock } = this.#ports;
    let left = stock.countClaimable(key) + stock.countComing(key);
    for (const one of this.#lines.get(key) ?? []) {
      if (left === 0) return false;
      if (one === state) return true;
      left -= 1;
    }
    return false;
  }

  #enter(key: string, state: RevisionState, claim: PoolClaim): void {
    const line = this.#lines.get(key) ?? new Set<RevisionState>();
    this.#lines.set(key, line.add(state));
    this.#serve(key);
    this.#limitWait(key, state, claim);
  }

  /** It came first, and a pod was taken from under its nose. */
  #enterFirst(key: string, state: RevisionState, claim: PoolClaim): void {
    this.#lines.set(key, new Set([state, ...(this.#lines.get(key) ?? [])]));
    this.#serve(key);
    this.#limitWait(key, state, claim);
  }

  /** The pod it stands in line for may go to another activator meanwhile, and nothing tells of that. */
  #limitWait(key: string, state: RevisionState, claim: PoolClaim): void {
    if (claim.pod !== undefined) return;
    const { clock } = this.#ports;
    const untilMs = clock.now() + comingWaitMsMax;
    const look = (): void => {
      if (state.claim !== claim || claim.pod !== undefined) return;
      // So many under way, of which none began just now, are not soon over.
      const isStuck = this.#underWay >= claimsUnderWayMax;
      const mayWait = !isStuck && clock.now() < untilMs && this.#isNextToCome(key, state);
      if (mayWait) clock.setTimeout(look, lineWaitMsMax);
      else this.#events.onNoParkedPod(state);
    };
    clock.setTimeout(look, lineWaitMsMax);
  }

  #serve(key: string): void {
    const line = this.#lines.get(key);
    if (line === undefined) return;
    for (const state of line) {
      if (!this.#hasRoom) return;
      const { claim } = state;
      if (claim !== undefined && state.needsPod) {
        const pod = this.#ports.stock.pick(key);
        if (pod === undefined) return;
        this.#start(state, claim, pod);
      } else state.claim = undefined;
      line.delete(state);
    }
    this.#lines.delete(key);
  }

  /** A claim ended: the pools take turns, so that none waits for ever behind the line of another. */
  #serveAll(): void {
    for (const key of [...this.#lines.keys()]) {
      if (!this.#hasRoom) return;
      const before = this.#underWay;
      this.#serve(key);
      const line = this.#lines.get(key);
      if (this.#underWay === before || line === undefined) continue;
      this.#lines.delete(key);
      this.#lines.set(key, line);
    }
  }

  get #hasRoom(): boolean {
    return this.#underWay < claimsUnderWayMax && this.#fresh < freshClaimsMax;
  }

  #start(state: RevisionState, claim: PoolClaim, pod: PoolPodView): void {
    const { clock, log } = this.#ports;
    claim.pod = pod;
    claim.startedAtMs = clock.now();
    this.#underWay += 1;
    this.#fresh += 1;
    let isFresh = true;
    const age = (): void => {
      if (isFresh) this.#fresh -= 1;
      isFresh = false;
      this.#serveAll();
    };
    const timer = clock.setTimeout(age, freshMsMax);
    this.#claim(state, claim, pod)
      .catch((error: unknown) => {
        log.error({ error, ...fieldsOf(state, pod) }, 'a claim broke');
        this.#giveUp(state, claim);
      })
      .finally(() => {
        this.#underWay -= 1;
        timer.cancel();
        age();
      });
  }

  async #claim(state: RevisionState, claim: PoolClaim, pod: PoolPodView): Promise<void> {
    const { stock, findCode, readCode, claimPod, clock, log } = this.#ports;
    const { namespace, name } = state;
    let code = findCode(namespace, name);
    if (code === undefined) {
      try {
        code = await readCode(namespace, name);
      } catch (error) {
        stock.putBack(pod, false);
        log.warn({ error, ...fieldsOf(state, pod) }, 'the code for a parked pod can not be read');
        return this.#giveUp(state, claim);
      }
    }
    claim.tries += 1;
    state.claimedAtMs.push(clock.now());
    if (state.claimedAtMs.length > claimsInWindowMax) state.claimedAtMs.shift();
    const answer = await claimPod(pod, code);
    // A pod that was told to go while it loaded is none to rely on.
    const isLeaving = answer.kind === 'serving' && stock.find(pod)?.isLeaving === true;
    const isVain = isLeaving || (claim.isObsolete && holdsCode(answer));
    const { revisionUid } = code.bundle;
    const end = { pod, answer: isVain ? ({ kind: 'lost' } as const) : answer, revisionUid };
    this.#conclude(state, claim, end);
  }

  #conclude(state: RevisionState, claim: PoolClaim, end: ClaimEnd): void {
    const { stock, clock, log } = this.#ports;
    const { pod, answer } = end;
    if (answer.kind === 'lost') claim.losses += 1;
    const plan = planAfterClaim(answer, claim);
    if (plan.isUnharmed) stock.putBack(pod, true);
    if (plan.restMs > 0) state.restsUntilMs = clock.now() + plan.restMs;
    if (answer.kind !== 'serving' && answer.kind !== 'taken') {
      log.warn({ answer, ...fieldsOf(state, pod) }, 'a parked pod did not take the code');
    }
    // Those who wait come before what is written down about it.
    this.#proceed(state, claim, { ...end, next: plan.next });
    this.#record(state, end, plan);
  }

  #proceed(
    state: RevisionState,
    claim: PoolClaim,
    end: ClaimEnd & { readonly next: ClaimPlan['next'] },
  ): void {
    const { pod, answer } = end;
    claim.pod = undefined;
    if (answer.kind === 'serving') {
      state.claim = undefined;
      const seen = this.#ports.stock.find(pod);
      const { startedAtMs: claimedAtMs } = claim;
      const how = { claimedAtMs, loadMs: answer.loadMs, isInPool: seen !== undefined };
      this.#events.onClaimed(state, seen ?? pod, how);
    } else if (answer.kind === 'failed') {
      state.claim = undefined;
      this.#events.onLoadFailed(state, answer.error);
    } else if (end.next === 'try-another' && state.needsPod) {
      const key = poolKeyOf(pod);
      // From here on it is the successor's: its code is looked up anew.
      claim.isObsolete = false;
      this.#enterFirst(key, state, claim);
      if (!this.#isPromising(key, state)) this.#events.onNoParkedPod(state);
    } else this.#giveUp(state, claim);
  }

  #giveUp(state: RevisionState, claim: PoolClaim): void {
    claim.pod = undefined;
    if (state.claim === claim) state.claim = undefined;
    this.#events.onNoParkedPod(state);
  }

  #record(state: RevisionState, end: ClaimEnd, plan: ClaimPlan): void {
    const { ledger, countClaim, onClaim } = this.#ports;
    countClaim(resultOf(end.answer));
    const outcome = plan.report;
    if (outcome === undefined) return;
    // Adopted or gone before it answered: its end was seen already, and nothing else would settle the entry.
    if (this.#ports.stock.find(end.pod) === undefined) return;
    const { namespace, name: revision } = state;
    const { name, uid } = end.pod;
    const { revisionUid } = end;
    ledger.add({
      ...{ namespace, revision, pod: name, uid, outcome },
      ...(revisionUid !== undefined && { revisionUid }),
    });
    onClaim();
  }
}

function keyOf(state: RevisionState): string | undefined {
  const { poolRuntime } = state.limits;
  return poolRuntime && poolKeyOf({ namespace: state.namespace, runtime: poolRuntime });
}

/** It has taken the code, and may be said to serve or to have refused it. */
function holdsCode(answer: ClaimAnswer): boolean {
  return answer.kind === 'serving' || answer.kind === 'failed';
}

function resultOf(answer: ClaimAnswer): ClaimResult {
  if (answer.kind === 'serving') return 'hit';
  return answer.kind === 'taken' ? 'conflict' : 'failed';
}

function fieldsOf(state: RevisionState, pod: PoolPodView): Record<string, string> {
  return { namespace: state.namespace, revision: state.name, pod: pod.name };
}
