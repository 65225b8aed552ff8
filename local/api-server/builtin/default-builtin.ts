// What kube-apiserver fills in on its own kinds when they are written.

import type { ResourceInfo } from '../resource-info.ts';
import { defaultPod, defaultPodSpec, fill } from './default-pod.ts';
import { deriveQosClass } from './derive-qos-class.ts';
import { encodeBase64 } from './encode-base64.ts';

type JsonObject = Record<string, unknown>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const objects = (value: unknown): JsonObject[] =>
  Array.isArray(value) ? value.filter(isObject) : [];

/** `spec` is made when it is missing. */
type Default = (object: JsonObject, spec: JsonObject) => void;

/** Changes `object` in place; kinds without defaults stay as they are. Cluster IPs are not handed out here. */
export function defaultBuiltin(
  info: Pick<ResourceInfo, 'group' | 'kind' | 'typeName'>,
  object: object,
): void {
  const key = `${info.group}/${info.typeName ?? info.kind}`;
  const target = object as JsonObject;
  const spec = isObject(target['spec']) ? target['spec'] : {};
  defaults[key]?.(target, spec);
  if (Object.keys(spec).length > 0) target['spec'] = spec;
  const status = emptyStatus[key];
  if (status !== undefined) fill(target, { status });
}

/** Parts of a status that Kubernetes writes even when they are zero. */
const emptyStatus: Readonly<Record<string, JsonObject>> = {
  '/Service': { loadBalancer: {} },
  '/ReplicationController': { replicas: 0 },
  'apps/Deployment': {},
  'apps/ReplicaSet': { replicas: 0 },
  'apps/StatefulSet': { replicas: 0, availableReplicas: 0 },
  'apps/DaemonSet': {
    currentNumberScheduled: 0,
    numberMisscheduled: 0,
    desiredNumberScheduled: 0,
    numberReady: 0,
  },
  'batch/Job': {},
  '/ResourceQuota': {},
  'batch/CronJob': {},
  'autoscaling/HorizontalPodAutoscaler': { desiredReplicas: 0, currentMetrics: null },
  'autoscaling/HorizontalPodAutoscaler_v1': { currentReplicas: 0, desiredReplicas: 0 },
  'networking.k8s.io/Ingress': { loadBalancer: {} },
  'policy/PodDisruptionBudget': {
    disruptionsAllowed: 0,
    currentHealthy: 0,
    desiredHealthy: 0,
    expectedPods: 0,
  },
};

function pod(object: JsonObject, spec: JsonObject): void {
  defaultPodSpec(spec);
  defaultPod(spec);
  const status = isObject(object['status']) ? object['status'] : {};
  const containers = [...objects(spec['containers']), ...objects(spec['initContainers'])];
  fill(status, { phase: 'Pending', qosClass: deriveQosClass(containers) });
  object['status'] = status;
}

function template(owner: JsonObject): void {
  if (isObject(owner['template']) && isObject(owner['template']['spec'])) {
    defaultPodSpec(owner['template']['spec']);
  }
}

function deployment(_object: JsonObject, spec: JsonObject): void {
  fill(spec, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 });
  rollingUpdate(spec, 'strategy', { maxUnavailable: '25%', maxSurge: '25%' });
  template(spec);
}

function rollingUpdate(spec: JsonObject, key: string, parameters: JsonObject): void {
  const strategy = isObject(spec[key]) ? spec[key] : {};
  spec[key] = strategy;
  fill(strategy, { type: 'RollingUpdate' });
  if (strategy['type'] !== 'RollingUpdate') return;
  const rolling = isObject(strategy['rollingUpdate']) ? strategy['rollingUpdate'] : {};
  fill(rolling, parameters);
  strategy['rollingUpdate'] = rolling;
}

function replicaSet(_object: JsonObject, spec: JsonObject): void {
  fill(spec, { replicas: 1 });
  template(spec);
}

