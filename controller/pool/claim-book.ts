// Which pool pods are known to have been sent a Revision's code and don't count as the Revision's yet.

import { pickClaim } from './derive-answered-claim.ts';
import type { Claim } from './plan-adoption.ts';

export interface BookEntry {
  claim: Claim;
  readonly firstMs: number;
  /** When somebody last told of it. */
  toldMs: number;
  /** How often in a row the pod gave no answer when it was asked. */
  silences: number;
}

/** More than any cluster has parked pods; past that the oldest go, and the sweep finds them again. */
const entriesMax = 10_000;
/** Of what nobody repeats. An activator that died repeats nothing; the sweep does. */
export const forgetAfterMs = 60_000;

/** By the pod's uid: a pod takes one Revision. Lost by a restart, and filled again by reports and the sweep. */
export class ClaimBook {
  readonly #entries = new Map<string, BookEntry>();
  readonly #byRevision = new Map<string, Set<string>>();
  /** Uids of pods for which the API server was asked for their Function's resources, and answered. */
  readonly #resizesAnswered = new Set<string>();

  get size(): number {
    return this.#entries.size;
  }

  /** True when nobody had told of this pod before. */
  add(told: Claim, nowMs: number): boolean {
    const known = this.#entries.get(told.uid);
    if (known !== undefined) {
      this.#unlink(known.claim);
      known.claim = pickClaim(known.claim, told);
      known.toldMs = nowMs;
      this.#link(known.claim);
      return false;
    }
    const times = { firstMs: nowMs, toldMs: nowMs };
    this.#entries.set(told.uid, { claim: told, ...times, silences: 0 });
    this.#link(told);
    const oldest = this.#entries.keys().next().value;
    if (this.#entries.size > entriesMax && oldest !== undefined) this.drop(oldest);
    return true;
  }

  find(uid: string): BookEntry | undefined {
    return this.#entries.get(uid);
  }

  /** `key`: namespace/name. */
  ofRevision(key: string): Claim[] {
    const uids = this.#byRevision.get(key) ?? [];
    return [...uids].flatMap((uid) => this.#entries.get(uid)?.claim ?? []);
  }

  uids(): string[] {
    return [...this.#entries.keys()];
  }

  drop(uid: string): void {
    const known = this.#entries.get(uid);
    if (known === undefined) return;
    this.#unlink(known.claim);
    this.#entries.delete(uid);
  }

  prune(nowMs: number): void {
    for (const [uid, { toldMs }] of this.#entries) {
      if (nowMs - toldMs > forgetAfterMs) this.drop(uid);
    }
  }

  resizeAnswered(uid: string): void {
    this.#resizesAnswered.add(uid);
    const [oldest] = this.#resizesAnswered;
    if (this.#resizesAnswered.size > entriesMax && oldest !== undefined) this.podGone(oldest);
  }

  /** Outlives the claim: one that was refused is refused again, and one that was not shows in the cache only later. */
  isResizeAnswered(uid: string): boolean {
    return this.#resizesAnswered.has(uid);
  }

  podGone(uid: string): void {
    this.#resizesAnswered.delete(uid);
  }

  #link(claim: Claim): void {
    const key = revisionKeyOf(claim);
    this.#byRevision.set(key, (this.#byRevision.get(key) ?? new Set()).add(claim.uid));
  }

  #unlink(claim: Claim): void {
    const key = revisionKeyOf(claim);
    const uids = this.#byRevision.get(key);
    uids?.delete(claim.uid);
    if (uids?.size === 0) this.#byRevision.delete(key);
  }
}

export function revisionKeyOf(claim: Pick<Claim, 'namespace' | 'revision'>): string {
  return `${claim.namespace}/${claim.revision}`;
}
