// What the rules of ownership need to know about the collection that a request addresses.

import type { AnyObject } from '../any-object.ts';
import { apiVersionOf } from '../resource-info.ts';
import type { ResourceInfo } from '../resource-info.ts';
import type { ResourceRegistry } from '../resource-registry.ts';
import { asGoSees } from './as-go-sees.ts';
import { builtinType, structType } from './builtin-types.ts';
import { buildCustomType } from './custom-type.ts';
import type { FieldSet } from './field-set.ts';
import { emptySet, isEmptySet, kidOf, setOf, subtractTrees } from './field-set.ts';
import type { MergeType } from './merge-type.ts';
import type { KindOfObject } from './own-fields.ts';

/** A definition that changes makes new infos, so a type lives as long as its definition. */
const customTypes = new WeakMap<ResourceInfo, MergeType>();

export function mergeTypeOf(info: ResourceInfo): MergeType {
  if (!info.isCustom) return builtinType(info.typeName ?? info.kind);
  let type = customTypes.get(info);
  if (type === undefined) {
    type = buildCustomType(info.schema, structType('ObjectMeta'));
    customTypes.set(info, type);
  }
  return type;
}

export function kindOfObject(
  registry: ResourceRegistry,
  info: ResourceInfo,
  subresource: string | undefined,
): KindOfObject {
  const apiVersion = apiVersionOf(info);
  return {
    apiVersion,
    isCustom: info.isCustom,
    typeIn: (other) => {
      if (other === apiVersion) return mergeTypeOf(info);
      const slash = other.lastIndexOf('/');
      if (!info.isCustom || other.slice(0, slash) !== info.group) return undefined;
      const found = registry.find(info.group, other.slice(slash + 1), info.plural);
      return found === undefined ? undefined : mergeTypeOf(found);
    },
    keepWritable: writableFilter(info, subresource),
  };
}

/** The object without the entries of its owners. */
export function withoutOwners(object: AnyObject): AnyObject {
  const { managedFields, ...metadata } = object.metadata;
  return managedFields === undefined ? object : { ...object, metadata };
}

/** The object in the form in which a configuration is merged into it. */
export function comparable(info: ResourceInfo, object: AnyObject): unknown {
  const plain = withoutOwners(object);
  return info.isCustom ? plain : asGoSees(mergeTypeOf(info), plain);
}

/** Nothing yet, in the form in which ownership is compared. */
export function comparableNothing(info: ResourceInfo): unknown {
  const nothing = { apiVersion: apiVersionOf(info), kind: info.kind };
  return info.isCustom ? nothing : asGoSees(mergeTypeOf(info), nothing);
}

const onlyStatus = setOf([['f:status']]);
const onlySpec = setOf([['f:spec']]);

/** Beyond the spec, what an update of the status of these kinds leaves alone. */
const statusResets: Readonly<Record<string, FieldSet>> = {
  Deployment: setOf([['f:spec'], ['f:metadata', 'f:labels']]),
  Pod: setOf([
    ['f:spec'],
    ['f:metadata', 'f:deletionTimestamp'],
    ['f:metadata', 'f:ownerReferences'],
  ]),
};
const customStatusReset = setOf([['f:metadata'], ['f:spec']]);

function resetFields(info: ResourceInfo, subresource: string | undefined): FieldSet {
  if (subresource === undefined)
    return info.subresources.includes('status') ? onlyStatus : emptySet;
  if (subresource === 'finalize') return onlyStatus;
  if (subresource !== 'status') return emptySet;
  if (info.isCustom) return customStatusReset;
  return Object.hasOwn(statusResets, info.kind) ? (statusResets[info.kind] ?? onlySpec) : onlySpec;
}

function writableFilter(
  info: ResourceInfo,
  subresource: string | undefined,
): (set: FieldSet) => FieldSet {
  if (subresource === 'resize') return keepResources;
  const reset = resetFields(info, subresource);
  return isEmptySet(reset) ? (set) => set : (set) => subtractTrees(set, reset);
}

const resizable = new Set(['f:resources', 'f:resizePolicy']);

/** Of a pod's resize: only what its containers ask for. */
function keepResources(set: FieldSet): FieldSet {
  const spec = new Map<string, FieldSet>();
  for (const list of ['f:containers', 'f:initContainers']) {
    const containers = new Map<string, FieldSet>();
    for (const [element, container] of kidOf(kidOf(set, 'f:spec'), list).kids ?? []) {
      const kept = [...(container.kids ?? [])].filter(([field]) => resizable.has(field));
      if (kept.length > 0) containers.set(element, { own: container.own, kids: new Map(kept) });
    }
    if (containers.size > 0) spec.set(list, { own: false, kids: containers });
  }
  return spec.size === 0
    ? emptySet
    : { own: false, kids: new Map([['f:spec', { own: false, kids: spec }]]) };
}
