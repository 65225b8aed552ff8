// What kube-apiserver refuses in the spec of a pod or of a pod template.

import type { Cause } from '../cause.ts';
import { forbidden, invalid, required } from '../schema/field-causes.ts';
import type { JsonObject } from './field-checks.ts';
import {
  checkDistinct,
  checkEnum,
  checkLabels,
  checkName,
  checkOptionalName,
  checkRange,
  invalidAll,
  isObject,
  itemsOf,
  objectOf,
  textOf,
} from './field-checks.ts';
import { checkDnsLabel, checkDnsSubdomain, checkQualifiedName } from './name-rules.ts';
import { validateContainer, validateContainersTogether } from './validate-container.ts';

const int32Max = 2 ** 31 - 1;

/** `path` is spec or spec.template.spec. The spec has its defaults already. */
export function validatePodSpec(spec: JsonObject, path: string): Cause[] {
  return [
    ...validateVolumes(spec['volumes'], `${path}.volumes`),
    ...validateContainers(spec, path),
    ...checkEnum(`${path}.restartPolicy`, spec['restartPolicy'], ['Always', 'OnFailure', 'Never']),
    ...checkEnum(`${path}.dnsPolicy`, spec['dnsPolicy'], [
      'ClusterFirstWithHostNet',
      'ClusterFirst',
      'Default',
      'None',
    ]),
    ...checkLabels(`${path}.nodeSelector`, spec['nodeSelector']),
    ...checkOptionalName(
      `${path}.serviceAccountName`,
      spec['serviceAccountName'],
      checkDnsSubdomain,
    ),
    ...checkOptionalName(`${path}.nodeName`, spec['nodeName'], checkDnsSubdomain),
    ...checkRange(`${path}.activeDeadlineSeconds`, spec['activeDeadlineSeconds'], {
      min: 1,
      max: int32Max,
    }),
    ...checkOptionalName(`${path}.hostname`, spec['hostname'], checkDnsLabel),
    ...checkOptionalName(`${path}.subdomain`, spec['subdomain'], checkDnsLabel),
    ...itemsOf(spec['readinessGates']).flatMap(({ item, index }) =>
      invalidAll(
        `${path}.readinessGates[${index}].conditionType`,
        item['conditionType'],
        checkQualifiedName(textOf(item['conditionType'])),
      ),
    ),
    ...validateTolerations(spec['tolerations'], `${path}.tolerations`),
    ...checkOptionalName(`${path}.priorityClassName`, spec['priorityClassName'], checkDnsSubdomain),
    ...validateGates(spec, path),
    ...validateSpread(spec['topologySpreadConstraints'], `${path}.topologySpreadConstraints`),
  ];
}

/** Of pods only, and only when they are created. */
export function validateNewPod(spec: JsonObject): Cause[] {
  const isGated = itemsOf(spec['schedulingGates']).length > 0;
  if (!isGated || textOf(spec['nodeName']) === '') return [];
  const why = 'cannot be set until all schedulingGates have been cleared';
  return [forbidden('spec.nodeName', why)];
}

function validateContainers(spec: JsonObject, path: string): Cause[] {
  const context = {
    volumeNames: new Set(itemsOf(spec['volumes']).map(({ item }) => textOf(item['name']))),
    isHostNetwork: spec['hostNetwork'] === true,
    mayRestart: spec['restartPolicy'] !== 'Never',
  };
  const all = ['containers', 'initContainers'].flatMap((key) =>
    itemsOf(spec[key]).map(({ item, index }) => ({ item, path: `${path}.${key}[${index}]` })),
  );
  const list = spec['containers'];
  return [
    ...(Array.isArray(list) && list.length > 0 ? [] : [required(`${path}.containers`)]),
    ...all.flatMap((one) => validateContainer(one.item, one.path, context)),
    ...validateContainersTogether(all),
  ];
}

/** What a volume of each kind can't be without. */
const volumeNeeds: Readonly<Record<string, string>> = {
  secret: 'secretName',
  configMap: 'name',
  hostPath: 'path',
  persistentVolumeClaim: 'claimName',
};

function validateVolumes(volumes: unknown, path: string): Cause[] {
  const items = itemsOf(volumes);
  const each = items.flatMap(({ item, index }) => {
    const at = `${path}[${index}]`;
    const kinds = Object.keys(item).filter((key) => key !== 'name' && isObject(item[key]));
    return [
      ...checkName(`${at}.name`, item['name'], checkDnsLabel),
      ...kinds
        .slice(1)
        .map((kind) => forbidden(`${at}.${kind}`, 'may not specify more than 1 volume type')),
      ...kinds.slice(0, 1).flatMap((kind) => {
        const need = volumeNeeds[kind];
        const isMissing = need !== undefined && textOf(objectOf(item[kind])[need]) === '';
        return isMissing ? [required(`${at}.${kind}.${need}`)] : [];
      }),
    ];
  });
  const names = checkDistinct(
    items,
    ({ item }) => item['name'],
    ({ index }) => `${path}[${index}].name`,
  );
  return [...each, ...names];
}

function validateTolerations(list: unknown, path: string): Cause[] {
  return itemsOf(list).flatMap(({ item, index }) => {
    const at = `${path}[${index}]`;
    const key = textOf(item['key']);
    const operator = textOf(item['operator']);
    const effect = textOf(item['effect']);
    const causes = key === '' ? [] : invalidAll(`${at}.key`, key, checkQualifiedName(key));
    if (key === '' && operator !== 'Exists') {
      const why =
        'operator must be Exists when `key` is empty, which means "match all values and all keys"';
      causes.push(invalid(`${at}.operator`, operator, why));
    }
    if (item['tolerationSeconds'] !== undefined && effect !== 'NoExecute') {
      const why = "effect must be 'NoExecute' when `tolerationSeconds` is set";
      causes.push(invalid(`${at}.effect`, effect, why));
    }
    if (operator === 'Exists' && textOf(item['value']) !== '') {
      const why = "value must be empty when `operator` is 'Exists'";
      causes.push(invalid(`${at}.operator`, item['value'], why));
    }
    const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
    return [
      ...causes,
      ...checkEnum(`${at}.operator`, operator || undefined, ['Equal', 'Exists']),
      ...checkEnum(`${at}.effect`, effect || undefined, effects),
    ];
  });
}

function validateGates(spec: JsonObject, path: string): Cause[] {
  const gates = itemsOf(spec['schedulingGates']);
  const at = (index: number): string => `${path}.schedulingGates[${index}]`;
  return [
    ...gates.flatMap(({ item, index }) =>
      invalidAll(at(index), item['name'], checkQualifiedName(textOf(item['name']))),
    ),
    ...checkDistinct(
      gates,
      ({ item }) => item['name'],
      ({ index }) => at(index),
    ),
  ];
}

function validateSpread(list: unknown, path: string): Cause[] {
  return itemsOf(list).flatMap(({ item, index }) => {
    const at = `${path}[${index}]`;
    const maxSkew = Number(item['maxSkew'] ?? 0);
    return [
      ...(maxSkew > 0 ? [] : [invalid(`${at}.maxSkew`, maxSkew, 'must be greater than zero')]),
      ...(textOf(item['topologyKey']) === ''
        ? [required(`${at}.topologyKey`, 'can not be empty')]
        : []),
      ...checkEnum(`${at}.whenUnsatisfiable`, item['whenUnsatisfiable'] ?? '', [
        'DoNotSchedule',
        'ScheduleAnyway',
      ]),
    ];
  });
}
