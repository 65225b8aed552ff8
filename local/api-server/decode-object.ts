// Takes the object out of a request's body and checks that it is the one the path names.

import type { AnyObject } from './any-object.ts';
import { cloneJson, isMap, setKey } from './any-object.ts';
import { apiVersionOf } from './resource-info.ts';
import type { ResourceInfo } from './resource-info.ts';
import type { Call } from './server-parts.ts';
import { badRequest } from './status-error.ts';

/** A copy that the verb may change. Fills apiVersion, kind and namespace where they are left out. */
export function decodeObject(call: Call): AnyObject {
  const { info, path } = call;
  const object = decodeKind(call.body, apiVersionOf(info), info.kind);
  checkNamespace(info, object, path.namespace);
  if (path.name !== undefined) checkName(object, path.name);
  return object;
}

/** A copy of an object of the given kind, which need not be the kind of the collection (a Scale, a review). */
export function decodeKind(body: unknown, apiVersion: string, kind: string): AnyObject {
  if (!isMap(body) && body !== null) throw badRequest(unrecognized(body, kind));
  const object = cloneJson(body ?? {}) as AnyObject;
  object.apiVersion ??= apiVersion;
  object.kind ??= kind;
  if (object.apiVersion !== apiVersion) {
    throw badRequest(
      `${object.kind} in version ${JSON.stringify(versionIn(object.apiVersion))} cannot be handled as a ${kind}: ` +
        `no kind ${JSON.stringify(object.kind)} is registered for version ${JSON.stringify(object.apiVersion)} in scheme "pkg/runtime/scheme.go:111"`,
    );
  }
  if (object.kind !== kind) {
    throw badRequest(
      `${object.kind} in version ${JSON.stringify(versionIn(apiVersion))} cannot be handled as a ${kind}: ` +
        `no kind ${JSON.stringify(object.kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/runtime/scheme.go:111"`,
    );
  }
  const metadata: unknown = object.metadata ?? {};
  if (!isMap(metadata)) throw badRequest('metadata must be an object');
  object.metadata = metadata as unknown as AnyObject['metadata'];
  checkMetadataTypes(metadata, { apiVersion, kind });
  return object;
}

function versionIn(apiVersion: string): string {
  return apiVersion.slice(apiVersion.lastIndexOf('/') + 1);
}

/** What a real server says of a body that is JSON, but no object. */
function unrecognized(body: unknown, kind: string): string {
  const head = `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: `;
  if (body === undefined) return `${head}unexpected end of JSON input (<empty>)`;
  const type = Array.isArray(body) ? 'array' : typeof body === 'boolean' ? 'bool' : typeof body;
  const target =
    'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';
  const bytes = Buffer.from(JSON.stringify(body)).toString('hex');
  return `${head}json: cannot unmarshal ${type} into Go value of type ${target} (${bytes})`;
}

interface Expected {
  readonly apiVersion: string;
  readonly kind: string;
}

// Everything later relies on these types, whatever the schema of the kind says. A null is an absent field.
function checkMetadataTypes(metadata: Record<string, unknown>, expected: Expected): void {
  const wrongType = (field: string, value: unknown): Error =>
    badRequest(
      `${expected.kind} in version ${JSON.stringify(versionIn(expected.apiVersion))} cannot be handled as a ${expected.kind}: ${describeType(field, value)}`,
    );
  checkTypes(metadata, wrongType);
}

type WrongType = (field: string, value: unknown) => Error;

function checkTypes(metadata: Record<string, unknown>, wrongType: WrongType): void {
  for (const field of Object.keys(metadata)) {
    // An empty list of managers is an order to forget them.
    const isNothing = field !== 'managedFields' && isEmpty(metadata[field]);
    if (metadata[field] === null || isNothing) delete metadata[field];
  }
  for (const field of ['name', 'generateName', 'namespace', 'uid', 'resourceVersion']) {
    const value = metadata[field];
    if (value !== undefined && typeof value !== 'string') throw wrongType(field, value);
  }
  for (const field of ['labels', 'annotations']) {
    checkTexts(field, metadata[field] ?? {}, wrongType);
  }
  for (const field of ['finalizers', 'ownerReferences']) {
    const value = metadata[field];
    if (value !== undefined && !Array.isArray(value)) throw wrongType(field, value);
  }
}

/** Kubernetes writes no empty list or map in metadata. */
function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function checkTexts(field: string, value: unknown, wrongType: WrongType): void {
  if (!isMap(value)) throw wrongType(field, value);
  for (const [key, one] of Object.entries(value)) {
    if (one === null) setKey(value, key, '');
    else if (typeof one !== 'string') throw wrongType(field, one);
  }
}

const goTypes: Readonly<Record<string, string>> = {
  finalizers: '[]string',
  ownerReferences: '[]v1.OwnerReference',
};

function describeType(field: string, value: unknown): string {
  const type = Array.isArray(value)
    ? 'array'
    : typeof value === 'boolean'
      ? 'bool'
      : value === null
        ? 'null'
        : typeof value;
  const isMapField = field === 'labels' || field === 'annotations';
  const isWholeMap = isMapField && (typeof value === 'string' || Array.isArray(value));
  const wanted = isWholeMap ? 'map[string]string' : (goTypes[field] ?? 'string');
  return `json: cannot unmarshal ${type} into Go struct field ObjectMeta.metadata.${field} of type ${wanted}`;
}

function checkNamespace(
  info: ResourceInfo,
  object: AnyObject,
  namespace: string | undefined,
): void {
  const { metadata } = object;
  if (!info.namespaced) {
    if (metadata.namespace !== undefined && metadata.namespace !== '') {
      throw badRequest('the namespace of the object may not be set: it is cluster-scoped');
    }
    delete metadata.namespace;
    return;
  }
  if (metadata.namespace === undefined || metadata.namespace === '') {
    if (namespace !== undefined) metadata.namespace = namespace;
  }
  if (metadata.namespace !== namespace) {
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
}

function checkName(object: AnyObject, name: string): void {
  const { metadata } = object;
  if (metadata.name === undefined || metadata.name === '') metadata.name = name;
  if (metadata.name === name) return;
  throw badRequest(
    `the name of the object (${metadata.name}) does not match the name on the URL (${name})`,
  );
}
