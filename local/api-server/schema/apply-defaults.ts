// Fills in a structural schema's defaults, and drops the nulls it does not allow, as Kubernetes does on every request.

import type { JsonObject, StructuralSchema } from './structural-schema.ts';
import { fieldSchema, isJsonObject, own, setOwn } from './structural-schema.ts';

/** Where the schema doesn't say `nullable`: a null that nothing takes the place of goes, or stays to be refused. */
export type Nulls = 'drop' | 'keep';

/** Changes `object` in place. */
export function applyDefaults(
  object: unknown,
  schema: StructuralSchema | undefined,
  nulls: Nulls,
): void {
  if (schema === undefined) return;
  if (Array.isArray(object)) {
    const items = schema.items;
    object.forEach((item, index) => {
      if (item === null && items?.nullable !== true && items?.default !== undefined) {
        object[index] = structuredClone(items.default);
      }
      applyDefaults(object[index], items, nulls);
    });
    return;
  }
  if (!isJsonObject(object)) return;
  if (nulls === 'drop') dropNulls(object, schema);
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    if (property.default === undefined || property.default === null) continue;
    const value = own(object, key);
    if (value === undefined || (value === null && property.nullable !== true)) {
      setOwn(object, key, structuredClone(property.default));
    }
  }
  for (const key of Object.keys(object))
    applyDefaults(object[key], fieldSchema(schema, key), nulls);
}

function dropNulls(object: JsonObject, schema: StructuralSchema): void {
  for (const key of Object.keys(object)) {
    if (object[key] !== null) continue;
    const field = fieldSchema(schema, key);
    if (field === undefined || field.nullable === true || field.default !== undefined) continue;
    delete object[key];
  }
}
