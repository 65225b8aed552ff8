// Where a Function's requests go: spec.traffic with `latest` resolved, or why that can't be.

import type { TrafficTarget } from '../../api/function.ts';
import type { Revision } from '../../api/revision.ts';
import { findCondition } from './derive-conditions.ts';

export interface Problem {
  readonly reason: string;
  readonly message: string;
}

export interface Routes {
  /** Empty until a first Revision is ready. */
  readonly traffic: readonly TrafficTarget[];
  readonly problem?: Problem;
}

export const latestRevision = 'latest';

export function isReady(revision: Revision): boolean {
  return findCondition(revision.status?.conditions, 'Ready')?.status === 'True';
}

/** The Revision with the highest number among those that `isCounted`. */
export function latestOf(
  revisions: readonly Revision[],
  isCounted: (revision: Revision) => boolean = () => true,
): Revision | undefined {
  return revisions
    .filter(isCounted)
    .reduce<Revision | undefined>(
      (best, one) => (best === undefined || one.spec.number > best.spec.number ? one : best),
      undefined,
    );
}

/**
 * All or nothing: while one target can't take requests the former traffic stays, so that a half-right split never
 * sends everything to the other half.
 */
export function deriveTraffic(
  wanted: readonly TrafficTarget[],
  revisions: readonly Revision[],
  before: readonly TrafficTarget[],
): Routes {
  const latestReady = latestOf(revisions, isReady)?.metadata.name;
  const percents = new Map<string, number>();
  for (const target of wanted) {
    const isLatest = target.revision === latestRevision;
    // Not a problem of the routes: RevisionReady says why there is none yet.
    if (isLatest && latestReady === undefined) return { traffic: existing(before, revisions) };
    const name = isLatest && latestReady !== undefined ? latestReady : target.revision;
    const problem = isLatest ? undefined : findProblem(name, revisions);
    if (problem !== undefined) return { traffic: existing(before, revisions), problem };
    percents.set(name, (percents.get(name) ?? 0) + target.percent);
  }
  return { traffic: [...percents].map(([revision, percent]) => ({ revision, percent })) };
}

function findProblem(name: string, revisions: readonly Revision[]): Problem | undefined {
  const found = revisions.find((one) => one.metadata.name === name);
  if (found === undefined) {
    const names = revisions.map((one) => one.metadata.name).sort();
    const known = names.length === 0 ? 'there is none yet' : `there is ${names.join(', ')}`;
    const message = `traffic names Revision "${name}", which is not there (${known}); the former traffic stays`;
    return { reason: 'RevisionNotFound', message };
  }
  if (isReady(found)) return undefined;
  const why = findCondition(found.status?.conditions, 'Ready')?.message ?? 'it is being tried out';
  const message = `traffic names Revision "${name}", which is not ready: ${why}; the former traffic stays`;
  return { reason: 'RevisionNotReady', message };
}

function existing(
  before: readonly TrafficTarget[],
  revisions: readonly Revision[],
): readonly TrafficTarget[] {
  const names = new Set(revisions.map((one) => one.metadata.name));
  return before.filter((target) => names.has(target.revision));
}