function statefulSet(_object: JsonObject, spec: JsonObject): void {
  fill(spec, {
    replicas: 1,
    revisionHistoryLimit: 10,
    podManagementPolicy: 'OrderedReady',
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
  });
  rollingUpdate(spec, 'updateStrategy', { partition: 0 });
  template(spec);
  for (const claim of objects(spec['volumeClaimTemplates'])) {
    fill(claim, { apiVersion: 'v1', kind: 'PersistentVolumeClaim' });
    if (isObject(claim['spec'])) fill(claim['spec'], { volumeMode: 'Filesystem', resources: {} });
    fill(claim, { status: { phase: 'Pending' } });
  }
}

function daemonSet(_object: JsonObject, spec: JsonObject): void {
  fill(spec, { revisionHistoryLimit: 10 });
  rollingUpdate(spec, 'updateStrategy', { maxUnavailable: 1, maxSurge: 0 });
  template(spec);
}

function replicationController(object: JsonObject, spec: JsonObject): void {
  fill(spec, { replicas: 1 });
  const made = spec['template'];
  const labels = isObject(made) && isObject(made['metadata']) ? made['metadata']['labels'] : {};
  if (isObject(labels) && Object.keys(labels).length > 0) {
    fill(spec, { selector: labels });
    if (isObject(object['metadata'])) fill(object['metadata'], { labels: { ...labels } });
  }
  template(spec);
}

function job(_object: JsonObject, spec: JsonObject): void {
  if (spec['completions'] === undefined && spec['parallelism'] === undefined) {
    fill(spec, { completions: 1 });
  }
  fill(spec, {
    parallelism: 1,
    backoffLimit: 6,
    completionMode: 'NonIndexed',
    suspend: false,
    manualSelector: false,
    podReplacementPolicy: spec['podFailurePolicy'] === undefined ? 'TerminatingOrFailed' : 'Failed',
  });
  template(spec);
}

function cronJob(_object: JsonObject, spec: JsonObject): void {
  fill(spec, {
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  });
  const made = spec['jobTemplate'];
  if (isObject(made)) fill(made, { metadata: {} });
  if (isObject(made) && isObject(made['spec'])) template(made['spec']);
}

function service(_object: JsonObject, spec: JsonObject): void {
  fill(spec, { sessionAffinity: 'None', type: 'ClusterIP' });
  if (spec['sessionAffinity'] === 'ClientIP') {
    fill(spec, { sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } } });
  }
  for (const port of objects(spec['ports'])) {
    fill(port, { protocol: 'TCP', targetPort: port['port'] });
    if (port['targetPort'] === 0 || port['targetPort'] === '') port['targetPort'] = port['port'];
  }
  const { type } = spec as { type: string };
  if (type !== 'ExternalName') fill(spec, { internalTrafficPolicy: 'Cluster' });
  if (spec['clusterIP'] === 'None') {
    fill(spec, { ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' });
  }
  if (type === 'NodePort' || type === 'LoadBalancer')
    fill(spec, { externalTrafficPolicy: 'Cluster' });
  if (type === 'LoadBalancer') fill(spec, { allocateLoadBalancerNodePorts: true });
}

function secret(object: JsonObject): void {
  fill(object, { type: 'Opaque' });
  const texts = object['stringData'];
  if (!isObject(texts)) return;
  // Write-only: what is kept and read is data.
  const data = isObject(object['data']) ? object['data'] : {};
  for (const [key, value] of Object.entries(texts)) data[key] = encodeBase64(String(value));
  object['data'] = data;
  delete object['stringData'];
}

function endpointSlice(object: JsonObject): void {
  for (const port of objects(object['ports'])) fill(port, { name: '', protocol: 'TCP' });
  for (const endpoint of objects(object['endpoints'])) fill(endpoint, { conditions: {} });
}

function event(object: JsonObject): void {
  fill(object, { source: {}, reportingComponent: '', reportingInstance: '' });
  // Kubernetes writes these as null when they are not known.
  for (const key of ['firstTimestamp', 'lastTimestamp', 'eventTime']) object[key] ??= null;
}

function newEvent(object: JsonObject): void {
  fill(object, { deprecatedSource: {}, regarding: {} });
  for (const key of ['deprecatedFirstTimestamp', 'deprecatedLastTimestamp', 'eventTime']) {
    object[key] ??= null;
  }
}

function endpoints(object: JsonObject): void {
  for (const subset of objects(object['subsets'])) {
    for (const port of objects(subset['ports'])) fill(port, { protocol: 'TCP' });
  }
}

function claim(object: JsonObject, spec: JsonObject): void {
  fill(spec, { volumeMode: 'Filesystem', resources: {} });
  fill(object, { status: { phase: 'Pending' } });
}

function autoscaler(_object: JsonObject, spec: JsonObject): void {
  const cpu = { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } };
  fill(spec, { minReplicas: 1, metrics: [{ type: 'Resource', resource: cpu }] });
  const { behavior } = spec;
  if (!isObject(behavior)) return;
  const all = { type: 'Percent', value: 100, periodSeconds: 15 };
  const some = { type: 'Pods', value: 4, periodSeconds: 15 };
  fill(behavior, { scaleUp: {}, scaleDown: {} });
  const rules = { selectPolicy: 'Max', policies: [all] };
  fillRules(behavior['scaleUp'], {
    ...rules,
    stabilizationWindowSeconds: 0,
    policies: [some, all],
  });
  fillRules(behavior['scaleDown'], rules);
}

