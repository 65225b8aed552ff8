// The rules that depend on an object's kind: unknown fields, defaults and validation, for built-ins and CRDs.

import type { AnyObject } from './any-object.ts';
import type { Cause } from './cause.ts';
import type { ResourceInfo } from './resource-info.ts';
import type { Nulls } from './schema/apply-defaults.ts';

export interface ObjectRules {
  /** Why the object can't be decoded at all: one sentence, or undefined. */
  findTypeError(info: ResourceInfo, object: AnyObject): string | undefined;
  /** Removes fields the kind doesn't have; returns their paths. */
  prune(info: ResourceInfo, object: AnyObject): string[];
  /** `nulls` is for custom resources; default drop. */
  applyDefaults(info: ResourceInfo, object: AnyObject, nulls?: Nulls): void;
  validate(info: ResourceInfo, object: AnyObject, old?: AnyObject): Cause[];
  /** Throws Error with one sentence for a patch that makes no sense. */
  strategicMerge(info: ResourceInfo, current: unknown, patch: unknown): unknown;
}
