// What every created or changed object goes through before it is kept: unknown fields, defaults, hooks, validation.

import type { AnyObject } from './any-object.ts';
import { admitPod } from './admit-pod.ts';
import { buildDefinitionStatus } from './build-custom-resources.ts';
import type { Cause } from './cause.ts';
import { definitionsKey } from './resource-registry.ts';
import type { Call, Operation, ServerParts } from './server-parts.ts';
import { storageKey } from './server-parts.ts';
import { asStrategicError, badPatchResult } from './patch-errors.ts';
import { badRequest, invalid, StatusError } from './status-error.ts';
import { trackUpdate, writeOf } from './apply/field-manager.ts';
import { timestamp } from './timestamp.ts';
import { validateMetadata } from './validate-metadata.ts';
import { readFieldValidation } from './write-options.ts';

/** Changes `object` in place; returns warnings. Throws 400 for unknown fields where asked to, 422 if it is invalid. */
export function admitObject(
  parts: ServerParts,
  call: Call,
  object: AnyObject,
  old?: AnyObject,
): string[] {
  const { info } = call;
  const operation: Operation = old === undefined ? 'CREATE' : 'UPDATE';
  const warnings = checkFields(parts, call, object);
  parts.rules.applyDefaults(info, object, call.nulls);
  dropEmptyMetadata(object);
  labelNamespace(call, object, old);
  // What the server fills in after this has no owner: so it is in Kubernetes, too.
  if (call.areOwnersGiven !== true) trackUpdate(writeOf(parts, call), old, object);
  fillByServer(parts, call, object, old);
  // A status says what is, not what should be: nobody has a say in it.
  const hooks = call.path.subresource === 'status' ? [] : parts.admit;
  for (const admit of hooks) admit(object, operation, info);
  const causes = uniqueCauses([
    ...validateMetadata(info, object, old),
    ...parts.rules.validate(info, object, old),
  ]);
  if (causes.length === 0 && storageKey(info) === '/services') {
    causes.push(...parts.clusterIps.findCauses(object));
  }
  if (causes.length > 0) {
    const { group = info.group, kind } = { group: info.view?.refusedGroup, kind: info.kind };
    throw new StatusError(invalid({ group, kind }, object.metadata.name, causes).status, warnings);
  }
  return warnings;
}

/** Kubernetes keeps none of these empty, whatever the kind. */
function dropEmptyMetadata({ metadata }: AnyObject): void {
  for (const field of ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const) {
    const value = metadata[field];
    if (value !== undefined && Object.keys(value).length === 0) delete metadata[field];
  }
}

function labelNamespace(call: Call, object: AnyObject, old: AnyObject | undefined): void {
  if (storageKey(call.info) !== '/namespaces' || old !== undefined) return;
  const { labels, name } = object.metadata;
  object.metadata.labels = { ...labels, 'kubernetes.io/metadata.name': name };
}

function uniqueCauses(causes: Cause[]): Cause[] {
  const seen = new Set<string>();
  return causes.filter((one) => {
    const key = `${one.field}\n${one.message}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function checkFields(parts: ServerParts, call: Call, object: AnyObject): string[] {
  const validation = readFieldValidation(call);
  const typeError = parts.rules.findTypeError(call.info, object);
  if (typeError !== undefined) throw refuseFields(call, typeError);
  const unknown = parts.rules.prune(call.info, object);
  if (validation === 'Ignore') return [];
  const texts = [
    ...(call.duplicates ?? []).map((path) => `duplicate field ${JSON.stringify(path)}`),
    ...unknown.map((path) => `unknown field ${JSON.stringify(path)}`),
  ];
  if (validation === 'Warn' || texts.length === 0) return texts;
  throw refuseFields(call, `strict decoding error: ${texts.join(', ')}`);
}

function refuseFields({ info, patched }: Call, why: string): Error {
  if (patched !== undefined) {
    return badPatchResult(patched.show(), patched.isStrategic ? asStrategicError(why) : why);
  }
  const { kind, version } = info;
  return badRequest(
    `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${why}`,
  );
}

// What a real cluster's server and its built-in controllers fill in because it needs more than the object itself.
function fillByServer(
  parts: ServerParts,
  call: Call,
  object: AnyObject,
  old: AnyObject | undefined,
): void {
  const key = storageKey(call.info);
  if (key === '/pods' && old === undefined) {
    admitPod(object);
  } else if (key === '/services') {
    parts.clusterIps.assign(object, old);
  } else if (key === definitionsKey && Array.isArray(object.spec?.['versions'])) {
    object.status = buildDefinitionStatus(object, timestamp(parts.clock.now()));
  } else if (key === '/namespaces' && old === undefined) {
    (object.spec ??= {})['finalizers'] ??= ['kubernetes'];
    object.status = { phase: 'Active' };
  }
}
