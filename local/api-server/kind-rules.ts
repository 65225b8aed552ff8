// Joins the rules of custom resources (their schemas) and of built-in kinds into what the verbs ask for.

import type { AnyObject } from './any-object.ts';
import { buildStrategicMerge } from './builtin/build-strategic-merge.ts';
import { defaultBuiltin } from './builtin/default-builtin.ts';
import { kindTypeOf, kindTypes } from './builtin/kind-table.ts';
import { findTypeError, pruneBuiltin } from './builtin/unknown-fields.ts';
import { validateBuiltin } from './builtin/validate-builtin.ts';
import type { IncludeObject } from './encode-answer.ts';
import type { ObjectRules } from './object-rules.ts';
import type { ResourceInfo } from './resource-info.ts';
import { readJsonPath } from './tables/json-path.ts';
import { buildTable } from './tables/build-table.ts';
import { compileSchema } from './schema/compile-schema.ts';

type CompiledSchema = ReturnType<typeof compileSchema>;

/** A definition that changes makes new infos, so a schema is compiled once and forgotten with its definition. */
const compiled = new WeakMap<ResourceInfo, CompiledSchema>();

function schemaOf(info: ResourceInfo): CompiledSchema | undefined {
  if (info.schema === undefined) return undefined;
  let schema = compiled.get(info);
  if (schema === undefined) {
    schema = compileSchema(info.schema);
    compiled.set(info, schema);
  }
  return schema;
}

export const kindRules: ObjectRules = {
  findTypeError: (info, object) => (info.isCustom ? undefined : findTypeError(info, object)),
  prune: (info, object) =>
    info.isCustom ? (schemaOf(info)?.prune(object) ?? []) : pruneBuiltin(info, object),
  applyDefaults: (info, object, nulls) => {
    if (info.isCustom) schemaOf(info)?.applyDefaults(object, nulls);
    else defaultBuiltin(info, object);
  },
  validate: (info, object, old) =>
    info.isCustom
      ? (schemaOf(info)?.validate(object, old) ?? [])
      : validateBuiltin(info, object, old),
  strategicMerge: (info, current, patch) =>
    buildStrategicMerge(current, patch, { types: kindTypes(), root: kindTypeOf(info) }),
};

export function buildAnyTable(
  info: ResourceInfo,
  objects: AnyObject[],
  options: { nowMs: number; includeObject: IncludeObject },
): object {
  return buildTable(info, objects, { ...options, readPath: readJsonPath });
}
