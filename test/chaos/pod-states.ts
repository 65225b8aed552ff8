// What each pod of a namespace is to the warm pool: by its labels, and by what it says itself.

import { buildPodAddress } from '../../api/build-pod-address.ts';
import type { Pod } from '../../api/kubernetes.ts';
import { annotations, claimGate, labels, portNames } from '../../api/names.ts';
import { pods } from '../../api/resources.ts';
import type { SpecializeAnswer } from '../../api/wire.ts';
import { askReady } from '../../platform/pod/ask-ready.ts';
import type { Target } from '../support/target.ts';

/** `own`: made for its Revision, and never the pool's. `other`: being proved, for example. */
export type PodState = 'parked' | 'claimed' | 'adopted' | 'own' | 'gated' | 'leaving' | 'other';

export interface SeenPod {
  readonly pod: Pod;
  readonly state: PodState;
  /** Of a pod of the pool. */
  readonly answer: SpecializeAnswer | undefined;
}

const askMsMax = 1_000;

export async function lookAtPods({ kube, namespace }: Target): Promise<SeenPod[]> {
  const { items } = await kube.list(pods, { namespace });
  return Promise.all(items.map(lookAt));
}

async function lookAt(pod: Pod): Promise<SeenPod> {
  const { metadata, spec } = pod;
  const own = metadata.labels ?? {};
  const seen = (state: PodState, answer?: SpecializeAnswer) => ({ pod, state, answer });
  if (metadata.deletionTimestamp !== undefined) return seen('leaving');
  if (own[labels.pool] !== undefined) {
    const address = buildPodAddress(pod, portNames.control);
    const answer = address && (await askReady(address, askMsMax));
    return seen(answer?.revision === undefined ? 'parked' : 'claimed', answer);
  }
  if (own[labels.revision] === undefined) return seen('other');
  if (spec.schedulingGates?.some((gate) => gate.name === claimGate)) return seen('gated');
  return seen(metadata.annotations?.[annotations.adopted] === undefined ? 'own' : 'adopted');
}
