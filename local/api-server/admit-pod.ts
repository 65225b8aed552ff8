// What a real cluster's admission plug-ins give a pod that is created: its account, its priority, its tolerations.

import type { AnyObject, JsonMap } from './any-object.ts';
import { isMap } from './any-object.ts';

/** How long a pod stays on a node that has gone, in seconds; Kubernetes' own default. */
const nodeGoneSeconds = 300;
const gone = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

/** Changes `pod` in place. There are no priority classes here: every pod has priority 0. */
export function admitPod(pod: AnyObject): void {
  const spec = (pod.spec ??= {});
  spec['serviceAccountName'] ??= spec['serviceAccount'] ?? 'default';
  spec['serviceAccount'] ??= spec['serviceAccountName'];
  spec['priority'] ??= 0;
  spec['preemptionPolicy'] ??= 'PreemptLowerPriority';
  const tolerations = Array.isArray(spec['tolerations']) ? (spec['tolerations'] as unknown[]) : [];
  const more = gone
    .filter((key) => !tolerations.some((one) => isTolerated(one, key)))
    .map((key) => ({
      key,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: nodeGoneSeconds,
    }));
  spec['tolerations'] = [...tolerations, ...more];
}

function isTolerated(toleration: unknown, key: string): boolean {
  const one: JsonMap = isMap(toleration) ? toleration : {};
  const { effect = '', key: own = '' } = one;
  return (own === key || own === '') && (effect === 'NoExecute' || effect === '');
}
