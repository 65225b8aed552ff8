// When a Revision is to be loaded for a proof: at once, later again, or never more.

import { capacityReasons, imageReasons } from '../../api/derive-pod-obstacle.ts';
import type { Condition } from '../../api/kubernetes.ts';

/** First and longest pause before a failed proof is repeated, in milliseconds. */
export const proofRetryFirstMs = 60_000;
export const proofRetryMaxMs = 3_600_000;
/** The same for a pod that never ran: its cause lies outside the code, passes without us, and looking costs little. */
export const unstartedRetryFirstMs = 5_000;
export const unstartedRetryMaxMs = 300_000;

/** Reasons that only another Revision mends: the same text fails the same way. */
const finalReasons = new Set([
  'SyntaxError',
  'UserCodeSyntaxError',
  'HandlerNotFound',
  'MalformedHandlerName',
  'ImportModuleError',
]);

/** What Kubernetes says of a pod that it could not make or start. */
const unstartedReasons: ReadonlySet<string> = new Set([
  ...['CreateContainerConfigError', 'CreateContainerError'],
  ...imageReasons,
  ...capacityReasons,
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
  const isUnstarted = ready.status === 'Unknown' || unstartedReasons.has(ready.reason ?? '');
  const firstMs = isUnstarted ? unstartedRetryFirstMs : proofRetryFirstMs;
  const maxMs = isUnstarted ? unstartedRetryMaxMs : proofRetryMaxMs;
  return { afterMs: Math.min(maxMs, Math.max(firstMs, sinceMs)) };
}
