// What of a running pod's spec may change through an ordinary update.

import type { Cause } from '../cause.ts';
import { forbidden, invalid } from '../schema/field-causes.ts';
import { isJsonEqual } from '../schema/is-json-equal.ts';
import type { JsonObject } from './field-checks.ts';
import { itemsOf, objectOf, textOf } from './field-checks.ts';

const immutableSentence =
  'pod updates may not change fields other than `spec.containers[*].image`,' +
  '`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to ' +
  'existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was ' +
  'previously negative)';

/** `subresource` resize may change resources, binding the node, ephemeralcontainers what it is called after. */
export function validatePodUpdate(
  spec: JsonObject,
  old: JsonObject,
  subresource?: string,
): Cause[] {
  const counts = ['containers', 'initContainers'].filter(
    (key) => itemsOf(spec[key]).length !== itemsOf(old[key]).length,
  );
  if (counts.length > 0) {
    return counts.map((key) =>
      forbidden(`spec.${key}`, 'pod updates may not add or remove containers'),
    );
  }
  return [
    ...validateDeadline(spec, old),
    ...validateGates(spec, old),
    ...validateNodeSelector(spec, old),
    ...validateTolerations(spec, old),
    ...(isJsonEqual(fixedPart(spec, old, subresource), fixedPart(old, old, subresource))
      ? []
      : [forbidden('spec', immutableSentence)]),
  ];
}

/** The field that only a subresource may change. */
const ownField: Readonly<Record<string, string>> = {
  binding: 'nodeName',
  ephemeralcontainers: 'ephemeralContainers',
};

/** The spec without what may change. */
function fixedPart(spec: JsonObject, old: JsonObject, subresource = ''): JsonObject {
  const rest: JsonObject = { ...spec };
  delete rest[ownField[subresource] ?? ''];
  for (const key of ['activeDeadlineSeconds', 'tolerations', 'schedulingGates']) delete rest[key];
  const isGated = itemsOf(old['schedulingGates']).length > 0;
  // While a gate holds it back, where the pod goes may still be narrowed.
  if (isGated) for (const key of ['nodeSelector', 'affinity']) delete rest[key];
  const oldGrace = Number(old['terminationGracePeriodSeconds'] ?? 0);
  if (oldGrace < 0 && rest['terminationGracePeriodSeconds'] === 1) {
    rest['terminationGracePeriodSeconds'] = old['terminationGracePeriodSeconds'];
  }
  for (const key of ['containers', 'initContainers']) {
    if (rest[key] === undefined) continue;
    rest[key] = itemsOf(rest[key]).map(({ item }) => ({
      ...item,
      image: '',
      ...(subresource === 'resize' && { resources: {}, resizePolicy: [] }),
    }));
  }
  return rest;
}

function validateDeadline(spec: JsonObject, old: JsonObject): Cause[] {
  const [value, before] = [spec['activeDeadlineSeconds'], old['activeDeadlineSeconds']];
  const field = 'spec.activeDeadlineSeconds';
  if (typeof before !== 'number') return [];
  if (value === undefined) {
    return [invalid(field, null, 'must not update from a positive integer to nil value')];
  }
  if (typeof value !== 'number' || value <= before) return [];
  return [invalid(field, value, 'must be less than or equal to previous value')];
}

function validateGates(spec: JsonObject, old: JsonObject): Cause[] {
  const before = new Set(itemsOf(old['schedulingGates']).map(({ item }) => item['name']));
  return itemsOf(spec['schedulingGates']).flatMap(({ item, index }) => {
    if (before.has(item['name'])) return [];
    const field = `spec.schedulingGates[${index}].name`;
    const name = textOf(item['name']);
    return [forbidden(field, `only deletion is allowed, but found new scheduling gate '${name}'`)];
  });
}

/** Of a gated pod; of any other it is fixed. */
function validateNodeSelector(spec: JsonObject, old: JsonObject): Cause[] {
  if (itemsOf(old['schedulingGates']).length === 0) return [];
  const [now, before] = [objectOf(spec['nodeSelector']), objectOf(old['nodeSelector'])];
  if (Object.entries(before).every(([key, value]) => now[key] === value)) return [];
  const why = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)';
  return [invalid('spec.nodeSelector', now, why)];
}

function validateTolerations(spec: JsonObject, old: JsonObject): Cause[] {
  const now = itemsOf(spec['tolerations']).map(({ item }) => item);
  const isKept = itemsOf(old['tolerations']).every(({ item }) =>
    now.some((one) => isJsonEqual(one, item)),
  );
  return isKept
    ? []
    : [
        forbidden(
          'spec.tolerations',
          'existing toleration can not be modified except its tolerationSeconds',
        ),
      ];
}
