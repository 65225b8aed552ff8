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
import { pause, type Clock } from '../../platform/process/clock.ts';
import { indexes, type Caches } from '../caches.ts';
import type { ObjectWaiter } from '../object-waiter.ts';
import type { PodSettings } from './build-pod-template.ts';
import { buildProofPod } from './build-proof-pod.ts';
import { decideProof } from './decide-proof.ts';
import { deletePod } from './delete-pod.ts';
import {
  deriveEnd,
  deriveLoadFailure,
  deriveTimeout,
  deriveUnschedulable,
  type Verdict,
} from './derive-verdict.ts';
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
 * How long the pod may take to run, in milliseconds: a node that must be added and an image of gigabytes fit in, and
 * say nothing of the code.
 */
const startTimeoutMs = 300_000;
/** From then on to its answer: code that takes longer to load would lose its first callers anyway. */
const loadTimeoutMs = 30_000;
/** A pod that finds no room for this long is told of; it goes on waiting. */
const unschedulableMsMin = 2_000;
/** A pod that still doesn't run, for whatever reason, is told of; it goes on waiting. */
const delayToldMs = 30_000;
/** A pod that hasn't begun to run by now waits for something; others may start meanwhile. */
const slotMsMax = 5_000;

/** Between two knocks, in milliseconds: nobody waits, and many proofs share the machine with those who do. */
const firstPauseMs = 10;

/** What is heard of a proof before its verdict. */
export interface ProofProgress {
  /** It waits for something that costs this machine nothing: others may start. */
  readonly onWait: () => void;
  /** It does not start, and this is why; it goes on waiting. */
  readonly onDelay: (verdict: Verdict) => void;
  /** Nothing is asked of this pod any more: it is to be deleted, now or soon. */
  readonly onSpent: (pod: Pod) => Promise<void>;
}

/** Gives a verdict for a fresh pod of this Revision. Rejects when the signal aborts. */
export async function proveRevision(
  revision: Revision,
  ports: ProofPorts,
  progress: ProofProgress,
  signal: AbortSignal,
): Promise<Verdict> {
  await dropProofPods(revision, ports);
  const pod = await ports.client.create(pods, buildProofPod(revision, ports.settings));
  try {
    return await tryPod({ revision, pod, ports, progress, signal });
  } finally {
    await progress.onSpent(pod);
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

/** Reads a Revision with its files. */
export async function readRevision(key: string, client: KubeClient): Promise<Revision | undefined> {
  const [namespace, name = ''] = key.split('/');
  const found = await client.getOrUndefined(revisions, { namespace, name });
  return found?.metadata.deletionTimestamp === undefined ? found : undefined;
}

interface Trial {
  readonly revision: Revision;
  readonly pod: Pod;
  readonly ports: ProofPorts;
  readonly progress: ProofProgress;
  readonly signal: AbortSignal;
}

/** Whoever tells first: the pod that answers, the pod that ends, or the time that is over. */
async function tryPod(trial: Trial): Promise<Verdict> {
  const { revision, pod, ports, signal } = trial;
  const late = new AbortController();
  const done = new AbortController();
  const stop = AbortSignal.any([signal, late.signal, done.signal]);
  const { podWaiter } = ports;
  const { name } = revision.metadata;
  const ended = podWaiter.until(pod.metadata, (one) => one && deriveEnd(name, one), stop);
  const answered = askPod(revision, pod, ports, stop);
  const timed = limitTime(trial, stop).then(() => late.abort());
  const told = tellUnschedulable(trial, stop);
  // The slower ones end in a rejection nobody waits for.
  for (const one of [ended, answered, timed, told]) one.catch(() => {});
  try {
    return await Promise.race([ended, answered]);
  } catch (error) {
    if (signal.aborted || !late.signal.aborted) throw error;
    const seen = ports.caches.pods.get(pod.metadata.namespace, pod.metadata.name);
    return describeLate(revision, seen, startTimeoutMs);
  } finally {
    done.abort();
  }
}

function describeLate(revision: Revision, seen: Pod | undefined, startMs: number): Verdict {
  const seconds = { startSeconds: startMs / 1000, loadSeconds: loadTimeoutMs / 1000 };
  const isImage = revision.spec.image !== undefined;
  return deriveTimeout(revision.metadata.name, seen, { ...seconds, isImage });
}

/** Resolves when the time for starting, or from then on the time for loading, is over. */
async function limitTime(
  { revision, pod, ports, progress }: Trial,
  stop: AbortSignal,
): Promise<void> {
  const { clock, podWaiter } = ports;
  const isRunning = (one: Pod | undefined): true | undefined =>
    one?.status?.containerStatuses?.[0]?.state?.running === undefined ? undefined : true;
  const running = podWaiter.until(pod.metadata, isRunning, stop);
  const within = async (ms: number): Promise<boolean> => {
    const over = new AbortController();
    const rest = pause(clock, ms, AbortSignal.any([stop, over.signal])).then(() => false);
    try {
      return await Promise.race([running, rest]);
    } finally {
      over.abort();
    }
  };
  if (!(await within(slotMsMax))) {
    progress.onWait();
    if (!(await within(delayToldMs - slotMsMax))) {
      const { namespace, name } = pod.metadata;
      const seen = ports.caches.pods.get(namespace, name);
      progress.onDelay(describeLate(revision, seen, delayToldMs));
      if (!(await within(startTimeoutMs - delayToldMs))) return;
    }
  }
  await pause(clock, loadTimeoutMs, stop);
}

async function tellUnschedulable(trial: Trial, stop: AbortSignal): Promise<void> {
  const { revision, pod, ports, progress } = trial;
  const { clock, podWaiter, caches } = ports;
  const { name } = revision.metadata;
  await podWaiter.until(pod.metadata, (one) => deriveUnschedulable(name, one), stop);
  progress.onWait();
  await pause(clock, unschedulableMsMin, stop);
  const { namespace, name: podName } = pod.metadata;
  const verdict = deriveUnschedulable(name, caches.pods.get(namespace, podName));
  if (verdict !== undefined && !stop.aborted) progress.onDelay(verdict);
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
    ...{ timeoutMs: loadTimeoutMs, firstPauseMs },
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
