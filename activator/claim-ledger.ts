// The pool pods that were sent code by this activator, as controllers are told of them until it shows that they know.

import { claimsMax, type ClaimReport } from '../api/wire.ts';

export class ClaimLedger {
  /** By the pod's uid, oldest first. */
  readonly #claims = new Map<string, ClaimReport>();

  /** Beyond the bound the oldest is given up: the controller's own sweep of the pool finds it. */
  add(claim: ClaimReport): void {
    this.#claims.set(claim.uid, claim);
    if (this.#claims.size <= claimsMax) return;
    for (const uid of this.#claims.keys()) return void this.#claims.delete(uid);
  }

  /** It was adopted, or it is gone. */
  settle(uid: string): void {
    this.#claims.delete(uid);
  }

  list(): ClaimReport[] {
    return [...this.#claims.values()];
  }
}
