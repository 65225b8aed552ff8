// The rules that depend on an object's kind: unknown fields, defaults and validation, for built-ins and CRDs.

import type { AnyObject } from './any-object.ts';
import type { Cause } from './cause.ts';
import type { ResourceInfo } from './resource-info.ts';

export interface ObjectRules {
  /** Removes fields the kind doesn't have; returns their paths. */
  prune(info: ResourceInfo, object: AnyObject): string[];
  applyDefaults(info: ResourceInfo, object: AnyObject): void;
  validate(info: ResourceInfo, object: AnyObject, old?: AnyObject): Cause[];
  strategicMerge(info: ResourceInfo, current: unknown, patch: unknown): unknown;
}

/** Until the parts that know the kinds are there: everything is allowed. */
export const permissiveRules: ObjectRules = {
  prune: () => [],
  applyDefaults: () => undefined,
  validate: () => [],
  strategicMerge: (_info, current) => current,
};
