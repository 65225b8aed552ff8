// What of a pod's resources a resize may change, said in kube-apiserver's own sentences.

import type { Cause } from '../cause.ts';
import { forbidden, invalid } from '../schema/field-causes.ts';
import { isJsonEqual } from '../schema/is-json-equal.ts';
import { deriveQosClass } from './derive-qos-class.ts';
import type { JsonObject } from './field-checks.ts';
import { itemsOf, objectOf } from './field-checks.ts';

const resizable = ['cpu', 'memory'];
const sides = ['requests', 'limits'] as const;

/** Both specs have the same containers in the same order, and differ in `resources` and `resizePolicy` at most. */
export function validatePodResize(spec: JsonObject, old: JsonObject): Cause[] {
  const [now, before] = [itemsOf(spec['containers']), itemsOf(old['containers'])];
  const oldClass = qosOf(old);
  const causes = now.flatMap(({ item, index }) =>
    findRemoved(item, before[index]?.item ?? {}, `spec.containers[${index}].resources`),
  );
  if (qosOf(spec) !== oldClass) {
    const why = 'Pod QOS Class may not change as a result of resizing';
    causes.unshift(invalid('spec', oldClass, why));
  }
  const isOther = now.some(
    ({ item }, index) => !isJsonEqual(fixedPart(item), fixedPart(before[index]?.item ?? {})),
  );
  if (isOther) causes.push(forbidden('spec', 'only cpu and memory resources are mutable'));
  return causes;
}

function qosOf(spec: JsonObject): string {
  const lists = [spec['containers'], spec['initContainers']];
  return deriveQosClass(lists.flatMap((list) => itemsOf(list).map(({ item }) => item)));
}

function findRemoved(container: JsonObject, old: JsonObject, path: string): Cause[] {
  return sides.flatMap((side) => {
    const now = objectOf(objectOf(container['resources'])[side]);
    const before = objectOf(objectOf(old['resources'])[side]);
    const isRemoved = resizable.some((name) => name in before && !(name in now));
    return isRemoved ? [forbidden(`${path}.${side}`, `resource ${side} cannot be removed`)] : [];
  });
}

/** The container without what a resize is for. */
function fixedPart(container: JsonObject): JsonObject {
  const resources: JsonObject = { ...objectOf(container['resources']) };
  for (const side of sides) {
    const others = Object.entries(objectOf(resources[side])).filter(
      ([name]) => !resizable.includes(name),
    );
    resources[side] = Object.fromEntries(others);
  }
  return { ...container, resources };
}
