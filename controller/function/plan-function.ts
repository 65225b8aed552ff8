// What must be written for a Function, from what its user asked for and what exists.

import type { RouseFunction } from '../../api/function.ts';
import type { Deployment, EndpointSlice, Service } from '../../api/kubernetes.ts';
import type { Revision } from '../../api/revision.ts';
import { templateDigestAnnotation } from './build-deployment.ts';
import { isOwnedBy } from './build-revision.ts';
import { buildEndpointSlices, buildService } from './build-service.ts';
import { deriveTraffic, isReady, latestOf, type Problem } from './derive-traffic.ts';

export interface FunctionSnapshot {
  readonly wanted: RouseFunction;
  /** What a new Revision would be, or why there can't be one. */
  readonly template: { readonly templateDigest: string } | { readonly problem: Problem };
  /** This Function's own, in any order. */
  readonly revisions: readonly Revision[];
  /** Highest number ever seen, also of Revisions that are gone. */
  readonly numberMax: number;
  /** The Deployments as they should be, by Revision, with the digest of their pod template. */
  readonly deploymentsWanted: ReadonlyMap<string, Deployment>;
  readonly deployments: ReadonlyMap<string, Deployment>;
  /** Of the Function's name, ours or not. */
  readonly service: Service | undefined;
  readonly slices: readonly EndpointSlice[];
  /** Where the activators listen. */
  readonly activators: readonly EndpointSlice[];
  /** How many Revisions to keep that take no traffic. */
  readonly revisionsKeptMax: number;
}

export type Action =
  | { readonly kind: 'create-revision'; readonly number: number }
  | { readonly kind: 'delete-revision'; readonly revision: Revision }
  | { readonly kind: 'prove-revision'; readonly revision: Revision }
  | { readonly kind: 'create-deployment'; readonly deployment: Deployment }
  | {
      readonly kind: 'update-deployment';
      readonly deployment: Deployment;
      readonly found: Deployment;
    }
  | { readonly kind: 'create-service'; readonly service: Service }
  | { readonly kind: 'update-service'; readonly service: Service }
  | { readonly kind: 'create-slice'; readonly slice: EndpointSlice }
  | { readonly kind: 'update-slice'; readonly slice: EndpointSlice };

/** A plan with `create-revision` has nothing else: what follows depends on the Revision that comes of it. */
export function planFunction(snapshot: FunctionSnapshot): Action[] {
  const number = planRevision(snapshot);
  if (number !== undefined) return [{ kind: 'create-revision', number }];
  return [
    ...planDeployments(snapshot),
    ...planProofs(snapshot),
    ...planService(snapshot),
    ...planSlices(snapshot),
    ...planCleaning(snapshot),
  ];
}

/** The number of the next Revision, when the template differs from the latest one's. */
function planRevision(snapshot: FunctionSnapshot): number | undefined {
  const { template, revisions, numberMax } = snapshot;
  if ('problem' in template) return undefined;
  const latest = latestOf(revisions);
  if (latest?.spec.templateDigest === template.templateDigest) return undefined;
  return Math.max(numberMax, latest?.spec.number ?? 0) + 1;
}

function planDeployments({ deployments, deploymentsWanted }: FunctionSnapshot): Action[] {
  const actions: Action[] = [];
  for (const [name, deployment] of deploymentsWanted) {
    const found = deployments.get(name);
    if (found === undefined) {
      actions.push({ kind: 'create-deployment', deployment });
    } else if (templateDigestOf(found) !== templateDigestOf(deployment)) {
      actions.push({ kind: 'update-deployment', deployment, found });
    }
  }
  return actions;
}

/** Only what may take traffic: of ten quick edits the last. Who proves decides when a failure is tried again. */
function planProofs({ wanted, revisions }: FunctionSnapshot): Action[] {
  const latest = latestOf(revisions);
  const named = new Set(wanted.spec.traffic.map((target) => target.revision));
  return revisions
    .filter((one) => one === latest || named.has(one.metadata.name))
    .filter((one) => !isReady(one))
    .map((revision) => ({ kind: 'prove-revision', revision }));
}

function planService({ wanted, service }: FunctionSnapshot): Action[] {
  const build = buildService(wanted);
  if (service === undefined) return [{ kind: 'create-service', service: build }];
  if (!isOwnedBy(wanted, service)) return [];
  const isRight =
    service.spec.selector === undefined &&
    service.spec.ports?.length === 1 &&
    service.spec.ports[0]?.port === build.spec.ports?.[0]?.port &&
    service.spec.ports?.[0]?.name === build.spec.ports?.[0]?.name;
  return isRight ? [] : [{ kind: 'update-service', service: build }];
}

/** With no activator known the slices stay as they are: nothing better is known, and a restart soon heals it. */
function planSlices({ wanted, service, slices, activators }: FunctionSnapshot): Action[] {
  // Our slices would hand a foreign Service's callers to us.
  if (service !== undefined && !isOwnedBy(wanted, service)) return [];
  const actions: Action[] = [];
  for (const slice of buildEndpointSlices(wanted, activators)) {
    const found = slices.find((one) => one.metadata.name === slice.metadata.name);
    if (found === undefined) actions.push({ kind: 'create-slice', slice });
    else if (!isSameSlice(found, slice)) actions.push({ kind: 'update-slice', slice });
  }
  return actions;
}

/** Drops old Revisions, never one that takes or may take traffic, nor one whose pods are still up. */
function planCleaning(snapshot: FunctionSnapshot): Action[] {
  const { wanted, revisions, deployments, revisionsKeptMax } = snapshot;
  if (revisions.length <= revisionsKeptMax) return [];
  const before = wanted.status?.traffic ?? [];
  const resolved = deriveTraffic(wanted.spec.traffic, revisions, before).traffic;
  const used = new Set([...wanted.spec.traffic, ...before, ...resolved].map((one) => one.revision));
  const ready = latestOf(revisions, isReady);
  const idle = revisions
    .filter((one) => one !== ready && !used.has(one.metadata.name))
    .sort((a, b) => b.spec.number - a.spec.number);
  return idle
    .slice(revisionsKeptMax)
    .filter((one) => (deployments.get(one.metadata.name)?.spec.replicas ?? 0) === 0)
    .map((revision) => ({ kind: 'delete-revision', revision }));
}

function templateDigestOf(deployment: Deployment): string | undefined {
  return deployment.metadata.annotations?.[templateDigestAnnotation];
}

function isSameSlice(a: EndpointSlice, b: EndpointSlice): boolean {
  const tell = (slice: EndpointSlice): string =>
    JSON.stringify([
      (slice.endpoints ?? []).map((one) => [one.addresses, one.conditions?.ready !== false]),
      (slice.ports ?? []).map((one) => [one.name, one.port]),
    ]);
  return tell(a) === tell(b);
}
