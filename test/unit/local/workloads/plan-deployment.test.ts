// What a Deployment does next, and what its status says.

import { describe, expect, it } from '@jest/globals';
import type { Deployment, ReplicaSet } from '../../../../api/kubernetes.ts';
import { deriveDeploymentStatus } from '../../../../local/workloads/derive-deployment-status.ts';
import { planDeployment } from '../../../../local/workloads/plan-deployment.ts';
import { buildDeploymentWith, buildSet, nowMs } from './build-workloads.ts';

const marks = (desired: number, max: number) => ({
  'deployment.kubernetes.io/desired-replicas': String(desired),
  'deployment.kubernetes.io/max-replicas': String(max),
});
const revision = (number: number) => ({ 'deployment.kubernetes.io/revision': String(number) });

function plan(deployment: Deployment, replicaSets: ReplicaSet[], hasOldPods = false) {
  return planDeployment({ deployment, replicaSets, hasOldPods: () => hasOldPods });
}

describe('planDeployment', () => {
  it('makes the first ReplicaSet with all replicas', () => {
    const [action, ...rest] = plan(buildDeploymentWith(), []);
    expect(rest).toEqual([]);
    expect(action).toMatchObject({ kind: 'create', replicaSet: { spec: { replicas: 3 } } });
    const made = action?.kind === 'create' ? action.replicaSet : undefined;
    const hash = made?.metadata.labels?.['pod-template-hash'] ?? '';
    expect(made?.metadata.name).toBe(`d-${hash}`);
    expect(made?.spec.selector.matchLabels).toEqual({ app: 'a', 'pod-template-hash': hash });
    expect(made?.spec.template.metadata?.labels?.['pod-template-hash']).toBe(hash);
    expect(made?.metadata.annotations).toEqual({ ...marks(3, 4), ...revision(1) });
  });

  it('scales from zero with one write, size and marks together', () => {
    const deployment = buildDeploymentWith({ replicas: 1 });
    deployment.metadata.annotations = revision(1);
    const annotations = { ...marks(0, 0), ...revision(1) };
    const actions = plan(deployment, [buildSet('new', { annotations })]);
    expect(actions).toHaveLength(1);
    expect(actions[0]).toMatchObject({
      kind: 'patch',
      replicas: 1,
      body: { spec: { replicas: 1 }, metadata: { annotations: marks(1, 2) } },
    });
  });

  it('does nothing when everything is as it should be', () => {
    const deployment = buildDeploymentWith();
    deployment.metadata.annotations = revision(1);
    const annotations = { ...marks(3, 4), ...revision(1) };
    expect(plan(deployment, [buildSet('new', { replicas: 3, annotations })])).toEqual([]);
  });

  it('does nothing for a Deployment that is going', () => {
    const deployment = buildDeploymentWith();
    deployment.metadata.deletionTimestamp = 'now';
    expect(plan(deployment, [])).toEqual([]);
  });

  it('gives the next revision to a new template', () => {
    const old = buildSet('old', { replicas: 3, annotations: { ...marks(3, 4), ...revision(4) } });
    const [action] = plan(buildDeploymentWith(), [old]);
    expect(action).toMatchObject({
      kind: 'create',
      replicaSet: { spec: { replicas: 1 }, metadata: { annotations: revision(5) } },
    });
  });

  it('only scales while it is paused', () => {
    const old = buildSet('old', { replicas: 3, annotations: marks(3, 4) });
    const actions = plan(buildDeploymentWith({ replicas: 5, paused: true }), [old]);
    expect(actions).toMatchObject([{ kind: 'patch', replicas: 5, replicaSet: old }]);
  });

  it('spreads a scaling in the middle of a rollout over all ReplicaSets', () => {
    const old = buildSet('old', { replicas: 8, annotations: { ...marks(10, 13), ...revision(1) } });
    const fresh = buildSet('new', {
      replicas: 5,
      annotations: { ...marks(10, 13), ...revision(2) },
    });
    const actions = plan(buildDeploymentWith({ replicas: 20 }), [old, fresh]);
    const sizes = actions.filter((one) => one.kind === 'patch' && one.replicas !== undefined);
    const total = sizes.reduce(
      (sum, one) => sum + ('replicas' in one ? (one.replicas ?? 0) : 0),
      0,
    );
    expect(total).toBe(25);
  });

  it('waits for the last old pod before it recreates', () => {
    const deployment = buildDeploymentWith({ strategy: { type: 'Recreate' } });
    const running = buildSet('old', { replicas: 3 });
    expect(plan(deployment, [running])).toMatchObject([{ kind: 'patch', replicas: 0 }]);
    const stopped = buildSet('old', { replicas: 0, annotations: marks(3, 3) });
    expect(plan(deployment, [stopped], true)).toEqual([]);
    expect(plan(deployment, [stopped], false)).toMatchObject([{ kind: 'create' }]);
  });

  it('forgets the oldest ReplicaSets beyond the limit', () => {
    const sets = [1, 2, 3].map((number) =>
      buildSet(`old${number}`, { annotations: revision(number) }),
    );
    const annotations = { ...marks(3, 4), ...revision(4) };
    const fresh = buildSet('new', { replicas: 3, annotations });
    const deployment = buildDeploymentWith({ revisionHistoryLimit: 1 });
    deployment.metadata.annotations = revision(4);
    const actions = plan(deployment, [...sets, fresh]);
    expect(actions).toEqual([
      { kind: 'delete', replicaSet: sets[0] },
      { kind: 'delete', replicaSet: sets[1] },
    ]);
  });
});

