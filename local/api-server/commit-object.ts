// The three ways the storage changes, each with what has to follow at once: known collections, cluster IPs, cleanup.

import { randomUUID } from 'node:crypto';
import type { AnyObject } from './any-object.ts';
import { cloneJson } from './any-object.ts';
import { definitionsKey } from './resource-registry.ts';
import type { ServerParts } from './server-parts.ts';
import type { StoredObject } from './storage.ts';
import { timestamp } from './timestamp.ts';

/** Holds a CustomResourceDefinition until its last object is gone. */
export const definitionFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

export function commitCreate(parts: ServerParts, key: string, object: AnyObject): StoredObject {
  const stored = parts.storage.create(key, object);
  if (key === '/services') parts.clusterIps.keep(object);
  else if (key === definitionsKey) parts.registry.reload();
  else if (key === '/namespaces') createDefaultAccount(parts, object.metadata.name);
  return stored;
}

export function commitUpdate(
  parts: ServerParts,
  current: StoredObject,
  object: AnyObject,
): StoredObject {
  const stored = parts.storage.update(current, object);
  if (current.resource === '/services') parts.clusterIps.keep(object);
  else if (current.resource === definitionsKey) parts.registry.reload();
  return stored;
}

export function commitRemove(
  parts: ServerParts,
  current: StoredObject,
  object: AnyObject,
): StoredObject {
  const stored = parts.storage.remove(current, object);
  if (current.resource === '/services') parts.clusterIps.release(object);
  else if (current.resource === definitionsKey) parts.registry.reload();
  else finishDefinition(parts, current.resource);
  return stored;
}

// A real cluster's controllers make it a moment later; nothing should have to wait for it here.
function createDefaultAccount(parts: ServerParts, namespace: string): void {
  if (parts.storage.get('/serviceaccounts', namespace, 'default') !== undefined) return;
  parts.storage.create('/serviceaccounts', {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: {
      name: 'default',
      namespace,
      uid: randomUUID(),
      creationTimestamp: timestamp(parts.clock.now()),
    },
  });
}

/** Lets a definition that is being deleted go when its last object has gone. */
export function finishDefinition(parts: ServerParts, key: string): void {
  const slash = key.indexOf('/');
  const name = `${key.slice(slash + 1)}.${key.slice(0, slash)}`;
  const definition = parts.storage.get(definitionsKey, '', name);
  if (definition?.object.metadata.deletionTimestamp === undefined) return;
  if (parts.storage.count(key) > 0) return;
  const object = cloneJson(definition.object);
  const finalizers = (object.metadata.finalizers ?? []).filter(
    (one) => one !== definitionFinalizer,
  );
  object.metadata.finalizers = finalizers;
  if (finalizers.length === 0) commitRemove(parts, definition, object);
  else commitUpdate(parts, definition, object);
}
