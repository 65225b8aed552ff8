// Whether a container that ended is started again, and after how long.

import type { PodSpec } from '../../api/kubernetes.ts';

/** Kubernetes' own: the first restart is at once, the next after 10 s, doubled up to 5 minutes. */
export const backoffFirstMs = 10_000;
export const backoffMaxMs = 300_000;
/** A container that ended this long after its last start-up trouble begins anew. */
export const backoffResetMs = 600_000;

export interface Backoff {
  /** What the next restart has to wait after the end of the container. */
  readonly delayMs: number;
  /** When the last restart was decided. */
  readonly updatedAtMs: number;
}

export type RestartDecision =
  | { readonly kind: 'stay' }
  | { readonly kind: 'restart'; readonly delayMs: number; readonly backoff: Backoff };

export function decideRestart(
  policy: PodSpec['restartPolicy'],
  end: { readonly exitCode: number; readonly endedAtMs: number },
  backoff: Backoff | undefined,
): RestartDecision {
  if (policy === 'Never') return { kind: 'stay' };
  if (policy === 'OnFailure' && end.exitCode === 0) return { kind: 'stay' };
  const { endedAtMs } = end;
  if (backoff === undefined || endedAtMs - backoff.updatedAtMs > backoffResetMs) {
    const first = { delayMs: backoffFirstMs, updatedAtMs: endedAtMs };
    return { kind: 'restart', delayMs: 0, backoff: first };
  }
  const next = Math.min(backoffMaxMs, backoff.delayMs * 2);
  const { delayMs } = backoff;
  // Counted from the restart, not from the end: a long run after a long wait is health.
  const updatedAtMs = endedAtMs + delayMs;
  return { kind: 'restart', delayMs, backoff: { delayMs: next, updatedAtMs } };
}
