// What the activator sees in a Pod.

import { describe, expect, it } from '@jest/globals';
import { derivePodView } from '../../../activator/derive-pod-view.ts';
import { deriveWakeObstacle } from '../../../activator/derive-wake-obstacle.ts';
import type { Pod } from '../../../api/kubernetes.ts';

function pod(status: Pod['status'], deletionTimestamp?: string): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'hello-1',
      namespace: 'default',
      uid: 'u',
      labels: { 'rouse.dev/revision': 'hello-00001' },
      ...(deletionTimestamp !== undefined && { deletionTimestamp }),
    },
    spec: {
      containers: [
        {
          name: 'function',
          ports: [
            { name: 'http', containerPort: 8080 },
            { name: 'control', containerPort: 8081 },
          ],
        },
      ],
    },
    ...(status !== undefined && { status }),
  };
}

const waiting = (reason: string, message?: string): Pod['status'] => ({
  phase: 'Pending',
  containerStatuses: [
    {
      name: 'function',
      ready: false,
      restartCount: 2,
      image: 'x',
      state: { waiting: { reason, ...(message !== undefined && { message }) } },
    },
  ],
});

describe('derivePodView', () => {
  it('finds addresses, readiness and restarts', () => {
    const view = derivePodView(
      pod({
        phase: 'Running',
        podIP: '10.1.2.3',
        conditions: [{ type: 'Ready', status: 'True' }],
        containerStatuses: [{ name: 'function', ready: true, restartCount: 1, image: 'x' }],
      }),
    );
    expect(view).toEqual({
      namespace: 'default',
      name: 'hello-1',
      uid: 'u',
      revision: 'hello-00001',
      isLeaving: false,
      isReady: true,
      isScheduled: false,
      gateIndex: undefined,
      isAdopted: false,
      restarts: 1,
      http: { host: '10.1.2.3', port: 8080 },
      control: { host: '10.1.2.3', port: 8081 },
      obstacle: undefined,
      stuck: undefined,
    });
  });

  it('sees a pod that is being deleted or has ended as leaving', () => {
    expect(derivePodView(pod({ phase: 'Running' }, '2026-01-01T00:00:00Z'))?.isLeaving).toBe(true);
    expect(derivePodView(pod({ phase: 'Failed' }))?.isLeaving).toBe(true);
    expect(derivePodView(pod(undefined))?.isLeaving).toBe(false);
  });

  it('leaves pods of nobody alone', () => {
    const other = pod(undefined);
    other.metadata.labels = {};
    expect(derivePodView(other)).toBeUndefined();
  });

  it('names what keeps a pod from running', () => {
    const of = (status: Pod['status']): string | undefined => derivePodView(pod(status))?.obstacle;
    expect(of(undefined)).toBe('Pending');
    expect(of(waiting('ContainerCreating'))).toBe('Pending');
    expect(of(waiting('ImagePullBackOff', 'no such image'))).toBe(
      'ImagePullBackOff: no such image',
    );
    expect(
      of({
        phase: 'Pending',
        conditions: [
          { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' },
        ],
      }),
    ).toBe('Unschedulable: 0/3 nodes');
  });
});

describe('deriveWakeObstacle', () => {
  const scale = (replicas: number, failure?: string) => ({
    replicas,
    ...(failure !== undefined && { failure }),
  });
  const viewOf = (status: Pod['status']) => [derivePodView(pod(status))].filter((one) => !!one);

  it('names the nearest cause', () => {
    const silent = viewOf({ phase: 'Running', podIP: '10.0.0.1' });
    expect(deriveWakeObstacle(silent, scale(1)).message).toContain('does not answer');
    expect(deriveWakeObstacle([], undefined).message).toContain('does not exist');
    expect(deriveWakeObstacle([], scale(0)).message).toContain('could not be scaled up');
    expect(deriveWakeObstacle([], scale(0), 'nobody there').message).toContain('nobody there');
    expect(deriveWakeObstacle([], scale(1)).message).toContain('has made no pod yet');
  });

  it('tells what the cluster refuses from what merely took too long', () => {
    expect(deriveWakeObstacle(viewOf(waiting('ErrImagePull')), scale(1))).toEqual({
      ...{ code: 'no_capacity', message: 'pod "hello-1": ErrImagePull' },
    });
    const unscheduled = viewOf({
      conditions: [
        { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes' },
      ],
    });
    expect(deriveWakeObstacle(unscheduled, scale(1))).toEqual({
      ...{ code: 'no_capacity', message: 'pod "hello-1": Unschedulable: 0/1 nodes' },
    });
    expect(deriveWakeObstacle([], scale(1, 'exceeded quota: small'))).toMatchObject({
      ...{ code: 'no_capacity', message: expect.stringContaining('exceeded quota: small') },
    });
    expect(deriveWakeObstacle(viewOf(waiting('CreateContainerConfigError')), scale(1)).code).toBe(
      'wake_timeout',
    );
    expect(deriveWakeObstacle([], scale(0, 'exceeded quota: of yesterday')).code).toBe(
      'wake_timeout',
    );
  });
});
