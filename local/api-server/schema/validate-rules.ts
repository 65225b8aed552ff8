// Walks an object beside its schema and evaluates the CEL rules on the way.

import type { Cause } from '../cause.ts';
import type { CelRules } from './cel-rules.ts';
import { evaluateRules } from './cel-rules.ts';
import type { StructuralSchema } from './structural-schema.ts';
import { childPath, indexPath, isJsonObject, keyPath, own } from './structural-schema.ts';
import { isJsonEqual } from './is-json-equal.ts';
import { findOldItem } from './find-old-item.ts';

/** More causes than these are not worth reading, and a big list of bad items must not make a big answer. */
const causesMax = 100;

interface Walk {
  readonly rules: CelRules;
  /** Which schemas have a rule on them or below. */
  readonly ruled: ReadonlySet<StructuralSchema>;
  readonly causes: Cause[];
  readonly isUpdate: boolean;
}

/** `old` is the stored object, already defaulted; rules on parts that did not change are let off. */
export function validateRules(
  rules: CelRules,
  schema: StructuralSchema,
  object: unknown,
  old?: unknown,
): Cause[] {
  const ruled = new Set<StructuralSchema>();
  collectRuled(schema, ruled);
  const walk: Walk = { rules, ruled, causes: [], isUpdate: old !== undefined };
  visit(walk, schema, { path: '', value: object, old });
  return walk.causes;
}

interface At {
  readonly path: string;
  readonly value: unknown;
  readonly old: unknown;
}

function visit(walk: Walk, schema: StructuralSchema, at: At): void {
  if (!walk.ruled.has(schema) || walk.causes.length >= causesMax) return;
  const { value } = at;
  if (value === null || value === undefined) return;
  if (schema['x-kubernetes-validations'] !== undefined) evaluateHere(walk, schema, at);
  if (Array.isArray(value)) visitItems(walk, schema, { ...at, value });
  else if (isJsonObject(value)) visitFields(walk, schema, { ...at, value });
}

function evaluateHere(walk: Walk, schema: StructuralSchema, { path, value, old }: At): void {
  const found = evaluateRules(walk.rules.node(schema), { value, old: old ?? undefined }, path);
  const isSame = found.length > 0 && walk.isUpdate && isJsonEqual(value, old);
  for (const { rule, cause } of found) {
    // A rule that an unchanged part breaks is a new rule; one on the change itself still counts.
    if (!isSame || rule.usesOldSelf) walk.causes.push(cause);
  }
}

function visitItems(walk: Walk, schema: StructuralSchema, at: At & { value: unknown[] }): void {
  const { items } = schema;
  if (items === undefined) return;
  at.value.forEach((item, index) => {
    const old = findOldItem(schema, item, at.old);
    visit(walk, items, { path: indexPath(at.path, index), value: item, old });
  });
}

function visitFields(
  walk: Walk,
  schema: StructuralSchema,
  at: At & { value: Record<string, unknown> },
): void {
  const isAtomic = schema['x-kubernetes-map-type'] === 'atomic';
  const before = !isAtomic && isJsonObject(at.old) ? at.old : {};
  for (const [key, value] of Object.entries(at.value)) {
    const named = own(schema.properties, key);
    const others = schema.additionalProperties;
    const child = named ?? (isJsonObject(others) ? (others as StructuralSchema) : undefined);
    if (child === undefined) continue;
    const path = named === undefined ? keyPath(at.path, key) : childPath(at.path, key);
    visit(walk, child, { path, value, old: own(before, key) });
  }
}

/** Whether a rule stands anywhere in the schema. */
export function hasRules(schema: StructuralSchema): boolean {
  return collectRuled(schema, new Set());
}

/** Returns whether `schema` was added. */
function collectRuled(schema: StructuralSchema, ruled: Set<StructuralSchema>): boolean {
  const children = [
    ...Object.values(schema.properties ?? {}),
    ...(isJsonObject(schema.items) ? [schema.items] : []),
    ...(isJsonObject(schema.additionalProperties) ? [schema.additionalProperties] : []),
  ] as StructuralSchema[];
  const below = children.map((child) => collectRuled(child, ruled)).includes(true);
  const here = (schema['x-kubernetes-validations'] ?? []).length > 0;
  if (below || here) ruled.add(schema);
  return below || here;
}
