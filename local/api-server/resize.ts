// PUT and PATCH of pods/NAME/resize: new container resources without a restart; the kubelet tells of them in status.

import type { AnyObject } from './any-object.ts';
import { cloneJson, equalJson } from './any-object.ts';
import { decodeObject } from './decode-object.ts';
import { readNamed } from './get.ts';
import { applyAnyPatch } from './patch.ts';
import type { Answer, Call, ServerParts } from './server-parts.ts';
import { answerStored } from './server-parts.ts';
import { invalid } from './status-error.ts';
import { validatePodResize } from './builtin/validate-pod-resize.ts';
import { commitUpdate } from './commit-object.ts';
import { checkVersion } from './update.ts';
import { readDryRun } from './write-options.ts';

interface WithContainers {
  containers?: { name: string; resources?: unknown; resizePolicy?: unknown }[];
}

export function resizePod(parts: ServerParts, call: Call): Answer {
  const current = readNamed(parts, call);
  const body = call.contentType?.includes('patch')
    ? applyAnyPatch(parts, call, current.object)
    : call.body;
  const asked = decodeObject({ ...call, body });
  checkVersion(current, asked);
  const next = takeResources(call, current.object, asked);
  // A limit without a request is a request, too.
  parts.rules.applyDefaults(call.info, next);
  // Without the old state: a plain update may not change resources, a resize may.
  const causes = [
    ...parts.rules.validate(call.info, next),
    ...validatePodResize(next.spec ?? {}, current.object.spec ?? {}),
  ];
  if (causes.length > 0) throw invalid(call.info, current.name, causes);
  if (equalJson(next, current.object)) return answerStored(call, current);
  next.metadata.generation = (next.metadata.generation ?? 0) + 1;
  if (readDryRun(call)) return { kind: 'object', status: 200, object: next, info: call.info };
  return answerStored(call, commitUpdate(parts, current, next));
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
