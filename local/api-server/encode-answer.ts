// Turns an answer into the form the caller asked for: the objects themselves, a Table, or metadata only.

import type { AnyObject } from './any-object.ts';
import type { AcceptedForm } from './parse-accept.ts';
import { apiVersionOf } from './resource-info.ts';
import type { ResourceInfo } from './resource-info.ts';
import type { ListAnswer, ObjectAnswer } from './server-parts.ts';
import type { StoredObject } from './storage.ts';

export type IncludeObject = 'None' | 'Metadata' | 'Object';

export type BuildTable = (
  info: ResourceInfo,
  objects: AnyObject[],
  options: { nowMs: number; includeObject: IncludeObject },
) => object;

export interface Encoding {
  readonly form: AcceptedForm;
  readonly includeObject: IncludeObject;
  readonly nowMs: number;
  readonly buildTable: BuildTable;
}

/** An object kept in another version of its group is handed out in the one that was asked for. */
export function inVersion(info: ResourceInfo, object: AnyObject): AnyObject {
  if (info.hasOtherVersions !== true) return object;
  const apiVersion = apiVersionOf(info);
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
}

export function buildList(answer: ListAnswer): object {
  const { info, items, metadata } = answer;
  return {
    kind: info.listKind,
    apiVersion: apiVersionOf(info),
    metadata,
    items: items.map((one) => itemOf(info, one.object)),
  };
}

// A list of a built-in kind says the kind once; items of a custom one repeat it, as on a real server.
function itemOf(info: ResourceInfo, object: AnyObject): object {
  if (info.isCustom) return inVersion(info, object);
  const { apiVersion: _apiVersion, kind: _kind, ...item } = object;
  return item;
}

export function isMetadata({ form }: Encoding): boolean {
  return form === 'metadata' || form === 'metadata-list';
}

export function buildBookmark(
  info: ResourceInfo,
  resourceVersion: number,
  isInitialEnd: boolean,
): object {
  const annotations = { 'k8s.io/initial-events-end': 'true' };
  return {
    kind: info.kind,
    apiVersion: apiVersionOf(info),
    metadata: {
      resourceVersion: String(resourceVersion),
      ...(isInitialEnd ? { annotations } : {}),
    },
  };
}

export function encodeList(answer: ListAnswer, encoding: Encoding): string {
  const { info, items, metadata } = answer;
  if (encoding.form === 'table') {
    const objects = items.map((one) => inVersion(info, one.object));
    return JSON.stringify(tableOf(info, objects, encoding, metadata));
  }
  if (isMetadata(encoding)) {
    const list = {
      kind: 'PartialObjectMetadataList',
      apiVersion: 'meta.k8s.io/v1',
      metadata,
      items: items.map((one) => partialOf(one.object)),
    };
    return JSON.stringify(list);
  }
  const head = JSON.stringify({ kind: info.listKind, apiVersion: apiVersionOf(info), metadata });
  // What is stored is JSON already; a list of it needs no parsing.
  const texts = items.map((one) =>
    info.isCustom ? storedJson(info, one) : storedItemJson(info, one),
  );
  return `${head.slice(0, -1)},"items":[${texts.join(',')}]}`;
}

export function encodeObject(answer: ObjectAnswer, encoding: Encoding): string {
  const { info, object } = answer;
  if (info === undefined || !isOfKind(info, object)) return answer.json ?? JSON.stringify(object);
  const one = inVersion(info, object as AnyObject);
  if (encoding.form === 'table') {
    const { resourceVersion = '' } = one.metadata;
    return JSON.stringify(tableOf(info, [one], encoding, { resourceVersion }));
  }
  if (isMetadata(encoding)) return JSON.stringify(partialOf(one));
  return one === object ? (answer.json ?? JSON.stringify(one)) : JSON.stringify(one);
}

function isOfKind(info: ResourceInfo, object: unknown): boolean {
  return (object as { kind?: unknown }).kind === info.kind;
}

/** One event of a watch, as JSON. `isFirst`: a Table says its columns once. */
export function encodeWatchObject(
  info: ResourceInfo,
  stored: StoredObject,
  encoding: Encoding,
  isFirst: boolean,
): string {
  if (isMetadata(encoding)) return JSON.stringify(partialOf(stored.object));
  if (encoding.form === 'json') return storedJson(info, stored);
  const metadata = { resourceVersion: String(stored.resourceVersion) };
  const table = tableOf(info, [inVersion(info, stored.object)], encoding, metadata);
  return JSON.stringify(isFirst ? table : { ...table, columnDefinitions: [] });
}

const kindInFront =
  /^\{(?:"apiVersion":"[^"]*","kind":"[^"]*"|"kind":"[^"]*","apiVersion":"[^"]*"),(?=")/;

function storedItemJson(info: ResourceInfo, stored: StoredObject): string {
  if (kindInFront.test(stored.json)) return stored.json.replace(kindInFront, '{');
  return JSON.stringify(itemOf(info, stored.object));
}

function storedJson(info: ResourceInfo, stored: StoredObject): string {
  if (info.hasOtherVersions !== true) return stored.json;
  const one = inVersion(info, stored.object);
  return one === stored.object ? stored.json : JSON.stringify(one);
}

function tableOf(
  info: ResourceInfo,
  objects: AnyObject[],
  encoding: Encoding,
  metadata: object,
): object {
  const { nowMs, includeObject } = encoding;
  return { ...encoding.buildTable(info, objects, { nowMs, includeObject }), metadata };
}

function partialOf(object: AnyObject): object {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: object.metadata,
  };
}
