// What to do next for a Deployment: make, resize or delete ReplicaSets, by its strategy.

import type { Deployment, ReplicaSet } from '../../api/kubernetes.ts';
import {
  buildCopiedAnnotations,
  buildReplicaSet,
  buildScaleAnnotations,
  deploymentAnnotations,
  deriveRevision,
} from './build-replica-set.ts';
import { deriveRolloutBounds } from './derive-rollout-bounds.ts';
import { isSameTemplate } from './derive-template-hash.ts';
import { isScaling, planScale } from './plan-proportional-scale.ts';
import {
  byCreation,
  deriveNewReplicas,
  planOldScaleDown,
  replicasOf,
  sumReplicas,
  type Resize,
} from './plan-rolling-update.ts';

export type DeploymentAction =
  | { readonly kind: 'create'; readonly replicaSet: ReplicaSet }
  /** A merge patch of one ReplicaSet; `replicas` says the new size where it changes. */
  | {
      readonly kind: 'patch';
      readonly replicaSet: ReplicaSet;
      readonly body: { metadata: unknown; spec?: unknown };
      readonly replicas?: number;
    }
  | { readonly kind: 'delete'; readonly replicaSet: ReplicaSet }
  | { readonly kind: 'annotate'; readonly annotations: Record<string, string> };

export interface DeploymentSnapshot {
  readonly deployment: Deployment & { status?: { collisionCount?: number } };
  /** Those the Deployment controls. */
  readonly replicaSets: readonly ReplicaSet[];
  /** Whether a pod of an old ReplicaSet still runs; only Recreate asks. */
  readonly hasOldPods: (old: readonly ReplicaSet[]) => boolean;
}

/** Old ReplicaSets kept for a rollback. Default 10, as Kubernetes. */
const historyDefault = 10;

export function planDeployment(seen: DeploymentSnapshot): DeploymentAction[] {
  const { deployment, replicaSets } = seen;
  if (deployment.metadata.deletionTimestamp !== undefined) return [];
  const fresh = deriveNewReplicaSet(deployment, replicaSets);
  const old = replicaSets.filter((one) => one !== fresh);
  if (deployment.spec.paused === true) {
    return [
      ...resizeAll(deployment, planScale(deployment, fresh, old)),
      ...planHistory(deployment, old),
    ];
  }
  const revision = old.reduce((max, one) => Math.max(max, deriveRevision(one)), 0) + 1;
  const marks = planMarks(deployment, fresh, revision);
  const isRecreate = deployment.spec.strategy?.type === 'Recreate';
  if (!isRecreate && isScaling(deployment, replicaSets)) {
    return [...resizeAll(deployment, planScale(deployment, fresh, old)), ...marks];
  }
  const steps = isRecreate
    ? planRecreate(seen, { fresh, old, revision })
    : planRolling(deployment, { fresh, old, revision });
  return [...steps, ...marks, ...(steps.length === 0 ? planHistory(deployment, old) : [])];
}

/** The oldest ReplicaSet whose template is the Deployment's: of two, one choice that never changes. */
export function deriveNewReplicaSet(
  deployment: Deployment,
  replicaSets: readonly ReplicaSet[],
): ReplicaSet | undefined {
  return [...replicaSets]
    .sort(byCreation)
    .find((one) => isSameTemplate(one.spec.template, deployment.spec.template));
}

interface Parts {
  readonly fresh: ReplicaSet | undefined;
  readonly old: readonly ReplicaSet[];
  readonly revision: number;
}

function planRolling(deployment: Deployment, { fresh, old, revision }: Parts): DeploymentAction[] {
  const bounds = deriveRolloutBounds(deployment);
  if (fresh === undefined) {
    return [create(deployment, deriveNewReplicas(0, sumReplicas(old), bounds), revision)];
  }
  const size = deriveNewReplicas(replicasOf(fresh), sumReplicas([fresh, ...old]), bounds);
  const grown = resizeAll(deployment, [{ replicaSet: fresh, replicas: size }]);
  if (grown.length > 0) return grown;
  return resizeAll(
    deployment,
    planOldScaleDown(
      fresh,
      old.filter((one) => replicasOf(one) > 0),
      bounds,
    ),
  );
}

