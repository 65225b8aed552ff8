// Loads a Revision's code once, in a pod of its own that goes away again, to tell whether it is ready.

import type { KeyObject } from 'node:crypto';
import { buildPodAddress } from '../../api/build-pod-address.ts';
import { buildSpecializeBundle } from '../../api/build-specialize-bundle.ts';
import type { Pod } from '../../api/kubernetes.ts';
import { portNames } from '../../api/names.ts';
import { pods, revisions } from '../../api/resources.ts';
import type { Revision } from '../../api/revision.ts';
import type { KubeClient } from '../../platform/kube/client.ts';
import type { EventRecorder } from '../../platform/kube/record-event.ts';
import { knock, prepareBundle } from '../../platform/pod/control-port.ts';
import { knockTcp } from '../../platform/pod/knock-tcp.ts';
import type { Clock } from '../../platform/process/clock.ts';
import { indexes, type Caches } from '../caches.ts';
import type { ObjectWaiter } from '../object-waiter.ts';
import type { PodSettings } from './build-pod-template.ts';
import { buildProofPod } from './build-proof-pod.ts';
import { decideProof } from './decide-proof.ts';
import { deriveEnd, deriveLoadFailure, deriveTimeout, type Verdict } from './derive-verdict.ts';
import { setRevisionCondition } from './set-revision-condition.ts';

export interface ProofPorts {
  readonly client: KubeClient;
  readonly caches: Caches;
  readonly podWaiter: ObjectWaiter<Pod>;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly settings: PodSettings;
  readonly readPrivateKey: () => KeyObject;
  /** Told of every proof that came to a verdict. */
  readonly observe: (verdict: Verdict, durationMs: number) => void;
}

/**
 * How long a proof may take, in milliseconds, from the pod's creation to its answer. An image that is on its node
 * starts in seconds, and code that takes longer than this to load would lose its first callers anyway.
 */
export const proofTimeoutMs = 30_000;

/** Between two knocks, in milliseconds: nobody waits, and many proofs share the machine with those who do. */
const firstPauseMs = 10;

/** Gives a verdict for a fresh pod of this Revision, and leaves no pod behind. Rejects when the signal aborts. */
export async function proveRevision(
  revision: Revision,
  ports: ProofPorts,
  signal: AbortSignal,
): Promise<Verdict> {
  await dropProofPods(revision, ports);
  const pod = await ports.client.create(pods, buildProofPod(revision, ports.settings));
  try {
    return await tryPod(revision, pod, ports, signal);
  } finally {
    await deletePod(pod, ports.client);
  }
}

/**
 * Writes a verdict where users look: on the Revision, and as an Event on its Function. Gives the milliseconds after
 * which to try again, `null` for never.
 */
export async function recordVerdict(
  revision: Revision,
  verdict: Verdict,
  ports: ProofPorts,
): Promise<number | null> {
  const { client, clock, caches, events } = ports;
  const { loadMs, status, reason, message } = verdict;
  const input = {
    ...{ type: 'Ready', status },
    ...(reason !== undefined && { reason }),
    ...(message !== undefined && { message }),
  };
  const written = await setRevisionCondition(client, revision, input, clock.now());
  const owner = caches.functions.get(revision.metadata.namespace, revision.spec.functionName);
  const { name } = revision.metadata;
  if (owner !== undefined) {
    const took = loadMs === undefined ? '' : ` in ${Math.round(loadMs)} ms`;
    events.record(
      status === 'True'
        ? {
            object: owner,
            type: 'Normal',
            reason: 'RevisionReady',
            message: `${name} loaded${took}`,
          }
        : {
            object: owner,
            type: 'Warning',
            reason: reason ?? 'NotReady',
            message: message ?? name,
          },
    );
  }
  if (written === undefined) return null; // The Revision is gone.
  const next = decideProof(written, clock.now());
  return 'afterMs' in next ? next.afterMs : null;
}

/** Deletes what a killed controller left behind. */
export async function dropProofPods(
  revision: Revision,
  { caches, client }: Pick<ProofPorts, 'caches' | 'client'>,
): Promise<void> {
  const { namespace, name } = revision.metadata;
  const found = caches.pods.byIndex(indexes.proof, `${namespace}/${name}`);
  await Promise.all(found.map((pod) => deletePod(pod, client)));
}

/** It never served, so it needs no time to end. */
export async function deletePod(pod: Pod, client: KubeClient): Promise<void> {
  await client.delete(pods, pod.metadata, { gracePeriodSeconds: 0 });
}

/** Reads a Revision with its files. */
export async function readRevision(key: string, client: KubeClient): Promise<Revision | undefined> {
  const [namespace, name = ''] = key.split('/');
  const found = await client.getOrUndefined(revisions, { namespace, name });
  return found?.metadata.deletionTimestamp === undefined ? found : undefined;
}

/** Whoever tells first: the pod that answers, the pod that ends, or the time that is over. */
async function tryPod(
  revision: Revision,
  pod: Pod,
  ports: ProofPorts,
  signal: AbortSignal,
): Promise<Verdict> {
  const late = AbortSignal.timeout(proofTimeoutMs);
  const done = new AbortController();
  const stop = AbortSignal.any([signal, late, done.signal]);
  const { podWaiter } = ports;
  const { name } = revision.metadata;
  const ended = podWaiter.until(pod.metadata, (one) => one && deriveEnd(name, one), stop);
  const answered = askPod(revision, pod, ports, stop);
  // The slower of the two ends in a rejection nobody waits for.
  for (const one of [ended, answered]) one.catch(() => {});
  try {
    return await Promise.race([ended, answered]);
  } catch (error) {
    if (signal.aborted || !late.aborted) throw error;
    const seen = ports.caches.pods.get(pod.metadata.namespace, pod.metadata.name);
    const isImage = revision.spec.image !== undefined;
    return deriveTimeout(name, seen, { seconds: proofTimeoutMs / 1000, isImage });
  } finally {
    done.abort();
  }
}

async function askPod(
  revision: Revision,
  pod: Pod,
  { podWaiter, readPrivateKey }: ProofPorts,
  signal: AbortSignal,
): Promise<Verdict> {
  const isImage = revision.spec.image !== undefined;
  const port = isImage ? portNames.http : portNames.control;
  const addressOf = (one: Pod | undefined) => one && buildPodAddress(one, port);
  const address = await podWaiter.until(pod.metadata, addressOf, signal);
  if (isImage) {
    await knockTcp(address, signal, firstPauseMs);
    return { status: 'True' };
  }
  const bundle = prepareBundle(buildSpecializeBundle(revision));
  const podUid = pod.metadata.uid ?? '';
  const privateKey = readPrivateKey();
  const outcome = await knock({
    ...{ address, podUid, privateKey, bundle, signal },
    ...{ timeoutMs: proofTimeoutMs, firstPauseMs },
  });
  if (outcome.kind === 'failed') return deriveLoadFailure(revision.metadata.name, outcome.error);
  if (outcome.kind === 'ready') {
    const { loadMs } = outcome.answer;
    return { status: 'True', ...(loadMs !== undefined && { loadMs }) };
  }
  const what = outcome.kind === 'refused' ? `answered ${outcome.status}` : 'holds another Revision';
  const message = `${revision.metadata.name}: the control port of ${pod.metadata.name} ${what}`;
  return { status: 'Unknown', reason: 'ControlPortRefused', message };
}
