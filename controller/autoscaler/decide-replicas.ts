// How many pods a Revision should have: Knative's KPA, and zero when nothing has been in flight for long enough.

export interface ScalePolicy {
  /** Requests in flight that one pod should have; utilisation is taken off already. Above 0. */
  readonly concurrencyTarget: number;
  /** 0 lets the Revision sleep. */
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Milliseconds with nothing in flight until zero. */
  readonly idleMs: number;
  readonly stableWindowMs: number;
  /** Panic starts when the short window wants this many times the pods that are ready. */
  readonly panicThreshold: number;
  /** At most this many times the ready pods in one step. */
  readonly scaleUpRateMax: number;
  /** At least the ready pods divided by this in one step. */
  readonly scaleDownRateMax: number;
}

export interface ScaleObservation {
  /** Averages of requests in flight or waiting, over all pods. */
  readonly concurrencyStableAvg: number;
  readonly concurrencyPanicAvg: number;
  /** In flight or waiting at this moment. */
  readonly inFlight: number;
  /** spec.replicas of the Deployment. */
  readonly replicasWanted: number;
  readonly replicasReady: number;
  /** When something was last in flight or the Revision woke, whichever is later; before `seenSinceMs` unknown. */
  readonly lastBusyMs: number;
  /** Since when samples have been collected, in this process. */
  readonly seenSinceMs: number;
}

export interface ScaleState {
  readonly panicUntilMs: number | null;
  readonly panicReplicasMax: number;
}

export interface ScaleDecision {
  readonly replicas: number;
  readonly mode: 'stable' | 'panic' | 'idle';
  readonly state: ScaleState;
}

export const calm: ScaleState = { panicUntilMs: null, panicReplicasMax: 0 };

/** Deterministic: the same arguments give the same decision. */
export function decideReplicas(
  state: ScaleState,
  seen: ScaleObservation,
  policy: ScalePolicy,
  nowMs: number,
): ScaleDecision {
  if (isIdle(seen, policy, nowMs)) return { replicas: 0, mode: 'idle', state: calm };
  const next = panicOrCalm(state, seen, policy, nowMs);
  // What sleeps stays asleep until somebody calls: yesterday's average wakes nobody.
  const isAsleep = seen.replicasWanted === 0 && seen.inFlight === 0;
  if (isAsleep) return { replicas: policy.minReplicas, mode: 'stable', state: calm };
  const mode = next.panicUntilMs === null ? 'stable' : 'panic';
  const wanted = mode === 'panic' ? next.panicReplicasMax : stableReplicas(seen, policy);
  // A window that isn't full yet tells of too little: after a restart under load nothing is shed for that long.
  const isWindowFull = nowMs - seen.seenSinceMs >= policy.stableWindowMs;
  const atLeast = isWindowFull ? wanted : Math.max(wanted, seen.replicasWanted);
  // Not idle long enough, or somebody waits: averages never round to zero.
  const replicas = clamp(Math.max(1, atLeast), policy);
  return { replicas, mode, state: next };
}

function isIdle(seen: ScaleObservation, policy: ScalePolicy, nowMs: number): boolean {
  if (policy.minReplicas > 0 || seen.inFlight > 0 || seen.replicasWanted === 0) return false;
  return nowMs - Math.max(seen.lastBusyMs, seen.seenSinceMs) >= policy.idleMs;
}

function panicOrCalm(
  state: ScaleState,
  seen: ScaleObservation,
  policy: ScalePolicy,
  nowMs: number,
): ScaleState {
  const base = readyBase(seen);
  const burst = Math.ceil(seen.concurrencyPanicAvg / policy.concurrencyTarget);
  const isCrossed = burst / base >= policy.panicThreshold;
  const panicUntilMs = isCrossed ? nowMs + policy.stableWindowMs : state.panicUntilMs;
  if (panicUntilMs === null || panicUntilMs <= nowMs) return calm;
  const wanted = Math.max(stableReplicas(seen, policy), limitRate(burst, seen, policy));
  // Panic only grows: shedding capacity in the middle of a burst is what it exists to prevent. What is wanted already
  // counts, since pods on their way are part of the answer to the burst.
  const panicReplicasMax = Math.max(state.panicReplicasMax, seen.replicasWanted, wanted);
  return { panicUntilMs, panicReplicasMax: Math.min(panicReplicasMax, policy.maxReplicas) };
}

function stableReplicas(seen: ScaleObservation, policy: ScalePolicy): number {
  return limitRate(Math.ceil(seen.concurrencyStableAvg / policy.concurrencyTarget), seen, policy);
}

/** With 10 ready, an up rate of 1000 and a down rate of 2: from 5 to 10,000. */
function limitRate(replicas: number, seen: ScaleObservation, policy: ScalePolicy): number {
  const base = readyBase(seen);
  const most = Math.ceil(base * policy.scaleUpRateMax);
  const least = Math.floor(base / policy.scaleDownRateMax);
  return Math.max(least, Math.min(most, replicas));
}

/** None ready counts as one; otherwise the growth limit would pin a Revision at zero for ever. */
function readyBase(seen: ScaleObservation): number {
  return Math.max(1, seen.replicasReady);
}

function clamp(replicas: number, policy: ScalePolicy): number {
  return Math.min(policy.maxReplicas, Math.max(policy.minReplicas, replicas));
}
