// What label and field selectors can see of an object, small enough to keep beside each change.

export interface Selectable {
  readonly labels: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, string>>;
}

const everywhere = ['metadata.name', 'metadata.namespace'];

const fieldsByResource: Readonly<Record<string, readonly string[]>> = {
  '/pods': [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
  '/events': [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
  'events.k8s.io/events': [
    'regarding.kind',
    'regarding.namespace',
    'regarding.name',
    'regarding.uid',
    'regarding.apiVersion',
    'regarding.resourceVersion',
    'regarding.fieldPath',
    'reason',
    'reportingController',
    'type',
  ],
  '/secrets': ['type'],
  '/namespaces': ['status.phase'],
  '/nodes': ['spec.unschedulable'],
  '/services': ['spec.clusterIP', 'spec.type'],
  '/replicationcontrollers': ['status.replicas'],
  'apps/replicasets': ['status.replicas'],
  'batch/jobs': ['status.successful'],
};

/** Field labels that a selector may use on this resource. */
export function pickFieldLabels(resource: string): readonly string[] {
  return [...everywhere, ...(fieldsByResource[resource] ?? [])];
}

/** Whether the kind has a list of its own; the others share one, and one sentence for what is not in it. */
export function hasOwnFields(resource: string): boolean {
  return Object.hasOwn(fieldsByResource, resource);
}

export function buildSelectable(resource: string, object: object): Selectable {
  const fields: Record<string, string> = {};
  for (const path of everywhere) fields[path] = readField(object, path);
  for (const path of fieldsByResource[resource] ?? []) {
    const value = path === 'source' ? readEventSource(object) : readField(object, path);
    if (value !== '') fields[path] = value;
  }
  const labels = (object as { metadata?: { labels?: Record<string, string> } }).metadata?.labels;
  return { labels: labels ?? {}, fields };
}

function readEventSource(object: object): string {
  const component = readField(object, 'source.component');
  return component === '' ? readField(object, 'reportingComponent') : component;
}

/** A missing field is the empty string (false for a boolean is `false`), as selectors see it. */
function readField(object: object, path: string): string {
  let value: unknown = object;
  for (const step of path.split('.')) {
    if (typeof value !== 'object' || value === null) return '';
    value = (value as Record<string, unknown>)[step];
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : '';
}
