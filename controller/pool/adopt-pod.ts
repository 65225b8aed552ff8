// Carries out the next step for one claimed pod, as planned from what is seen now.

import { buildPodAddress } from '../../api/build-pod-address.ts';
import type { Pod } from '../../api/kubernetes.ts';
import { portNames } from '../../api/names.ts';
import { deployments, pods, revisions } from '../../api/resources.ts';
import type { Revision } from '../../api/revision.ts';
import { isKubeError } from '../../platform/kube/kube-error.ts';
import { askReady, type ReadyAnswer } from '../../platform/pod/ask-ready.ts';
import { buildAdoptionPatch, buildResizePatch } from './build-adoption-patch.ts';
import type { BookEntry } from './claim-book.ts';
import type { LookResult } from './conflict-pace.ts';
import { deriveAnsweredClaim } from './derive-answered-claim.ts';
import { findReplicaSet, observeAdoption } from './observe-adoption.ts';
import { planAdoption, type AdoptionStep, type Claim, type DeleteReason } from './plan-adoption.ts';
import { isParked } from './derive-pod-state.ts';
import type { PoolPorts } from './pool-ports.ts';

export const askTimeoutMs = 1_000;
/** A pod that takes a code that never stops loading answers nothing any more. */
export const silencesMax = 3;
/** The caches follow by themselves; this is for news that were missed. */
const againAfterMs = 1_000;
/** An activator's cache may be ahead of ours. */
const unseenMsMax = 10_000;

export async function adoptPod(uid: string, ports: PoolPorts): Promise<LookResult> {
  const entry = ports.book.find(uid);
  if (entry === undefined) return null;
  const view = observeAdoption(entry, ports);
  const isUnseen = view.pod === undefined && nowMs(ports) - entry.firstMs < unseenMsMax;
  if (isUnseen) return againAfterMs;
  try {
    return await carryOut(planAdoption(view), entry, ports);
  } catch (error) {
    // 404: gone in the meantime. 422: a patch of what is not as it was.
    if (isKubeError(error, 409) || isKubeError(error, 404)) return 'conflict';
    throw error;
  }
}

async function carryOut(
  step: AdoptionStep,
  entry: BookEntry,
  ports: PoolPorts,
): Promise<number | null> {
  switch (step.kind) {
    case 'done':
      end(entry, step.outcome, ports);
      return null;
    case 'ask':
      return ask(entry, ports);
    case 'confirm':
      return confirm(entry, ports);
    case 'delete':
      return deleteClaimed(entry, entry.claim, step.reason, ports);
    case 'scale':
      await scale(entry, step.replicas, ports);
      return againAfterMs;
    case 'adopt':
      return (await isStillIts(entry, ports)) ? adopt(entry, ports) : 0;
    case 'resize':
      await resize(ports.caches.pods.get(entry.claim.namespace, entry.claim.pod), entry, ports);
      return againAfterMs;
    case 'wait':
      return againAfterMs;
  }
}

/** `undefined`: it has no address, or did not answer in time. */
async function askClaimed(
  { namespace, pod: name }: Claim,
  { caches }: PoolPorts,
): Promise<ReadyAnswer | undefined> {
  const pod = caches.pods.get(namespace, name);
  const address = pod && buildPodAddress(pod, portNames.control);
  return address && (await askReady(address, askTimeoutMs));
}

async function ask(entry: BookEntry, ports: PoolPorts): Promise<number | null> {
  const { claim } = entry;
  const answer = await askClaimed(claim, ports);
  if (answer === undefined) {
    entry.silences += 1;
    if (entry.silences < silencesMax) return againAfterMs;
    return deleteClaimed(entry, claim, 'silent', ports);
  }
  const answered = deriveAnsweredClaim(claim, answer);
  if (answered === undefined) {
    end(entry, 'free', ports);
    return null;
  }
  ports.book.drop(claim.uid);
  ports.book.add(answered, nowMs(ports));
  return 0;
}

/** Before a pod that serves is deleted, the server itself says that nobody wants it. */
async function confirm(entry: BookEntry, ports: PoolPorts): Promise<number | null> {
  const { namespace, revision: name } = entry.claim;
  const revision = await ports.client.getOrUndefined(revisions, { namespace, name });
  const step = planAdoption(observeAdoption(entry, ports, { revision }));
  if (step.kind !== 'delete') return againAfterMs;
  return deleteClaimed(entry, entry.claim, step.reason, ports);
}

async function scale(entry: BookEntry, replicas: number, ports: PoolPorts): Promise<void> {
  const { namespace, revision: name } = entry.claim;
  const { resourceVersion } = ports.caches.deployments.get(namespace, name)?.metadata ?? {};
  const body = { metadata: { resourceVersion }, spec: { replicas } };
  await ports.client.patch(deployments, { namespace, name }, body, { subresource: 'scale' });
}

/**
 * A process that ended since has forgotten whose it was, and may have been given to another Revision. One that is too
 * busy to answer has not ended.
 */
