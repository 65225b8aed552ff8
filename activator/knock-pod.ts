// Makes one pod serve its Revision: pushes the code into it, or, for a plain image, waits until it accepts connections.

import type { KeyObject } from 'node:crypto';
import { knock, type KnockOutcome, type PreparedBundle } from '../platform/pod/control-port.ts';
import { eagerPauseMs, type KnockPace } from '../platform/pod/knock-pace.ts';
import { knockTcp } from '../platform/pod/knock-tcp.ts';
import type { PodView } from './derive-pod-view.ts';

export interface KnockPorts {
  readonly readBundle: (namespace: string, revision: string) => Promise<PreparedBundle>;
  /** Resolves once the platform's keys are there. */
  readonly readKey: () => Promise<KeyObject>;
  /** Longest that loading the code may take before it is asked about again. */
  readonly loadTimeoutMs: number;
}

/** How a knock ended; `loadMs` is what the runtime says loading took. */
export type PodAnswer =
  { readonly kind: 'ready'; readonly loadMs: number } | Exclude<KnockOutcome, { kind: 'ready' }>;

/**
 * The pod must have its addresses. Rejects when the signal aborts, and on errors that the caller
 * may wait out.
 */
export type KnockPod = (pod: PodView, signal: AbortSignal) => Promise<PodAnswer>;

/** Pods that never listen, however many, must not make the others wait. */
const crowdPauseMsMax = 20;

export function createKnockPod(ports: KnockPorts): KnockPod {
  /** Pods that are knocked on now. */
  let knocked = 0;
  return async (pod, signal) => {
    knocked += 1;
    try {
      return await knockOnce(pod, ports, { signal, firstPauseMs: crowdPauseMs(knocked) });
    } finally {
      knocked -= 1;
    }
  };
}

/** Of many pods that start at once each is asked less often: knocking takes the processor that they start on. */
export function crowdPauseMs(knocked: number): number {
  return Math.min(crowdPauseMsMax, eagerPauseMs * knocked);
}

async function knockOnce(pod: PodView, ports: KnockPorts, pace: KnockPace): Promise<PodAnswer> {
  if (pod.http === undefined) throw new Error(`pod ${pod.name} has no address`);
  if (pod.control === undefined) {
    // A pod without a control port is a plain image.
    await knockTcp(pod.http, pace.signal, pace.firstPauseMs);
    return { kind: 'ready', loadMs: 0 };
  }
  const [bundle, privateKey] = await Promise.all([
    ports.readBundle(pod.namespace, pod.revision),
    ports.readKey(),
  ]);
  const outcome = await knock({
    address: pod.control,
    podUid: pod.uid,
    privateKey,
    bundle,
    ...pace,
    timeoutMs: ports.loadTimeoutMs,
  });
  if (outcome.kind !== 'ready') return outcome;
  return { kind: 'ready', loadMs: outcome.answer.loadMs ?? 0 };
}
