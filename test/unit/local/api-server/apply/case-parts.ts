// What the cases of apply are made of: requests, and objects with little in them.

export type Json = Record<string, unknown>;

export interface Step {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'GET' | 'DELETE';
  /** With its query; a namespace in place of `{ns}`: `/api/v1/namespaces/{ns}/configmaps/a?force=true`. */
  readonly path: string;
  readonly type?: 'apply' | 'merge' | 'json' | 'strategic';
  readonly agent?: string;
  readonly body?: unknown;
}

export interface Case {
  readonly name: string;
  readonly steps: readonly Step[];
}

export const core = '/api/v1/namespaces/{ns}';
export const apps = '/apis/apps/v1/namespaces/{ns}';
export const custom = '/apis/apply.rouse.test/v1/namespaces/{ns}/things';
export const other = '/apis/apply.rouse.test/v2/namespaces/{ns}/things';

export const configMap = (name: string, data?: Json, more: Json = {}): Json => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...more },
  ...(data && { data }),
});
export const thing = (name: string, spec?: Json, more: Json = {}): Json => ({
  apiVersion: 'apply.rouse.test/v1',
  kind: 'Thing',
  metadata: { name },
  ...(spec && { spec }),
  ...more,
});
export const container = (more: Json = {}): Json => ({ name: 'web', image: 'a:1', ...more });
export const deployment = (name: string, containers: Json[], spec: Json = {}): Json => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers } },
    ...spec,
  },
});
export const service = (name: string, ports: Json[], spec: Json = {}): Json => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { selector: { app: 'a' }, ports, ...spec },
});

export function apply(root: string, object: Json, query = 'fieldManager=one', part = ''): Step {
  const { name } = object['metadata'] as { name: string };
  return { method: 'PATCH', path: `${root}/${name}${part}?${query}`, type: 'apply', body: object };
}
export const cm = (object: Json, query?: string): Step =>
  apply(`${core}/configmaps`, object, query);
export const deploy = (object: Json, query?: string): Step =>
  apply(`${apps}/deployments`, object, query);
export const svc = (object: Json, query?: string): Step => apply(`${core}/services`, object, query);
export const things = (object: Json, query?: string, part?: string): Step =>
  apply(custom, object, query, part);
export const get = (path: string): Step => ({ method: 'GET', path });
export const create = (root: string, body: Json, query = 'fieldManager=maker'): Step => ({
  method: 'POST',
  path: `${root}?${query}`,
  body,
});
export const patch = (path: string, type: Step['type'] & string, body: unknown): Step => ({
  method: 'PATCH',
  path,
  type,
  body,
});
export const two = 'fieldManager=two';
export const maps = `${core}/configmaps`;
export const deployments = `${apps}/deployments`;

export const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
