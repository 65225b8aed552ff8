// Why a Revision has no pod, from its Deployment and its pods.

import { describe, expect, it } from '@jest/globals';
import type { Condition, Deployment, Pod } from '../../../../api/kubernetes.ts';
import { deriveObstacle } from '../../../../controller/function/derive-obstacle.ts';

function deployment(replicas: number, readyReplicas = 0, conditions: Condition[] = []): Deployment {
  return {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'hello-00001' } },
    spec: { replicas, selector: {}, template: { spec: { containers: [] } } },
    status: { readyReplicas, conditions },
  };
}

function pod(status: Pod['status']): Pod {
  return {
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [] } },
    ...(status && { status }),
  };
}

const unscheduled = pod({
  conditions: [
    { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes' },
  ],
});
const failed: Condition = {
  ...{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' },
  message: 'pods "hello-00001-x7" is forbidden: exceeded quota: small, used: pods=2',
};

describe('deriveObstacle', () => {
  it('has nothing to say while it sleeps, serves or is on its way', () => {
    expect(deriveObstacle(undefined, [])).toBeUndefined();
    expect(deriveObstacle(deployment(0), [unscheduled])).toBeUndefined();
    expect(deriveObstacle(deployment(3, 1), [unscheduled])).toBeUndefined();
    expect(deriveObstacle(deployment(1), [pod({ phase: 'Pending' })])).toBeUndefined();
  });

  it('repeats the scheduler', () => {
    expect(deriveObstacle(deployment(1), [unscheduled])).toEqual({
      reason: 'Unschedulable',
      message: 'hello-00001 has no pod that runs: Unschedulable: 0/1 nodes',
    });
  });

  it('repeats the kubelet about an image', () => {
    const waiting = { reason: 'ImagePullBackOff', message: 'no such image' };
    const container = { name: 'function', ready: false, restartCount: 0, image: 'x' };
    const stuck = pod({ containerStatuses: [{ ...container, state: { waiting } }] });
    expect(deriveObstacle(deployment(1), [stuck])?.reason).toBe('ImagePullBackOff');
  });

  it('names the quota, without the name of a pod that never was', () => {
    expect(deriveObstacle(deployment(1, 0, [failed]), [])).toEqual({
      reason: 'QuotaExceeded',
      message: 'hello-00001 gets no further pod: exceeded quota: small, used: pods=2',
    });
  });

  it('is over when the ReplicaSet could make its pods', () => {
    const over = { ...failed, status: 'False' } as const;
    expect(deriveObstacle(deployment(1, 0, [over]), [])).toBeUndefined();
  });
});
