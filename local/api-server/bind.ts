// POST to pods/NAME/binding: a scheduler gives a pod its node, once.

import type { AnyObject } from './any-object.ts';
import { cloneJson, isMap } from './any-object.ts';
import { commitUpdate } from './commit-object.ts';
import { readNamed } from './get.ts';
import type { Answer, Call, ServerParts } from './server-parts.ts';
import { badRequest, conflict, internal, uidConflict } from './status-error.ts';
import type { StoredObject } from './storage.ts';
import { timestamp } from './timestamp.ts';
import { readDryRun } from './write-options.ts';

export function bindPod(parts: ServerParts, call: Call): Answer {
  const body = isMap(call.body) ? call.body : {};
  const target = isMap(body['target']) ? body['target'] : {};
  const node = target['name'];
  if (isMap(body['metadata']) && body['metadata']['name'] !== call.path.name) {
    throw badRequest('name in URL does not match name in Binding object');
  }
  if (typeof node !== 'string' || node === '') throw internal('target.name: Required value');
  const { kind = '' } = target;
  if (kind !== '' && kind !== 'Node') {
    throw internal(
      `target.kind: Unsupported value: ${JSON.stringify(kind)}: supported values: "Node", "<empty>"`,
    );
  }
  const current = readNamed(parts, call);
  const metadata = isMap(body['metadata']) ? body['metadata'] : {};
  refuseUnbindable(current, metadata['uid']);
  if (!readDryRun(call)) {
    const next = assign(current.object, node, timestamp(parts.clock.now()));
    commitUpdate(parts, current, next);
  }
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
  return { kind: 'object', status: 201, object: status };
}

function refuseUnbindable(current: StoredObject, uid: unknown): void {
  const pod = current.object;
  const { name, deletionTimestamp } = pod.metadata;
  const resource = '/pods';
  if (typeof uid === 'string' && uid !== '' && uid !== pod.metadata.uid) {
    throw uidConflict(current, uid);
  }
  if (deletionTimestamp !== undefined) {
    throw conflict(resource, name, `pod ${name} is being deleted, cannot be assigned to a host`);
  }
  const before = pod.spec?.['nodeName'];
  if (typeof before === 'string' && before !== '') {
    throw conflict(
      '/pods/binding',
      name,
      `pod ${name} is already assigned to node ${JSON.stringify(before)}`,
    );
  }
  const gates = pod.spec?.['schedulingGates'];
  if (Array.isArray(gates) && gates.length > 0) {
    throw conflict('/pods/binding', name, `pod ${name} has non-empty .spec.schedulingGates`);
  }
}

function assign(pod: AnyObject, node: string, now: string): AnyObject {
  const next = cloneJson(pod);
  (next.spec ??= {})['nodeName'] = node;
  const status = (next.status ??= {});
  const conditions = Array.isArray(status['conditions']) ? (status['conditions'] as unknown[]) : [];
  const others = conditions.filter((one) => !isMap(one) || one['type'] !== 'PodScheduled');
  const scheduled = { type: 'PodScheduled', status: 'True', lastTransitionTime: now };
  status['conditions'] = [...others, scheduled];
  return next;
}
