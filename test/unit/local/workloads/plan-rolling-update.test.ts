// Steps of a rolling update, and that their sum is one.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ReplicaSet } from '../../../../api/kubernetes.ts';
import { deriveRolloutBounds } from '../../../../local/workloads/derive-rollout-bounds.ts';
import {
  deriveNewReplicas,
  planOldScaleDown,
  replicasOf,
  sumReplicas,
} from '../../../../local/workloads/plan-rolling-update.ts';
import { buildDeploymentWith, buildSet } from './build-workloads.ts';

const bounds = (replicas: number, maxSurge: number, maxUnavailable: number) => ({
  replicas,
  maxSurge,
  maxUnavailable,
});

describe('deriveRolloutBounds', () => {
  const boundsOf = (replicas: number, maxSurge: number | string, maxUnavailable: number | string) =>
    deriveRolloutBounds(
      buildDeploymentWith({
        replicas,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
      }),
    );

  it('rounds a surge up and a gap down', () => {
    expect(boundsOf(10, '25%', '25%')).toEqual(bounds(10, 3, 2));
  });

  it('allows one to be missing when nothing else would move', () => {
    expect(boundsOf(3, 0, 0)).toEqual(bounds(3, 0, 1));
    expect(boundsOf(1, '0%', '25%')).toEqual(bounds(1, 0, 1));
  });

  it('uses a quarter each when nothing is said', () => {
    expect(deriveRolloutBounds(buildDeploymentWith({ replicas: 4 }))).toEqual(bounds(4, 1, 1));
  });
});

describe('deriveNewReplicas', () => {
  it('grows as far as the surge allows', () => {
    expect(deriveNewReplicas(0, 3, bounds(3, 1, 0))).toBe(1);
    expect(deriveNewReplicas(0, 0, bounds(3, 1, 0))).toBe(3);
    expect(deriveNewReplicas(1, 4, bounds(3, 1, 0))).toBe(1);
  });

  it('shrinks at once to what is wanted', () => {
    expect(deriveNewReplicas(5, 9, bounds(2, 1, 0))).toBe(2);
  });
});

describe('planOldScaleDown', () => {
  it('removes unhealthy old pods before the new ones are there', () => {
    const old = buildSet('old', { replicas: 3, available: 1 });
    const fresh = buildSet('new', { replicas: 1, available: 0 });
    const plan = planOldScaleDown(fresh, [old], bounds(3, 1, 1));
    expect(plan).toEqual([{ replicaSet: old, replicas: 2 }]);
  });

  it('does not count a pod as available that is about to go', () => {
    const old = buildSet('old', { replicas: 2, available: 3 });
    const fresh = buildSet('new', { replicas: 2, available: 2 });
    const plan = planOldScaleDown(fresh, [old], bounds(3, 1, 0));
    expect(plan).toEqual([{ replicaSet: old, replicas: 1 }]);
  });

  it('finishes every rollout, within its bounds at each step', () => {
    const arbitrary = fc.record({
      replicas: fc.integer({ min: 1, max: 12 }),
      maxSurge: fc.nat(4),
      maxUnavailable: fc.nat(4),
      old: fc.array(fc.nat(6), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(arbitrary, ({ replicas, maxSurge, maxUnavailable, old }) => {
        const rollingUpdate = { maxSurge, maxUnavailable };
        const deployment = buildDeploymentWith({ replicas, strategy: { rollingUpdate } });
        const limit = deriveRolloutBounds(deployment);
        let fresh = buildSet('new', { replicas: 0 });
        let sets: ReplicaSet[] = old.map((size, index) =>
          buildSet(`o${index}`, { replicas: size }),
        );
        const before = sumReplicas(sets);
        for (let step = 0; step < 100; step += 1) {
          const size = deriveNewReplicas(replicasOf(fresh), sumReplicas([fresh, ...sets]), limit);
          // Pods become available between two steps.
          fresh = buildSet('new', { replicas: size });
          const plan = planOldScaleDown(fresh, sets, limit);
          sets = sets.map((one) => {
            const found = plan.find(({ replicaSet }) => replicaSet === one);
            return buildSet(one.metadata.name, { replicas: found?.replicas ?? replicasOf(one) });
          });
          const total = sumReplicas([fresh, ...sets]);
          expect(total).toBeLessThanOrEqual(Math.max(before, replicas + limit.maxSurge));
          expect(total).toBeGreaterThanOrEqual(Math.min(before, replicas - limit.maxUnavailable));
          if (replicasOf(fresh) === replicas && sumReplicas(sets) === 0) return;
        }
        throw new Error('the rollout did not finish in 100 steps');
      }),
    );
  });
});
