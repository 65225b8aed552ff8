// GET, PUT and PATCH of the scale subresource: how many replicas there should be.

import { isApply } from './apply/apply-object.ts';
import { applyToScale, takeScaleOwners, trackScale, withScaleOwners } from './apply/track-scale.ts';
import type { AnyObject } from './any-object.ts';
import { cloneJson, isMap, setKey } from './any-object.ts';
import { decodeKind } from './decode-object.ts';
import { readNamed } from './get.ts';
import { applyAnyPatch } from './patch.ts';
import { badPatchResult } from './patch-errors.ts';
import type { ResourceInfo, ScalePaths } from './resource-info.ts';
import type { Answer, Call, ServerParts } from './server-parts.ts';
import { badRequest, invalid } from './status-error.ts';
import { replaceObject } from './update.ts';
import { checkManagerOptions } from './write-options.ts';

const builtinPaths: ScalePaths = {
  specReplicasPath: '.spec.replicas',
  statusReplicasPath: '.status.replicas',
};

export function getScale(parts: ServerParts, call: Call): Answer {
  const scale = buildScale(call.info, readNamed(parts, call).object);
  return { kind: 'object', status: 200, object: scale };
}

export function updateScale(parts: ServerParts, call: Call): Answer {
  checkManagerOptions(call, 'UpdateOptions', false);
  return putScale(parts, call, call.body);
}

export function patchScale(parts: ServerParts, call: Call): Answer {
  checkManagerOptions(call, 'PatchOptions', isApply(call));
  const { object } = readNamed(parts, call);
  const scale = buildScale(call.info, object);
  if (isApply(call)) {
    const live = withScaleOwners(parts, call, scale, object);
    return putScale(parts, call, applyToScale(parts, call, live));
  }
  // A strategic merge of a Scale is a plain merge: it has no lists.
  const isStrategic = call.contentType?.startsWith('application/strategic-merge-patch+json');
  const contentType = isStrategic === true ? 'application/merge-patch+json' : call.contentType;
  const patched = applyAnyPatch(parts, { ...call, contentType }, scale);
  const show = (): string => JSON.stringify(patched);
  return putScale(parts, { ...call, patched: { isStrategic: false, show } }, patched);
}

function putScale(parts: ServerParts, call: Call, body: unknown): Answer {
  const { info } = call;
  const current = readNamed(parts, call);
  const scale = decodeKind(body, 'autoscaling/v1', 'Scale');
  const { resourceVersion = '', uid = '' } = scale.metadata;
  const name = scale.metadata.name || current.name;
  if (name !== current.name) {
    throw badRequest(
      `the name of the object (${name}) does not match the name on the URL (${current.name})`,
    );
  }
  const replicas = readReplicas(call, scale);
  const wanted = cloneJson(current.object);
  // The caller's version, if it gave one, is what makes two writers collide instead of overwriting each other.
  wanted.metadata.resourceVersion =
    resourceVersion === '' ? String(current.resourceVersion) : resourceVersion;
  if (uid !== '') wanted.metadata.uid = uid;
  writePath(wanted, pathsOf(info).specReplicasPath, replicas);
  const live = withScaleOwners(parts, call, buildScale(info, current.object), current.object);
  const owned = isApply(call) ? scale : trackScale(parts, call, live, scale);
  takeScaleOwners(parts, call, owned, { current, wanted });
  const path = { ...call.path, subresource: undefined };
  const main: Call = { ...call, path, areOwnersGiven: true };
  const answer = replaceObject(parts, main, current, wanted);
  const object = answer.kind === 'object' ? (answer.object as AnyObject) : wanted;
  return { kind: 'object', status: 200, object: buildScale(info, object) };
}

function readReplicas(call: Call, scale: AnyObject): number {
  const replicas = scale.spec?.['replicas'] ?? 0;
  if (typeof replicas === 'number' && Number.isInteger(replicas) && replicas >= 0) return replicas;
  if (typeof replicas !== 'number') {
    const why = `json: cannot unmarshal ${typeof replicas} into Go struct field ScaleSpec.spec.replicas of type int32`;
    if (call.patched !== undefined) throw badPatchResult(call.patched.show(), why);
    throw badRequest(`Scale in version "v1" cannot be handled as a Scale: ${why}`);
  }
  const message = `Invalid value: ${JSON.stringify(replicas)}: must be greater than or equal to 0`;
  const cause = { reason: 'FieldValueInvalid', field: 'spec.replicas', message };
  throw invalid({ group: 'autoscaling', kind: 'Scale' }, call.path.name, [cause]);
}

function pathsOf(info: ResourceInfo): ScalePaths {
  return info.scale ?? builtinPaths;
}

function buildScale(info: ResourceInfo, object: AnyObject): object {
  const paths = pathsOf(info);
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = readPath(object, paths.specReplicasPath) ?? 0;
  const selector = info.isCustom
    ? readPath(object, paths.labelSelectorPath)
    : writeSelector(object.spec?.['selector']);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    // None is left out, as a zero of Go is.
    spec: replicas === 0 ? {} : { replicas },
    status: {
      replicas: readPath(object, paths.statusReplicasPath) ?? 0,
      ...(typeof selector === 'string' && selector !== '' ? { selector } : {}),
    },
  };
}

function readPath(object: unknown, path: string | undefined): unknown {
  if (path === undefined) return undefined;
  let value = object;
  for (const step of path.split('.').filter((one) => one !== '')) {
    if (!isMap(value)) return undefined;
    value = Object.hasOwn(value, step) ? value[step] : undefined;
  }
  return value;
}

function writePath(object: AnyObject, path: string, value: unknown): void {
  const steps = path.split('.').filter((one) => one !== '');
  const last = steps.pop() ?? '';
  let target: Record<string, unknown> = object;
  for (const step of steps) {
    const inner = Object.hasOwn(target, step) ? target[step] : undefined;
    const next = isMap(inner) ? inner : {};
    setKey(target, step, next);
    target = next;
  }
  setKey(target, last, value);
}

/** A label selector as text: `app=hello,tier in (a,b)`. */
function writeSelector(selector: unknown): string {
  if (!isMap(selector)) return '';
  const isPlain = !isMap(selector['matchLabels']) && !Array.isArray(selector['matchExpressions']);
  const labels = isPlain ? selector : ((selector['matchLabels'] ?? {}) as Record<string, unknown>);
  const terms = Object.entries(labels).map(([key, value]) => `${key}=${String(value)}`);
  const expressions = (selector['matchExpressions'] ?? []) as {
    key: string;
    operator: string;
    values?: string[];
  }[];
  for (const { key, operator, values = [] } of isPlain ? [] : expressions) {
    if (operator === 'Exists') terms.push(key);
    else if (operator === 'DoesNotExist') terms.push(`!${key}`);
    else terms.push(`${key} ${operator.toLowerCase()} (${values.join(',')})`);
  }
  // By key alone: what was said first of a key comes first.
  const keyOf = (term: string): string => /^!?([^=\s]+)/.exec(term)?.[1] ?? term;
  return terms.sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1)).join(',');
}
