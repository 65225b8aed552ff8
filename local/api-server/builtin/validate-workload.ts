// What kube-apiserver refuses in Deployments, ReplicaSets, StatefulSets, DaemonSets and Jobs.

import type { Cause } from '../cause.ts';
import { forbidden, invalid, notSupported, required } from '../schema/field-causes.ts';
import { isJsonEqual } from '../schema/is-json-equal.ts';
import type { JsonObject } from './field-checks.ts';
import {
  checkLabels,
  checkNotNegative,
  invalidAll,
  isObject,
  itemsOf,
  objectOf,
  textOf,
} from './field-checks.ts';
import { checkQualifiedName } from './name-rules.ts';
import { validatePodSpec } from './validate-pod-spec.ts';

const workloadNames: Readonly<Record<string, string>> = {
  Deployment: 'deployment',
  // Kubernetes says deployment here, too.
  ReplicaSet: 'deployment',
  StatefulSet: 'statefulset',
  DaemonSet: 'daemonset',
};

const deadlineNames: Readonly<Record<string, string>> = {
  Deployment: 'ReplicaSet',
  ReplicaSet: 'ReplicaSet',
  StatefulSet: 'StatefulSet',
  DaemonSet: 'DaemonSet',
};

const counts: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['replicas', 'minReadySeconds', 'revisionHistoryLimit'],
  ReplicaSet: ['replicas', 'minReadySeconds'],
  StatefulSet: ['replicas', 'minReadySeconds'],
  DaemonSet: ['minReadySeconds', 'revisionHistoryLimit'],
};

export function validateWorkload(kind: string, spec: JsonObject, old?: JsonObject): Cause[] {
  return [
    ...(counts[kind] ?? []).flatMap((key) => checkNotNegative(`spec.${key}`, spec[key])),
    ...validateSelector(kind, spec, old),
    ...validateTemplate(kind, spec),
    ...(kind === 'Deployment' ? validateStrategy(spec) : []),
  ];
}

function validateSelector(kind: string, spec: JsonObject, old?: JsonObject): Cause[] {
  const { selector } = spec;
  const field = 'spec.selector';
  const causes = checkSelector(kind, selector);
  const isBad = causes.length > 0;
  if (old !== undefined && !isJsonEqual(selector, old['selector'])) {
    causes.push(invalid(field, selector ?? null, 'field is immutable'));
  }
  if (isBad && isObject(selector)) return causes;
  const labels = objectOf(objectOf(spec['template'])['metadata'])['labels'];
  if (isObject(selector) && matchesSelector(selector, objectOf(labels))) return causes;
  const why = '`selector` does not match template `labels`';
  return [...causes, invalid('spec.template.metadata.labels', labels ?? null, why)];
}

function checkSelector(kind: string, selector: unknown): Cause[] {
  const field = 'spec.selector';
  if (!isObject(selector)) return kind === 'DaemonSet' ? [] : [required(field)];
  if (isEmptySelector(selector)) {
    return [invalid(field, selector, `empty selector is invalid for ${workloadNames[kind]}`)];
  }
  const causes = validateLabelSelector(selector, field);
  const saysSo = kind === 'Deployment' || kind === 'ReplicaSet';
  if (causes.length === 0 || !saysSo) return causes;
  return [...causes, invalid(field, selector, 'invalid label selector')];
}

const isEmptySelector = (selector: JsonObject): boolean =>
  Object.keys(objectOf(selector['matchLabels'])).length === 0 &&
  itemsOf(selector['matchExpressions']).length === 0;

export function validateLabelSelector(selector: JsonObject, path: string): Cause[] {
  return [
    ...checkLabels(`${path}.matchLabels`, selector['matchLabels']),
    ...itemsOf(selector['matchExpressions']).flatMap(({ item, index }) =>
      validateExpression(item, `${path}.matchExpressions[${index}]`),
    ),
  ];
}

function validateExpression(rule: JsonObject, path: string): Cause[] {
  const values = Array.isArray(rule['values']) ? rule['values'] : [];
  const key = textOf(rule['key']);
  const causes = invalidAll(`${path}.key`, key, checkQualifiedName(key));
  switch (rule['operator']) {
    case 'In':
    case 'NotIn': {
      if (values.length > 0) return causes;
      const why = "must be specified when `operator` is 'In' or 'NotIn'";
      return [required(`${path}.values`, why), ...causes];
    }
    case 'Exists':
    case 'DoesNotExist': {
      if (values.length === 0) return causes;
      const why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
      return [forbidden(`${path}.values`, why), ...causes];
    }
    default: {
      const operator = rule['operator'] ?? '';
      return [invalid(`${path}.operator`, operator, 'not a valid selector operator'), ...causes];
    }
  }
}

