// The sentence of a scaling Event, with the numbers that led to the decision.

import type { ScaleDecision, ScaleObservation, ScalePolicy } from './decide-replicas.ts';

export interface ScaleMessage {
  readonly reason: 'ScaledUp' | 'ScaledDown' | 'ScaledToZero';
  readonly message: string;
}

export function buildScaleMessage(
  revision: string,
  decision: ScaleDecision,
  seen: ScaleObservation,
  policy: ScalePolicy,
): ScaleMessage {
  const step = `${revision} from ${seen.replicasWanted} to ${decision.replicas}`;
  if (decision.replicas === 0) {
    const idle = `nothing in flight for ${round(policy.idleMs / 1000)} s`;
    return { reason: 'ScaledToZero', message: `${step}: ${idle}` };
  }
  const average =
    decision.mode === 'panic'
      ? Math.max(seen.concurrencyPanicAvg, seen.concurrencyStableAvg)
      : seen.concurrencyStableAvg;
  const numbers = `${round(average)} concurrent, target ${round(policy.concurrencyTarget)} per pod`;
  const bounds = boundsNote(decision.replicas, policy);
  const reason = decision.replicas > seen.replicasWanted ? 'ScaledUp' : 'ScaledDown';
  const panic = decision.mode === 'panic' ? ', panic window' : '';
  return { reason, message: `${step}: ${numbers}${panic}${bounds}` };
}

function boundsNote(replicas: number, policy: ScalePolicy): string {
  if (replicas === policy.maxReplicas) return ` (maxReplicas ${policy.maxReplicas})`;
  return replicas === policy.minReplicas ? ` (minReplicas ${policy.minReplicas})` : '';
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