async function isStillIts(entry: BookEntry, ports: PoolPorts): Promise<boolean> {
  const { claim } = entry;
  const answer = await askClaimed(claim, ports);
  if (answer === undefined) return true;
  const answered = deriveAnsweredClaim(claim, answer);
  if (answered === undefined) {
    await deleteClaimed(entry, claim, 'restarted', ports);
    return false;
  }
  const { revision, revisionUid = claim.revisionUid } = answered;
  if (revision === claim.revision && revisionUid === claim.revisionUid) return true;
  ports.book.drop(claim.uid);
  ports.book.add(answered, nowMs(ports));
  return false;
}

async function adopt(entry: BookEntry, ports: PoolPorts): Promise<number> {
  const { client, caches } = ports;
  const { namespace, revision: name, pod: podName } = entry.claim;
  const revision = caches.revisions.get(namespace, name);
  const pod = caches.pods.get(namespace, podName);
  const set = findReplicaSet(caches.deployments.get(namespace, name), ports);
  if (revision === undefined || pod === undefined || set === undefined) return againAfterMs;
  // The news of our own patch came while the pod was asked.
  if (!isParked(pod)) return 0;
  const adopted = await client.patch(pods, pod.metadata, buildAdoptionPatch(pod, revision, set));
  tell(entry, revision, ports);
  await resize(adopted, entry, ports);
  return againAfterMs;
}

async function resize(pod: Pod | undefined, entry: BookEntry, ports: PoolPorts): Promise<void> {
  const { namespace, revision: name } = entry.claim;
  const revision = ports.caches.revisions.get(namespace, name);
  if (pod === undefined || revision === undefined) return;
  await resizePod(pod, revision, ports);
}

/** Once where the server refuses: it would refuse again. */
export async function resizePod(pod: Pod, revision: Revision, ports: PoolPorts): Promise<void> {
  const { uid = '' } = pod.metadata;
  const patch = buildResizePatch(pod, revision.spec.resources);
  if (patch === undefined || ports.book.isResizeAnswered(uid)) return;
  try {
    await ports.client.patch(pods, pod.metadata, patch, {
      type: 'strategic',
      subresource: 'resize',
    });
    ports.book.resizeAnswered(uid);
  } catch (error) {
    if (!isKubeError(error) || error.status === 409 || error.status >= 500) throw error;
    ports.book.resizeAnswered(uid);
    ports.metrics.ended('resize_refused');
    const { log, caches, events } = ports;
    const { namespace, name } = pod.metadata;
    log.warn({ error, namespace, pod: name }, 'a pod from the warm pool keeps its own resources');
    const owner = caches.functions.get(namespace, revision.spec.functionName);
    const message = `pod ${name} from the warm pool can't be given spec.resources: ${error.message}`;
    if (owner !== undefined) {
      events.record({ object: owner, type: 'Warning', reason: 'ResizeRefused', message });
    }
  }
}

/**
 * `known`: what the decision was made from. Resolves with when to look again: somebody may have told more since, or
 * adopted the pod, and then it may be serving.
 */
async function deleteClaimed(
  entry: BookEntry,
  known: Claim,
  reason: DeleteReason | 'silent' | 'restarted',
  ports: PoolPorts,
): Promise<number | null> {
  const { namespace, pod: name, uid, revision } = known;
  const pod = ports.caches.pods.get(namespace, name);
  const isSeen = pod !== undefined && pod.metadata.uid === uid && isParked(pod);
  if (ports.book.find(uid) !== entry || !isSameNews(entry.claim, known) || !isSeen) return 0;
  ports.log.info({ namespace, pod: name, revision, reason }, 'a claimed pod is deleted');
  await ports.client.delete(pods, pod.metadata, buildPreconditions(pod));
  end(entry, 'deleted', ports);
  return null;
}

/** The pod as it was seen: an adoption changes it. */
export function buildPreconditions({ metadata }: Pod): { uid?: string; resourceVersion?: string } {
  const { uid, resourceVersion } = metadata;
  return { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) };
}

function isSameNews(one: Claim, other: Claim): boolean {
  return (
    one.outcome === other.outcome &&
    one.revision === other.revision &&
    one.revisionUid === other.revisionUid
  );
}

function end(
  entry: BookEntry,
  outcome: Parameters<PoolPorts['metrics']['ended']>[0],
  { book, metrics }: PoolPorts,
): void {
  metrics.ended(outcome);
  book.drop(entry.claim.uid);
}

function tell(entry: BookEntry, revision: Revision, { caches, events, log }: PoolPorts): void {
  const { namespace, pod } = entry.claim;
  const owner = caches.functions.get(namespace, revision.spec.functionName);
  const message = `${revision.metadata.name}: pod ${pod} came from the warm pool`;
  log.info({ namespace, pod }, message);
  if (owner !== undefined) {
    events.record({ object: owner, type: 'Normal', reason: 'Adopted', message });
  }
}

function nowMs({ clock }: PoolPorts): number {
  return clock.monotonicNow();
}