function matchesSelector(selector: JsonObject, labels: JsonObject): boolean {
  const isEqual = Object.entries(objectOf(selector['matchLabels'])).every(
    ([key, value]) => labels[key] === value,
  );
  return (
    isEqual &&
    itemsOf(selector['matchExpressions']).every(({ item }) => matchesExpression(item, labels))
  );
}

function matchesExpression(rule: JsonObject, labels: JsonObject): boolean {
  const value = labels[textOf(rule['key'])];
  const values = Array.isArray(rule['values']) ? rule['values'] : [];
  switch (rule['operator']) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    default:
      return value === undefined;
  }
}

/** Of the kind of that name, whose template stands in no spec. */
export function validatePodTemplate(object: JsonObject): Cause[] {
  const template = objectOf(object['template']);
  return [
    ...checkLabels('template.labels', objectOf(template['metadata'])['labels']),
    ...validatePodSpec(objectOf(template['spec']), 'template.spec'),
  ];
}

function validateTemplate(kind: string, spec: JsonObject): Cause[] {
  const template = objectOf(spec['template']);
  const pod = objectOf(template['spec']);
  const path = 'spec.template.spec';
  const causes = [
    ...checkLabels('spec.template.labels', objectOf(template['metadata'])['labels']),
    ...validatePodSpec(pod, path),
  ];
  const policy = pod['restartPolicy'];
  if (policy !== undefined && policy !== 'Always') {
    causes.push(notSupported(`${path}.restartPolicy`, policy, ['Always']));
  }
  if (pod['activeDeadlineSeconds'] !== undefined) {
    const why = `activeDeadlineSeconds in ${deadlineNames[kind]} is not Supported`;
    causes.push(forbidden(`${path}.activeDeadlineSeconds`, why));
  }
  return causes;
}

function validateStrategy(spec: JsonObject): Cause[] {
  const strategy = objectOf(spec['strategy']);
  const { type, rollingUpdate } = strategy;
  const field = 'spec.strategy.rollingUpdate';
  const causes: Cause[] = [];
  if (type !== 'Recreate' && type !== 'RollingUpdate') {
    const shown = { Type: type ?? '', RollingUpdate: rollingUpdate ?? null };
    causes.push(notSupported('spec.strategy', shown, ['Recreate', 'RollingUpdate']));
  } else if (type === 'Recreate' && rollingUpdate !== undefined) {
    const why = "may not be specified when strategy `type` is 'Recreate'";
    causes.push(forbidden(field, why));
  } else if (type === 'RollingUpdate') {
    causes.push(...validateRollingUpdate(objectOf(rollingUpdate), field));
  }
  const progress = spec['progressDeadlineSeconds'];
  if (typeof progress === 'number' && progress <= Number(spec['minReadySeconds'] ?? 0)) {
    const why = 'must be greater than minReadySeconds';
    causes.push(invalid('spec.progressDeadlineSeconds', progress, why));
  }
  return causes;
}

function validateRollingUpdate(rolling: JsonObject, field: string): Cause[] {
  const { maxSurge, maxUnavailable } = rolling;
  const causes = [
    ...checkCountOrPercent(`${field}.maxUnavailable`, maxUnavailable),
    ...checkCountOrPercent(`${field}.maxSurge`, maxSurge),
  ];
  const isZero = (value: unknown): boolean => value === 0 || value === '0%';
  if (isZero(maxSurge) && isZero(maxUnavailable)) {
    const why = 'may not be 0 when `maxSurge` is 0';
    causes.push(invalid(`${field}.maxUnavailable`, maxUnavailable, why));
  }
  if (/^\d+%$/.test(textOf(maxUnavailable)) && Number.parseInt(textOf(maxUnavailable), 10) > 100) {
    const why = 'must not be greater than 100%';
    causes.push(invalid(`${field}.maxUnavailable`, maxUnavailable, why));
  }
  return causes;
}

function checkCountOrPercent(field: string, value: unknown): Cause[] {
  if (typeof value !== 'string') return checkNotNegative(field, value);
  if (/^\d+%$/.test(value)) return [];
  const why =
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
  return [invalid(field, value, why)];
}

export function validateJob(spec: JsonObject, path = 'spec'): Cause[] {
  const pod = objectOf(objectOf(spec['template'])['spec']);
  const policy = pod['restartPolicy'];
  const isGood = policy === 'OnFailure' || policy === 'Never';
  return [
    ...['parallelism', 'completions', 'backoffLimit', 'activeDeadlineSeconds'].flatMap((key) =>
      checkNotNegative(`${path}.${key}`, spec[key]),
    ),
    ...validatePodSpec(pod, `${path}.template.spec`),
    ...(isGood
      ? []
      : [required(`${path}.template.spec.restartPolicy`, 'valid values: "OnFailure", "Never"')]),
  ];
}
