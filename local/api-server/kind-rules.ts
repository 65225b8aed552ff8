// Joins the rules of custom resources (their schemas) and of built-in kinds into what the verbs ask for.

import type { AnyObject } from './any-object.ts';
import type { IncludeObject } from './encode-answer.ts';
import { permissiveRules } from './object-rules.ts';
import type { ObjectRules } from './object-rules.ts';
import type { ResourceInfo } from './resource-info.ts';
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
  prune: (info, object) => schemaOf(info)?.prune(object) ?? [],
  applyDefaults: (info, object) => schemaOf(info)?.applyDefaults(object),
  validate: (info, object, old) => schemaOf(info)?.validate(object, old) ?? [],
  strategicMerge: permissiveRules.strategicMerge,
};

export function buildAnyTable(
  info: ResourceInfo,
  objects: AnyObject[],
  options: { nowMs: number; includeObject: IncludeObject },
): object {
  const columnDefinitions = [
    { name: 'Name', type: 'string', format: 'name', description: '', priority: 0 },
  ];
  const rows = objects.map((one) => ({ cells: [one.metadata.name], object: one }));
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    columnDefinitions,
    rows,
    info: options && info.plural,
  };
}
