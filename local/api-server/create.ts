// POST to a collection.

import { randomInt, randomUUID } from 'node:crypto';
import { admitObject } from './admit-object.ts';
import type { AnyObject } from './any-object.ts';
import { commitCreate } from './commit-object.ts';
import { decodeObject } from './decode-object.ts';
import type { ResourceInfo } from './resource-info.ts';
import { definitionsKey } from './resource-registry.ts';
import type { Answer, Call, ServerParts } from './server-parts.ts';
import { answerStored, storageKey } from './server-parts.ts';
import { alreadyExists, forbidden, internal, notFound } from './status-error.ts';
import { timestamp } from './timestamp.ts';
import { checkManagerOptions, readDryRun } from './write-options.ts';

/** Characters of generated names: no vowels, no look-alikes, as Kubernetes has them. */
const nameCharacters = 'bcdfghjklmnpqrstvwxz2456789';
const nameSuffixLength = 5;
const nameBaseLengthMax = 58;
const nameTriesMax = 8;

export function createObject(parts: ServerParts, call: Call): Answer {
  checkManagerOptions(call, 'CreateOptions', false);
  return createDecoded(parts, call, decodeObject(call));
}

/** Creates `object`, which is changed. */
export function createDecoded(parts: ServerParts, call: Call, object: AnyObject): Answer {
  const { info } = call;
  const isDryRun = readDryRun(call);
  fillName(parts, info, object);
  checkNamespaceIsOpen(parts, info, object);
  checkDefinitionStays(parts, info, object);
  fillMetadata(parts, info, object);
  if (info.subresources.includes('status') && !keepsStatus(info)) delete object.status;
  const warnings = admitObject(parts, call, object);
  const key = storageKey(info);
  const { namespace = '', name } = object.metadata;
  if (parts.storage.get(key, namespace, name) !== undefined) throw alreadyExists(key, name);
  if (isDryRun) return { kind: 'object', status: 201, object, info, warnings };
  return answerStored(call, commitCreate(parts, key, object), { status: 201, warnings });
}

// A kubelet registers its node with its status in one request.
function keepsStatus(info: ResourceInfo): boolean {
  return info.group === '' && info.plural === 'nodes';
}

function fillName(parts: ServerParts, info: ResourceInfo, object: AnyObject): void {
  const { metadata } = object;
  const base = metadata.generateName ?? '';
  if ((metadata.name ?? '') !== '' || base === '') return;
  for (let tries = 0; tries < nameTriesMax; tries += 1) {
    metadata.name = base.slice(0, nameBaseLengthMax) + randomSuffix();
    const taken = parts.storage.get(storageKey(info), metadata.namespace ?? '', metadata.name);
    if (taken === undefined) return;
  }
  throw alreadyExists(storageKey(info), metadata.name);
}

function randomSuffix(): string {
  let suffix = '';
  for (let at = 0; at < nameSuffixLength; at += 1) {
    suffix += nameCharacters[randomInt(nameCharacters.length)];
  }
  return suffix;
}

function checkNamespaceIsOpen(parts: ServerParts, info: ResourceInfo, object: AnyObject): void {
  if (!info.namespaced) return;
  const { namespace = '', name } = object.metadata;
  const stored = parts.storage.get('/namespaces', '', namespace);
  if (stored === undefined) throw notFound('/namespaces', namespace);
  if (stored.object.metadata.deletionTimestamp === undefined) return;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  throw forbidden(storageKey(info), name, why, [
    {
      reason: 'NamespaceTerminating',
      message: `namespace ${namespace} is being terminated`,
      field: 'metadata.namespace',
    },
  ]);
}

/** A definition that is going waits for its objects: new ones would keep it for ever. */
function checkDefinitionStays(parts: ServerParts, info: ResourceInfo, object: AnyObject): void {
  if (!info.isCustom) return;
  const definition = parts.storage.get(definitionsKey, '', `${info.plural}.${info.group}`);
  if (definition?.object.metadata.deletionTimestamp === undefined) return;
  const why = 'create not allowed while custom resource definition is terminating';
  throw forbidden(storageKey(info), object.metadata.name, why);
}

function fillMetadata(parts: ServerParts, info: ResourceInfo, object: AnyObject): void {
  const { metadata } = object;
  if ((metadata.resourceVersion ?? '') !== '') {
    throw internal('resourceVersion should not be set on objects to be created');
  }
  metadata.uid = randomUUID();
  metadata.creationTimestamp = timestamp(parts.clock.now());
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  if (info.hasGeneration) metadata.generation = 1;
  else delete metadata.generation;
}
