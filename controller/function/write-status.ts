// Writes the status of a Function and of its Revisions, where it has changed, and tells of new problems.

import type { RouseFunction } from '../../api/function.ts';
import type { Revision } from '../../api/revision.ts';
import { functions, revisions as revisionKind } from '../../api/resources.ts';
import { isKubeError } from '../../platform/kube/kube-error.ts';
import type { Problem } from './derive-traffic.ts';
import { deriveTimestamp, findCondition } from './derive-conditions.ts';
import { indexes } from '../caches.ts';
import { deriveFailedCreate, deriveObstacle } from './derive-obstacle.ts';
import { deriveStatus, deriveUrl } from './derive-status.ts';
import { digestOf } from './digest-template.ts';
import type { FunctionPorts } from './function-ports.ts';

export interface StatusInput {
  readonly wanted: RouseFunction;
  /** This Function's own. */
  readonly revisions: readonly Revision[];
  readonly templateProblem: Problem | undefined;
  readonly serviceProblem: Problem | undefined;
}

export async function writeStatus(input: StatusInput, ports: FunctionPorts): Promise<void> {
  const { wanted, revisions } = input;
  const replicas = new Map(revisions.map((one) => [one, countReady(one, ports)]));
  const obstacles = findObstacles(wanted, revisions, ports);
  await Promise.all([
    ...[...replicas].map(([revision, count]) => writeReplicas(revision, count, ports)),
    writeFunctionStatus({ ...input, obstacles, replicas: sum(replicas.values()) }, ports),
  ]);
  tellProblems(wanted, [input.templateProblem, input.serviceProblem, ...obstacles], ports);
  tellFailedCreates(wanted, revisions, ports);
}

async function writeFunctionStatus(
  input: StatusInput & { readonly obstacles: readonly Problem[]; readonly replicas: number },
  { client, caches, clock, settings, statusesSent }: FunctionPorts,
): Promise<void> {
  const { wanted } = input;
  const { name, namespace, uid } = wanted.metadata;
  const url = deriveUrl(wanted, settings);
  const now = deriveTimestamp(clock.now());
  const status = deriveStatus({ ...input, url }, now);
  const digest = digestOf(status);
  if (wanted.status !== undefined && digest === digestOf(wanted.status)) return;
  // Looked at again before the cache shows what was sent: the same once more would only cost a write.
  const cached = caches.functions.get(namespace, name) ?? wanted;
  if (statusesSent.get(cached) === digest) return;
  // What a merge patch doesn't name would stay.
  const gone = Object.keys(wanted.status ?? {}).filter((key) => !(key in status));
  const nulls = Object.fromEntries(gone.map((key) => [key, null]));
  const body = { metadata: { uid }, status: { ...status, ...nulls } };
  try {
    statusesSent.set(cached, digest);
    await client.patch(functions, { name, namespace }, body, { subresource: 'status' });
  } catch (error) {
    statusesSent.delete(cached);
    // 404: deleted meanwhile; 409: deleted and made anew.
    if (!isKubeError(error, 404) && !isKubeError(error, 409)) throw error;
  }
}

async function writeReplicas(
  revision: Revision,
  replicas: number,
  { client }: FunctionPorts,
): Promise<void> {
  if ((revision.status?.replicas ?? 0) === replicas) return;
  try {
    const body = { status: { replicas } };
    await client.patch(revisionKind, revision.metadata, body, { subresource: 'status' });
  } catch (error) {
    if (!isKubeError(error, 404)) throw error;
  }
}

/** One Event when a problem is new; its condition tells for as long as it lasts. */
function tellProblems(
  wanted: RouseFunction,
  problems: readonly (Problem | undefined)[],
  { events }: FunctionPorts,
): void {
  const before = wanted.status?.conditions;
  const types = ['Ready', 'RevisionReady', 'RoutesReady'];
  const told = types.map((type) => findCondition(before, type)?.message);
  for (const problem of problems) {
    if (problem === undefined || told.includes(problem.message)) continue;
    events.record({ object: wanted, type: 'Warning', ...problem });
  }
}

/** Of the Revisions that take requests, as far as the cache knows their pods. */
function findObstacles(
  wanted: RouseFunction,
  revisions: readonly Revision[],
  { caches }: FunctionPorts,
): Problem[] {
  const used = new Set(wanted.status?.traffic?.map((target) => target.revision));
  return revisions
    .filter((one) => used.has(one.metadata.name))
    .flatMap(({ metadata: { namespace, name } }) => {
      const pods = caches.pods.byIndex(indexes.revision, `${namespace}/${name}`);
      return deriveObstacle(caches.deployments.get(namespace, name), pods) ?? [];
    });
}

/** Pods that a Deployment can't have are news also while others serve: one Event per new reason. */
function tellFailedCreates(
  wanted: RouseFunction,
  revisions: readonly Revision[],
  { caches, events, failuresTold }: FunctionPorts,
): void {
  for (const { metadata } of revisions) {
    const key = `${metadata.namespace}/${metadata.name}`;
    const deployment = caches.deployments.get(metadata.namespace, metadata.name);
    const problem = deriveFailedCreate(deployment);
    if (problem === undefined) failuresTold.delete(key);
    else if (failuresTold.get(key) !== problem.message) {
      failuresTold.set(key, problem.message);
      events.record({ object: wanted, type: 'Warning', ...problem });
    }
  }
}

function countReady(revision: Revision, { caches }: FunctionPorts): number {
  const { namespace, name } = revision.metadata;
  return caches.deployments.get(namespace, name)?.status?.readyReplicas ?? 0;
}

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((total, one) => total + one, 0);
}
