// What kube-apiserver refuses in objects of its own kinds, said in its own sentences.

import type { AnyObject } from '../any-object.ts';
import type { Cause } from '../cause.ts';
import type { ResourceInfo } from '../resource-info.ts';
import { forbidden, invalid, required } from '../schema/field-causes.ts';
import { isJsonEqual } from '../schema/is-json-equal.ts';
import { autoscalerView } from '../views/build-autoscaler.ts';
import { eventView } from '../views/build-event.ts';
import type { ResourceView } from '../views/resource-view.ts';
import type { JsonObject } from './field-checks.ts';
import { checkName, checkNotNegative, objectOf, textOf } from './field-checks.ts';
import { validateAutoscaler } from './validate-autoscaler.ts';
import { validateConfigMap, validateSecret } from './validate-data.ts';
import { validateDefinition } from './validate-definition.ts';
import { validateEvent, validateNewEvent } from './validate-event.ts';
import { validateNewPod, validatePodSpec } from './validate-pod-spec.ts';
import { validatePodUpdate } from './validate-pod-update.ts';
import { validateEndpointSlice, validateService } from './validate-service.ts';
import { validateJob, validatePodTemplate, validateWorkload } from './validate-workload.ts';

type Validate = (
  object: JsonObject,
  old: JsonObject | undefined,
  subresource: string | undefined,
) => Cause[];

/**
 * `object` has its defaults and fields of the right types; metadata is checked elsewhere, for every kind alike. Kinds
 * that aren't listed are taken as they are. With subresource `resize` a pod's resources may change.
 */
export function validateBuiltin(
  info: Pick<ResourceInfo, 'group' | 'kind' | 'typeName'>,
  object: object,
  old?: object,
  subresource?: string,
): Cause[] {
  const validate = validators[`${info.group}/${info.typeName ?? info.kind}`];
  return validate?.(object as JsonObject, old as JsonObject | undefined, subresource) ?? [];
}

const pod: Validate = (object, old, subresource) => {
  const spec = objectOf(object['spec']);
  const causes = validatePodSpec(spec, 'spec');
  return old === undefined
    ? [...causes, ...validateNewPod(spec)]
    : [...causes, ...validatePodUpdate(spec, objectOf(old['spec']), subresource)];
};

const workload =
  (kind: string): Validate =>
  (object, old) =>
    validateWorkload(
      kind,
      objectOf(object['spec']),
      old === undefined ? undefined : objectOf(old['spec']),
    );

const service: Validate = (object, old) =>
  validateService(objectOf(object['spec']), old === undefined ? undefined : objectOf(old['spec']));

const lease: Validate = (object) => {
  const { leaseDurationSeconds, leaseTransitions } = objectOf(object['spec']) as JsonObject;
  const field = 'spec.leaseDurationSeconds';
  const isShort = typeof leaseDurationSeconds === 'number' && leaseDurationSeconds <= 0;
  return [
    ...(isShort ? [invalid(field, leaseDurationSeconds, 'must be greater than 0')] : []),
    ...checkNotNegative('spec.leaseTransitions', leaseTransitions),
  ];
};

const cronJob: Validate = (object) => {
  const spec = objectOf(object['spec']);
  const schedule = textOf(spec['schedule']);
  const job = objectOf(objectOf(spec['jobTemplate'])['spec']);
  return [
    ...(schedule === '' ? [required('spec.schedule')] : []),
    ...validateJob(job, 'spec.jobTemplate.spec'),
  ];
};

const binding: Validate = (object, old) => {
  const role = objectOf(object['roleRef']);
  const causes = checkName('roleRef.name', role['name'], () => []);
  if (old === undefined || isJsonEqual(role, objectOf(old['roleRef']))) return causes;
  return [...causes, invalid('roleRef', role, 'cannot change roleRef')];
};

const disruptionBudget: Validate = (object) => {
  const { minAvailable, maxUnavailable } = objectOf(object['spec']) as JsonObject;
  if (minAvailable === undefined || maxUnavailable === undefined) return [];
  const why = 'minAvailable and maxUnavailable cannot be both set';
  return [forbidden('spec', why)];
};

const kept = (view: ResourceView, object: JsonObject): JsonObject =>
  view.keep(object as unknown as AnyObject);

/** By group and the name of the type. */
const validators: Readonly<Record<string, Validate>> = {
  '/Pod': pod,
  '/PodTemplate': (object) => validatePodTemplate(object),
  '/Service': service,
  '/ConfigMap': validateConfigMap,
  '/Secret': validateSecret,
  '/Event': (object) => validateEvent(object),
  'events.k8s.io/Event_v1': (object, old) =>
    validateNewEvent(kept(eventView, object), old && kept(eventView, old)),
  'autoscaling/HorizontalPodAutoscaler': validateAutoscaler,
  'autoscaling/HorizontalPodAutoscaler_v1': (object, old) =>
    validateAutoscaler(kept(autoscalerView, object), old),
  'apps/Deployment': workload('Deployment'),
  'apps/ReplicaSet': workload('ReplicaSet'),
  'apps/StatefulSet': workload('StatefulSet'),
  'apps/DaemonSet': workload('DaemonSet'),
  'batch/Job': (object) => validateJob(objectOf(object['spec'])),
  'batch/CronJob': cronJob,
  'coordination.k8s.io/Lease': lease,
  'discovery.k8s.io/EndpointSlice': validateEndpointSlice,
  'policy/PodDisruptionBudget': disruptionBudget,
  'rbac.authorization.k8s.io/RoleBinding': binding,
  'rbac.authorization.k8s.io/ClusterRoleBinding': binding,
  'apiextensions.k8s.io/CustomResourceDefinition': validateDefinition,
};
