// The fields of every built-in kind, read from their notation when they are first needed.

import type { ResourceInfo } from '../resource-info.ts';
import { kindTypes as kindText } from './kind-types.ts';
import type { KindTypes, ObjectType } from './parse-kind-types.ts';
import { parseKindTypes } from './parse-kind-types.ts';
import { podTypes } from './pod-types.ts';

let parsed: KindTypes | undefined;

export function kindTypes(): KindTypes {
  parsed ??= new Map([...parseKindTypes(podTypes), ...parseKindTypes(kindText)]);
  return parsed;
}

/** `undefined` for custom resources and for kinds whose fields aren't written down: everything is allowed there. */
export function kindTypeOf(
  info: Pick<ResourceInfo, 'kind' | 'isCustom' | 'typeName'>,
): ObjectType | undefined {
  return info.isCustom ? undefined : kindTypes().get(info.typeName ?? info.kind);
}
