// Takes the object out of a request's body and checks that it is the one the path names.

import type { AnyObject } from './any-object.ts';
import { cloneJson, isMap } from './any-object.ts';
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
  if (!isMap(body)) throw badRequest('the body of the request is not an object');
  const object = cloneJson(body) as AnyObject;
  object.apiVersion ??= apiVersion;
  object.kind ??= kind;
  if (object.apiVersion !== apiVersion) {
    throw badRequest(
      `the API version in the data (${String(object.apiVersion)}) does not match the expected API version (${apiVersion})`,
    );
  }
  if (object.kind !== kind) {
    throw badRequest(
      `the kind in the data (${String(object.kind)}) does not match the expected kind (${kind})`,
    );
  }
  const metadata: unknown = object.metadata ?? {};
  if (!isMap(metadata)) throw badRequest('metadata must be an object');
  object.metadata = metadata as unknown as AnyObject['metadata'];
  checkMetadataTypes(metadata);
  return object;
}

// Everything later relies on these types, whatever the schema of the kind says. A null is an absent field.
function checkMetadataTypes(metadata: Record<string, unknown>): void {
  for (const field of Object.keys(metadata)) if (metadata[field] === null) delete metadata[field];
  for (const field of ['name', 'generateName', 'namespace', 'uid', 'resourceVersion']) {
    const value = metadata[field];
    if (value !== undefined && typeof value !== 'string') throw wrongType(field, value);
  }
  for (const field of ['labels', 'annotations']) checkTexts(field, metadata[field] ?? {});
  for (const field of ['finalizers', 'ownerReferences']) {
    const value = metadata[field];
    if (value !== undefined && !Array.isArray(value)) throw wrongType(field, value);
  }
}

function checkTexts(field: string, value: unknown): void {
  if (!isMap(value)) throw wrongType(field, value);
  for (const [key, one] of Object.entries(value)) {
    if (typeof one !== 'string') throw wrongType(`${field}.${key}`, one);
  }
}

function wrongType(field: string, value: unknown): Error {
  const type = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  const wanted =
    field.startsWith('labels') || field.startsWith('annotations') ? 'map[string]string' : 'string';
  return badRequest(
    `json: cannot unmarshal ${type} into Go struct field ObjectMeta.metadata.${field} of type ${wanted}`,
  );
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