function planRecreate(
  seen: DeploymentSnapshot,
  { fresh, old, revision }: Parts,
): DeploymentAction[] {
  const { deployment } = seen;
  const shrunk = resizeAll(
    deployment,
    old.map((replicaSet) => ({ replicaSet, replicas: 0 })),
  );
  if (shrunk.length > 0 || seen.hasOldPods(old)) return shrunk;
  const wanted = deployment.spec.replicas ?? 1;
  if (fresh === undefined) return [create(deployment, wanted, revision)];
  return resizeAll(deployment, [{ replicaSet: fresh, replicas: wanted }]);
}

function create(
  deployment: DeploymentSnapshot['deployment'],
  replicas: number,
  revision: number,
): DeploymentAction {
  const collisionCount = deployment.status?.collisionCount ?? 0;
  return {
    kind: 'create',
    replicaSet: buildReplicaSet(deployment, { replicas, revision, collisionCount }),
  };
}

/** One write each: the size and the annotations that explain it go together. */
function resizeAll(deployment: Deployment, resizes: readonly Resize[]): DeploymentAction[] {
  return resizes
    .filter(({ replicaSet, replicas }) => {
      const found = replicaSet.metadata.annotations ?? {};
      const marks = Object.entries(buildScaleAnnotations(deployment));
      const isMarked = marks.every(([key, value]) => found[key] === value);
      return replicasOf(replicaSet) !== replicas || (replicas > 0 && !isMarked);
    })
    .map(({ replicaSet, replicas }) => ({
      kind: 'patch',
      replicaSet,
      replicas,
      body: {
        metadata: { annotations: buildScaleAnnotations(deployment) },
        spec: { replicas },
      },
    }));
}

/** Revision numbers and annotations that differ from what they should be. */
function planMarks(
  deployment: Deployment,
  fresh: ReplicaSet | undefined,
  revisionNext: number,
): DeploymentAction[] {
  if (fresh === undefined) return [];
  const actions: DeploymentAction[] = [];
  // A ReplicaSet that is current again gets a new number: a rollback is a step forward in history.
  const revision = Math.max(revisionNext, deriveRevision(fresh));
  const wanted = {
    ...buildCopiedAnnotations(deployment),
    [deploymentAnnotations.revision]: String(revision),
  };
  const found = fresh.metadata.annotations ?? {};
  const changed = Object.entries(wanted).some(([key, value]) => found[key] !== value);
  const minReadySeconds = deployment.spec.minReadySeconds ?? 0;
  const isReadyChanged = (fresh.spec.minReadySeconds ?? 0) !== minReadySeconds;
  if (changed || isReadyChanged) {
    const body = {
      metadata: { annotations: wanted },
      ...(isReadyChanged && { spec: { minReadySeconds } }),
    };
    actions.push({ kind: 'patch', replicaSet: fresh, body });
  }
  if (deriveRevision(deployment) !== revision) {
    const annotations = { [deploymentAnnotations.revision]: String(revision) };
    actions.push({ kind: 'annotate', annotations });
  }
  return actions;
}

function planHistory(deployment: Deployment, old: readonly ReplicaSet[]): DeploymentAction[] {
  const limit = deployment.spec.revisionHistoryLimit ?? historyDefault;
  const idle = old.filter(
    (one) =>
      replicasOf(one) === 0 &&
      (one.status?.replicas ?? 0) === 0 &&
      (one.metadata.generation ?? 0) <= (one.status?.observedGeneration ?? 0) &&
      one.metadata.deletionTimestamp === undefined,
  );
  return idle
    .sort((a, b) => deriveRevision(a) - deriveRevision(b))
    .slice(0, Math.max(0, idle.length - limit))
    .map((replicaSet) => ({ kind: 'delete', replicaSet }));
}
