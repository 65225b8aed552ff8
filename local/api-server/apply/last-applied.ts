// The annotation of a client-side apply: what kubectl may take over from it, and keeping it up to date.

import type { AnyObject } from '../any-object.ts';
import { isMap } from '../any-object.ts';
import { apiVersionOf } from '../resource-info.ts';
import type { ResourceInfo } from '../resource-info.ts';
import { checkTyped } from './check-typed.ts';
import { compareTyped } from './compare-typed.ts';
import { hasPath, subtractSets } from './field-set.ts';
import { mergeTypeOf } from './kind-of-object.ts';
import { listFields } from './list-fields.ts';
import type { Conflict } from './own-fields.ts';

const annotation = 'kubectl.kubernetes.io/last-applied-configuration';
/** All annotations of an object together, in bytes, as Kubernetes bounds them. */
const annotationsBytesMax = 256 * 1024;

/** The conflicts that stay when kubectl takes over what its client-side apply wrote; undefined: it wrote nothing. */
export function allowedByLastApplied(
  info: ResourceInfo,
  live: AnyObject | undefined,
  comparableLive: unknown,
  conflicts: readonly Conflict[],
): Conflict[] | undefined {
  const last = readLastApplied(live);
  if (!isMap(last) || last['apiVersion'] !== apiVersionOf(info)) return undefined;
  const type = mergeTypeOf(info);
  try {
    checkTyped(type, last);
  } catch {
    return undefined;
  }
  // What differs from the live object since then isn't kubectl's any more.
  const { added, modified, removed } = compareTyped(type, last, comparableLive);
  const fields = [modified, added, removed].reduce(subtractSets, listFields(type, last));
  return conflicts.filter(({ path }) => !hasPath(fields, path));
}

function readLastApplied(live: AnyObject | undefined): unknown {
  const text = live?.metadata.annotations?.[annotation] ?? '';
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** kubectl's server-side apply keeps the annotation true as long as there is one. */
export function renewLastApplied(manager: string, object: AnyObject, config: AnyObject): void {
  // What an apply emptied is null until the object is decoded.
  const annotations = object.metadata.annotations as AnyObject['metadata']['annotations'] | null;
  if (manager !== 'kubectl' || !isMap(annotations)) return;
  if ((annotations[annotation] ?? '') === '') return;
  annotations[annotation] = `${JSON.stringify(sortKeys(withoutAnnotation(config)))}\n`;
  const bytes = Object.entries(annotations).map(
    ([key, one]) => key.length + Buffer.byteLength(one),
  );
  if (bytes.reduce((sum, one) => sum + one, 0) > annotationsBytesMax)
    delete annotations[annotation];
}

function withoutAnnotation(config: AnyObject): object {
  const { annotations } = config.metadata;
  if (annotations === undefined) return config;
  const { [annotation]: _last, ...rest } = annotations;
  return { ...config, metadata: { ...config.metadata, annotations: rest } };
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sortKeys(value[key])]),
  );
}
