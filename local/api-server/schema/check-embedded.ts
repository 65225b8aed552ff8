// Objects inside an object (x-kubernetes-embedded-resource) have an apiVersion, a kind and proper metadata.

import type { Cause } from '../cause.ts';
import { required } from './field-causes.ts';
import type { StructuralSchema } from './structural-schema.ts';
import { childPath, fieldSchema, indexPath, isJsonObject } from './structural-schema.ts';

export function checkEmbedded(value: unknown, schema: StructuralSchema, path = ''): Cause[] {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items === undefined) return [];
    return value.flatMap((item, index) => checkEmbedded(item, items, indexPath(path, index)));
  }
  if (!isJsonObject(value)) return [];
  const here =
    schema['x-kubernetes-embedded-resource'] === true
      ? ['apiVersion', 'kind']
          .filter((key) => typeof value[key] !== 'string' || value[key] === '')
          .map((key) => required(childPath(path, key), 'must not be empty'))
      : [];
  return Object.entries(value).reduce((causes, [key, item]) => {
    const child = fieldSchema(schema, key);
    return child === undefined
      ? causes
      : causes.concat(checkEmbedded(item, child, childPath(path, key)));
  }, here);
}
