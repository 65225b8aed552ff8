// What kube-apiserver refuses in objects of its own kinds, said in its own sentences.

import type { Cause } from '../cause.ts';
import type { ResourceInfo } from '../resource-info.ts';
import { forbidden, invalid, required } from '../schema/field-causes.ts';
import { isJsonEqual } from '../schema/is-json-equal.ts';
import type { JsonObject } from './field-checks.ts';
import { checkName, checkNotNegative, objectOf, textOf } from './field-checks.ts';
import { validateConfigMap, validateSecret } from './validate-data.ts';
import { validateDefinition } from './validate-definition.ts';
import { validateNewPod, validatePodSpec } from './validate-pod-spec.ts';
import { validatePodUpdate } from './validate-pod-update.ts';
import { validateEndpointSlice, validateService } from './validate-service.ts';
import { validateJob, validateWorkload } from './validate-workload.ts';

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
  info: Pick<ResourceInfo, 'group' | 'kind'>,
  object: object,
  old?: object,
  subresource?: string,
): Cause[] {
  const validate = validators[`${info.group}/${info.kind}`];
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

const event: Validate = (object, old) => {
  const metadata = objectOf(object['metadata']);
  const involved = objectOf(object['involvedObject']);
  const namespace = textOf(involved['namespace']);
  const isElsewhere = namespace !== '' && namespace !== textOf(metadata['namespace']);
  const causes = isElsewhere
    ? [invalid('involvedObject.namespace', namespace, 'does not match event.namespace')]
    : [];
  if (old !== undefined) {
    return isJsonEqual(involved, objectOf(old['involvedObject']))
      ? causes
      : [...causes, invalid('involvedObject', involved, 'field is immutable')];
  }
  // An Event with an eventTime is one of the new style, which knows who reported it.
  if (textOf(object['eventTime']) === '') return causes;
  const needed = ['reportingComponent', 'reportingInstance', 'action', 'reason'];
  const missing = needed.filter((key) => textOf(object[key]) === '');
  return [...causes, ...missing.map((key) => required(key))];
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

/** By group and kind. */
const validators: Readonly<Record<string, Validate>> = {
  '/Pod': pod,
  '/Service': service,
  '/ConfigMap': validateConfigMap,
  '/Secret': validateSecret,
  '/Event': event,
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
