// When a Revision is to be loaded for a proof: at once, later again, or never more.

import type { Condition } from '../../api/kubernetes.ts';

/** First and longest pause before a failed proof is repeated, in milliseconds. */
export const proofRetryFirstMs = 60_000;
export const proofRetryMaxMs = 3_600_000;

/** Reasons that only another Revision mends: the same text fails the same way. */
const finalReasons = new Set([
  'SyntaxError',
  'UserCodeSyntaxError',
  'HandlerNotFound',
  'MalformedHandlerName',
  'ImportModuleError',
]);

export type ProofDecision = { readonly prove: 'now' | 'never' } | { readonly afterMs: number };

/**
 * Milliseconds until a failed proof is tried again; each time twice as long after the first failure, since that
 * moment (`lastTransitionTime`) stays while the status does. So a restart forgets nothing.
 */
export function decideProof(ready: Condition | undefined, nowMs: number): ProofDecision {
  if (ready === undefined) return { prove: 'now' };
  if (ready.status === 'True') return { prove: 'never' };
  if (ready.status === 'False' && finalReasons.has(ready.reason ?? '')) return { prove: 'never' };
  const sinceMs = nowMs - Date.parse(ready.lastTransitionTime ?? '');
  if (!Number.isFinite(sinceMs)) return { prove: 'now' };
  return { afterMs: Math.min(proofRetryMaxMs, Math.max(proofRetryFirstMs, sinceMs)) };
}