function fillRules(rules: unknown, defaults: JsonObject): void {
  if (isObject(rules)) fill(rules, defaults);
}

/** Its metrics are one figure, unless an annotation holds more of them. */
function oldAutoscaler(object: JsonObject, spec: JsonObject): void {
  const { annotations } = (object['metadata'] ?? {}) as { annotations?: JsonObject };
  const hasMetrics = annotations?.['autoscaling.alpha.kubernetes.io/metrics'] !== undefined;
  fill(spec, { minReplicas: 1, ...(!hasMetrics && { targetCPUUtilizationPercentage: 80 }) });
}

function networkPolicy(_object: JsonObject, spec: JsonObject): void {
  const hasEgress = Array.isArray(spec['egress']) && spec['egress'].length > 0;
  fill(spec, { policyTypes: hasEgress ? ['Ingress', 'Egress'] : ['Ingress'] });
  for (const rule of [...objects(spec['ingress']), ...objects(spec['egress'])]) {
    for (const port of objects(rule['ports'])) fill(port, { protocol: 'TCP' });
  }
}

const rbacGroup = 'rbac.authorization.k8s.io';

function binding(object: JsonObject): void {
  if (isObject(object['roleRef'])) fill(object['roleRef'], { apiGroup: rbacGroup });
  for (const subject of objects(object['subjects'])) {
    if (subject['kind'] !== 'ServiceAccount') fill(subject, { apiGroup: rbacGroup });
  }
}

function definition(_object: JsonObject, spec: JsonObject): void {
  const { names } = spec;
  if (isObject(names) && typeof names['kind'] === 'string') {
    fill(names, { singular: names['kind'].toLowerCase(), listKind: `${names['kind']}List` });
  }
  fill(spec, { conversion: { strategy: 'None' } });
}

const defaults: Readonly<Record<string, Default>> = {
  '/Pod': pod,
  '/Service': service,
  '/Secret': secret,
  '/Endpoints': endpoints,
  '/Event': event,
  '/PersistentVolumeClaim': claim,
  '/PodTemplate': template,
  '/ReplicationController': replicationController,
  'apps/Deployment': deployment,
  'apps/ReplicaSet': replicaSet,
  'apps/StatefulSet': statefulSet,
  'apps/DaemonSet': daemonSet,
  'batch/Job': job,
  'batch/CronJob': cronJob,
  'autoscaling/HorizontalPodAutoscaler': autoscaler,
  'autoscaling/HorizontalPodAutoscaler_v1': oldAutoscaler,
  'events.k8s.io/Event_v1': newEvent,
  'discovery.k8s.io/EndpointSlice': endpointSlice,
  'networking.k8s.io/NetworkPolicy': networkPolicy,
  'rbac.authorization.k8s.io/RoleBinding': binding,
  'rbac.authorization.k8s.io/ClusterRoleBinding': binding,
  'apiextensions.k8s.io/CustomResourceDefinition': definition,
};
