// PUT and PATCH of pods/NAME/resize: new container resources, with no restart, recorded in status.

import type { AnyObject } from './any-object.ts';
import { cloneJson, isMap } from './any-object.ts';
import { decodeObject } from './decode-object.ts';
import { readNamed } from './get.ts';
import { applyAnyPatch } from './patch.ts';
import type { Answer, Call, ServerParts } from './server-parts.ts';
import { answerStored } from './server-parts.ts';
import { invalid } from './status-error.ts';
import { commitUpdate } from './commit-object.ts';
import { replaceObject } from './update.ts';

interface WithContainers {
  containers?: { name: string; resources?: unknown; resizePolicy?: unknown }[];
}

export function resizePod(parts: ServerParts, call: Call): Answer {
  const current = readNamed(parts, call);
  const body = call.contentType?.includes('patch')
    ? applyAnyPatch(parts, call, current.object)
    : call.body;
  const asked = decodeObject({ ...call, body });
  const wanted = takeResources(call, current.object, asked);
  wanted.metadata.resourceVersion = asked.metadata.resourceVersion ?? '';
  const main: Call = { ...call, path: { ...call.path, subresource: undefined } };
  const answer = replaceObject(parts, main, current, wanted);
  const stored = readNamed(parts, call);
  if (stored.resourceVersion === current.resourceVersion) return answer;
  return answerStored(call, commitUpdate(parts, stored, recordResources(stored.object)));
}

/** The pod as it was with only container resources and resize policies of `asked`. */
function takeResources(call: Call, old: AnyObject, asked: AnyObject): AnyObject {
  const next = cloneJson(old);
  const containers = (next.spec as WithContainers | undefined)?.containers ?? [];
  const wanted = (asked.spec as WithContainers | undefined)?.containers ?? [];
  if (wanted.length !== containers.length)
    throw refuse(call, 'containers may not be added or removed');
  for (const container of containers) {
    const change = wanted.find((one) => one.name === container.name);
    if (change === undefined) throw refuse(call, 'containers may not be renamed or reordered');
    if (change.resources !== undefined) container.resources = change.resources;
    if (change.resizePolicy !== undefined) container.resizePolicy = change.resizePolicy;
  }
  return next;
}

function refuse(call: Call, why: string): Error {
  const cause = {
    reason: 'FieldValueForbidden',
    field: 'spec',
    message: `Forbidden: only cpu and memory resources are mutable: ${why}`,
  };
  return invalid(call.info, call.path.name ?? '', [cause]);
}

// Local pods are processes without limits, so what was asked for is at once what they have.
function recordResources(pod: AnyObject): AnyObject {
  const next = cloneJson(pod);
  const containers = (next.spec as WithContainers | undefined)?.containers ?? [];
  const statuses = next.status?.['containerStatuses'];
  for (const one of Array.isArray(statuses) ? (statuses as unknown[]) : []) {
    if (!isMap(one)) continue;
    const resources = containers.find((container) => container.name === one['name'])?.resources;
    if (!isMap(resources)) continue;
    one['resources'] = resources;
    if (isMap(resources['requests'])) one['allocatedResources'] = resources['requests'];
  }
  return next;
}
