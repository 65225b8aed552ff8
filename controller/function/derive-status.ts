// A Function's status, from its Revisions, its Deployments and what stands in the way.

import type { FunctionStatus, RouseFunction } from '../../api/function.ts';
import type { Condition } from '../../api/kubernetes.ts';
import type { Revision } from '../../api/revision.ts';
import { deriveCondition, findCondition, type ConditionInput } from './derive-conditions.ts';
import { deriveTraffic, isReady, latestOf, type Problem, type Routes } from './derive-traffic.ts';

export interface StatusSnapshot {
  readonly wanted: RouseFunction;
  readonly revisions: readonly Revision[];
  /** Why there can't be a Revision of the present spec. */
  readonly templateProblem: Problem | undefined;
  readonly serviceProblem: Problem | undefined;
  /** Why Revisions that take requests and should have pods have none that runs. */
  readonly obstacles: readonly Problem[];
  /** Ready pods over all Revisions. */
  readonly replicas: number;
  readonly url: string;
}

/** Type of the Revision condition that is False after a failed wake, until the next that succeeds. */
export const wakesCondition = 'Wakes';
/** The same for a change of its replicas that the API server refused. */
export const scalesCondition = 'Scales';

/** `now` is RFC 3339. Equal to the present status when nothing has changed. */
export function deriveStatus(snapshot: StatusSnapshot, now: string): FunctionStatus {
  const { wanted, revisions, replicas, url } = snapshot;
  const before = wanted.status;
  const routes = deriveTraffic(wanted.spec.traffic, revisions, before?.traffic ?? []);
  const latestCreated = latestOf(revisions)?.metadata.name ?? before?.latestCreatedRevision;
  const latestReady = latestOf(revisions, isReady)?.metadata.name;
  const revisionReady = deriveRevisionReady(snapshot);
  const routesReady = deriveRoutesReady(snapshot, routes);
  const ready = deriveReady([
    ...[revisionReady, routesReady],
    // What Kubernetes says now, before what the last call met.
    ...snapshot.obstacles.map((one) => ({ type: 'Obstacle', status: 'False' as const, ...one })),
    ...deriveFailures(revisions, routes),
  ]);
  const observedGeneration = wanted.metadata.generation;
  return {
    url,
    ...(observedGeneration !== undefined && { observedGeneration }),
    ...(latestCreated !== undefined && { latestCreatedRevision: latestCreated }),
    ...(latestReady !== undefined && { latestReadyRevision: latestReady }),
    replicas,
    traffic: [...routes.traffic],
    conditions: [ready, revisionReady, routesReady].map((input) =>
      deriveCondition(before?.conditions, input, now),
    ),
  };
}

/** `http://NAME.NAMESPACE.DOMAIN:PORT`, without the port when it is 80. */
export function deriveUrl(
  wanted: RouseFunction,
  settings: { readonly domain: string; readonly externalPort: number },
): string {
  const { name, namespace = 'default' } = wanted.metadata;
  const port = settings.externalPort === 80 ? '' : `:${settings.externalPort}`;
  return `http://${name}.${namespace}.${settings.domain}${port}`;
}

function deriveRevisionReady(snapshot: StatusSnapshot): ConditionInput {
  const type = 'RevisionReady';
  const { templateProblem, revisions } = snapshot;
  if (templateProblem !== undefined) return { type, status: 'False', ...templateProblem };
  const latest = latestOf(revisions);
  if (latest === undefined) {
    return { type, status: 'Unknown', reason: 'Creating', message: 'the first Revision is made' };
  }
  const ready = findCondition(latest.status?.conditions, 'Ready');
  if (ready?.status === 'True') return { type, status: 'True' };
  const name = latest.metadata.name;
  if (ready === undefined) {
    const message = `${name} is loaded once, to see whether it can be`;
    return { type, status: 'Unknown', reason: 'Proving', message };
  }
  return { ...pickWhy(ready), type, status: ready.status };
}

function deriveRoutesReady(snapshot: StatusSnapshot, routes: Routes): ConditionInput {
  const type = 'RoutesReady';
  const problem = snapshot.serviceProblem ?? routes.problem;
  if (problem !== undefined) return { type, status: 'False', ...problem };
  if (routes.traffic.length > 0) return { type, status: 'True' };
  const message = 'no Revision is ready to take requests';
  return { type, status: 'Unknown', reason: 'NoReadyRevision', message };
}

/** The failed wakes and scalings of the Revisions that take requests. */
function deriveFailures(revisions: readonly Revision[], routes: Routes): ConditionInput[] {
  const used = new Set(routes.traffic.map((target) => target.revision));
  return revisions
    .filter((one) => used.has(one.metadata.name))
    .flatMap((one) => {
      const { conditions } = one.status ?? {};
      const scales = findCondition(conditions, scalesCondition);
      const wakes = findCondition(conditions, wakesCondition);
      const both = [scales, wakes && { ...wakes, reason: 'WakeFailed' }];
      return both.flatMap((found) => (found?.status === 'False' ? [found] : []));
    });
}

/** The first that is False tells why, else the first that is Unknown. */
function deriveReady(parts: readonly ConditionInput[]): ConditionInput {
  const worst =
    parts.find((one) => one.status === 'False') ?? parts.find((one) => one.status === 'Unknown');
  if (worst === undefined) return { type: 'Ready', status: 'True' };
  return { ...pickWhy(worst), type: 'Ready', status: worst.status };
}

function pickWhy(condition: ConditionInput | Condition): { reason?: string; message?: string } {
  const { reason, message } = condition;
  return { ...(reason !== undefined && { reason }), ...(message !== undefined && { message }) };
}
