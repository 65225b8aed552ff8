// What of a structural schema the server reads, and how its field paths are written.

/** An openAPIV3Schema of a CRD. Unknown keywords are allowed and ignored. */
export interface StructuralSchema {
  type?: string;
  format?: string;
  description?: string;
  nullable?: boolean;
  default?: unknown;
  enum?: unknown[];
  required?: string[];
  pattern?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: boolean;
  exclusiveMaximum?: boolean;
  multipleOf?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  minProperties?: number;
  maxProperties?: number;
  properties?: Record<string, StructuralSchema>;
  additionalProperties?: boolean | StructuralSchema;
  items?: StructuralSchema;
  allOf?: StructuralSchema[];
  anyOf?: StructuralSchema[];
  oneOf?: StructuralSchema[];
  not?: StructuralSchema;
  'x-kubernetes-preserve-unknown-fields'?: boolean;
  'x-kubernetes-embedded-resource'?: boolean;
  'x-kubernetes-int-or-string'?: boolean;
  'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-map-type'?: string;
  'x-kubernetes-validations'?: CelRuleSpec[];
}

export interface CelRuleSpec {
  rule?: string;
  message?: string;
  messageExpression?: string;
  fieldPath?: string;
  reason?: string;
  optionalOldSelf?: boolean;
}

export type JsonObject = Record<string, unknown>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Own property or undefined: a schema may name a field `constructor`. */
export function own<T>(object: Record<string, T> | undefined, key: string): T | undefined {
  return object !== undefined && Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Sets `key` even where it is `__proto__`, which plain assignment would swallow. */
export function setOwn(object: JsonObject, key: string, value: unknown): void {
  Object.defineProperty(object, key, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

/** The schema of a field, whether it is named or one of a map. */
export function fieldSchema(schema: StructuralSchema, key: string): StructuralSchema | undefined {
  const named = own(schema.properties, key);
  if (named !== undefined) return named;
  return isJsonObject(schema.additionalProperties)
    ? (schema.additionalProperties as StructuralSchema)
    : undefined;
}

export const childPath = (path: string, key: string): string =>
  path === '' ? key : `${path}.${key}`;
export const indexPath = (path: string, index: number): string => `${path}[${index}]`;
/** How Kubernetes names an entry of a map. */
export const keyPath = (path: string, key: string): string => `${path}[${key}]`;

/** Kubernetes writes the path of the whole object like this. */
export const rootPath = '<nil>';
