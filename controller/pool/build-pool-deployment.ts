// The Deployment that keeps a namespace's parked pods of one runtime: started, restricted, and holding no function.

import { poolTimeoutSecondsMax } from '../../api/derive-poolable.ts';
import type { Runtime } from '../../api/function.ts';
import type { Deployment } from '../../api/kubernetes.ts';
import { labels, managedByRouse, poolName, refillGate } from '../../api/names.ts';
import { noProgressDeadline } from '../function/build-deployment.ts';
import { buildPoolPodTemplate, type PodSettings } from '../function/build-pod-template.ts';

export interface PoolRef {
  readonly namespace: string;
  readonly runtime: Runtime;
}

/** The caller has checked that the runtime is installed. */
export function buildPoolDeployment(
  { namespace, runtime }: PoolRef,
  replicas: number,
  settings: PodSettings,
): Deployment {
  const own = { [labels.pool]: runtime, [labels.managedBy]: managedByRouse };
  const template = buildPoolPodTemplate(runtime, poolTimeoutSecondsMax, settings);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: poolName(runtime),
      namespace,
      labels: own,
    },
    spec: {
      replicas,
      revisionHistoryLimit: 0,
      progressDeadlineSeconds: noProgressDeadline,
      selector: { matchLabels: { [labels.pool]: runtime } },
      // New ones first: a pool that is being renewed must not be an empty one.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '50%', maxUnavailable: 0 } },
      template: {
        metadata: { labels: own },
        spec: { ...template.spec, schedulingGates: [{ name: refillGate }] },
      },
    },
  };
}