describe('deriveDeploymentStatus', () => {
  const derive = (deployment: Deployment, sets: ReplicaSet[]) =>
    deriveDeploymentStatus({ deployment, replicaSets: sets, fresh: sets[0], nowMs });
  const reasons = (status: ReturnType<typeof derive>) =>
    Object.fromEntries(
      (status.conditions ?? []).map((one) => [one.type, [one.status, one.reason]]),
    );

  it('is available and complete when all replicas are', () => {
    const status = derive(buildDeploymentWith(), [buildSet('new', { replicas: 3 })]);
    expect(status).toMatchObject({ observedGeneration: 1, replicas: 3, updatedReplicas: 3 });
    expect(status).not.toHaveProperty('unavailableReplicas');
    expect(reasons(status)).toEqual({
      Available: ['True', 'MinimumReplicasAvailable'],
      Progressing: ['True', 'NewReplicaSetAvailable'],
    });
  });

  it('is available at zero replicas', () => {
    const status = derive(buildDeploymentWith({ replicas: 0 }), [buildSet('new')]);
    expect(reasons(status)['Available']).toEqual(['True', 'MinimumReplicasAvailable']);
    expect(status.replicas).toBeUndefined();
  });

  it('is not available while too many are missing', () => {
    const status = derive(buildDeploymentWith(), [buildSet('new', { replicas: 3, available: 1 })]);
    expect(status.unavailableReplicas).toBe(2);
    expect(reasons(status)['Available']).toEqual(['False', 'MinimumReplicasUnavailable']);
  });

  it('fails a rollout that stands still past its deadline', () => {
    const deployment = buildDeploymentWith({ progressDeadlineSeconds: 60 });
    const set = buildSet('new', { replicas: 3, available: 0 });
    const first = derive(deployment, [set]);
    expect(reasons(first)['Progressing']).toEqual(['True', 'NewReplicaSetCreated']);
    const late = deriveDeploymentStatus({
      deployment: { ...deployment, status: first },
      replicaSets: [set],
      fresh: set,
      nowMs: nowMs + 61_000,
    });
    expect(reasons(late)['Progressing']).toEqual(['False', 'ProgressDeadlineExceeded']);
  });

  it('keeps the times of conditions that say the same', () => {
    const set = buildSet('new', { replicas: 3 });
    const first = derive(buildDeploymentWith(), [set]);
    const again = deriveDeploymentStatus({
      deployment: { ...buildDeploymentWith(), status: first },
      replicaSets: [set],
      fresh: set,
      nowMs: nowMs + 60_000,
    });
    expect(again).toEqual(first);
  });
});
