// Puts together what the plans of the warm pool need of one Revision, from the caches.

import { findGate } from '../../api/build-gate-patch.ts';
import type { Deployment, Pod, ReplicaSet } from '../../api/kubernetes.ts';
import { claimGate, labels } from '../../api/names.ts';
import type { Revision } from '../../api/revision.ts';
import { indexes } from '../caches.ts';
import { mayComeFromPool } from '../function/build-deployment.ts';
import { buildResizePatch } from './build-adoption-patch.ts';
import { revisionKeyOf, type BookEntry } from './claim-book.ts';
import {
  deriveClaimed,
  type AdoptionView,
  type Claim,
  type SeenPod,
  type SeenRevision,
} from './plan-adoption.ts';
import { isAlive } from './derive-pod-state.ts';
import type { PoolPorts } from './pool-ports.ts';

/** Kubernetes' own: the number of a Deployment's template, on it and on the ReplicaSet of that template. */
const templateNumber = 'deployment.kubernetes.io/revision';

type Ports = Pick<PoolPorts, 'caches' | 'settings' | 'book'>;

/** `confirmed`: the Revision as the server has it, `undefined` where it has none. */
export function observeAdoption(
  entry: BookEntry,
  ports: Ports,
  confirmed?: { readonly revision: Revision | undefined },
): AdoptionView {
  const { claim } = entry;
  const { caches, settings } = ports;
  const found = caches.revisions.get(claim.namespace, claim.revision);
  const revision = confirmed === undefined ? found : confirmed.revision;
  const deployment = caches.deployments.get(claim.namespace, claim.revision);
  const set = findReplicaSet(deployment, ports);
  const key = revisionKeyOf(claim);
  return {
    claim,
    pod: seePod(claim, ports),
    revision: revision && {
      ...seeRevision(revision),
      isPoolable: mayComeFromPool(revision, settings),
    },
    deployment: deployment && {
      replicas: deployment.spec.replicas ?? 0,
      isGoing: deployment.metadata.deletionTimestamp !== undefined,
      isGated: isGated(deployment.spec.template),
    },
    replicaSet: set && { uid: set.metadata.uid ?? '', replicas: set.spec.replicas ?? 0 },
    replicaSets: new Set(listReplicaSets(deployment, ports).map((one) => one.metadata.uid ?? '')),
    podsUp: new Map(listUngated(key, ports).filter(hasAddress).map(toOwner)),
    claimed: observeClaimed(key, ports),
    isConfirmed: confirmed !== undefined,
  };
}

/** Uids of the pool pods that serve this Revision and may not show as its own yet. */
export function observeClaimed(key: string, ports: Ports): Set<string> {
  const [namespace, name = ''] = key.split('/');
  const revision = ports.caches.revisions.get(namespace, name);
  if (revision === undefined) return new Set();
  const claims = ports.book.ofRevision(key);
  return deriveClaimed(claims, seeRevision(revision), (claim) => seePod(claim, ports));
}

/** Uids of the Revision's pods that live and have no gate, with the uid of their ReplicaSet. */
export function observeUngated(
  key: string,
  ports: Pick<PoolPorts, 'caches'>,
): Map<string, string | undefined> {
  return new Map(listUngated(key, ports).map(toOwner));
}

function listUngated(key: string, { caches }: Pick<PoolPorts, 'caches'>): Pod[] {
  const own = caches.pods.byIndex(indexes.revision, key);
  return own.filter((pod) => isAlive(pod) && !isGated(pod));
}

function toOwner(pod: Pod): [string, string | undefined] {
  return [pod.metadata.uid ?? '', ownerOf(pod)];
}

/** From then on activators can reach it. */
function hasAddress(pod: Pod): boolean {
  return (pod.status?.podIP ?? '') !== '';
}

/** That of the Deployment's present template. */
export function findReplicaSet(
  deployment: Deployment | undefined,
  ports: Pick<PoolPorts, 'caches'>,
): ReplicaSet | undefined {
  const number = deployment?.metadata.annotations?.[templateNumber];
  if (number === undefined) return undefined;
  return listReplicaSets(deployment, ports).find(
    ({ metadata }) =>
      metadata.annotations?.[templateNumber] === number && metadata.deletionTimestamp === undefined,
  );
}

function listReplicaSets(
  deployment: Deployment | undefined,
  { caches }: Pick<PoolPorts, 'caches'>,
): ReplicaSet[] {
  if (deployment === undefined) return [];
  const { namespace, name, uid } = deployment.metadata;
  return caches.replicaSets
    .byIndex(indexes.revision, `${namespace}/${name}`)
    .filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid));
}

export function isGated(pod: Pick<Pod, 'spec'>): boolean {
  return findGate(pod.spec, claimGate) >= 0;
}

export function ownerOf(pod: Pod): string | undefined {
  return pod.metadata.ownerReferences?.find((owner) => owner.controller)?.uid;
}

function seePod(claim: Claim, { caches, book }: Ports): SeenPod | undefined {
  const pod = caches.pods.get(claim.namespace, claim.pod);
  if (pod === undefined) return undefined;
  const revision = pod.metadata.labels?.[labels.revision];
  const asked = caches.revisions.get(claim.namespace, revision ?? '')?.spec.resources;
  const { uid = '' } = pod.metadata;
  return {
    uid,
    revision,
    isGone: !isAlive(pod),
    isToBeResized: !book.isResizeAnswered(uid) && buildResizePatch(pod, asked) !== undefined,
  };
}

function seeRevision({ metadata, spec }: Revision): Omit<SeenRevision, 'isPoolable'> {
  const isGoing = metadata.deletionTimestamp !== undefined;
  return { uid: metadata.uid ?? '', codeDigest: spec.codeDigest, isGoing };
}
