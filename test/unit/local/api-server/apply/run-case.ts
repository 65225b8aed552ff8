// Runs a case against a server and keeps of its answers what doesn't depend on time, chance and other controllers.

import type { Case, Step } from './case-parts.ts';

export interface Sent {
  readonly method: Step['method'];
  readonly path: string;
  readonly contentType: string;
  readonly userAgent: string;
  readonly body: unknown;
}

export type Send = (sent: Sent) => Promise<{ code: number; body: unknown }>;

type Json = Record<string, unknown>;

const contentTypes = {
  apply: 'application/apply-patch+yaml',
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const;

export async function runCase(one: Case, namespace: string, send: Send): Promise<Json[]> {
  const answers: Json[] = [];
  const versions = new Map<string, string>();
  for (const step of one.steps) {
    const { code, body } = await send({
      method: step.method,
      path: step.path.replace('{ns}', namespace),
      contentType: step.type === undefined ? 'application/json' : contentTypes[step.type],
      userAgent: step.agent ?? 'tester/1',
      body: step.body,
    });
    answers.push(keep(code, body as Json, versions));
  }
  return JSON.parse(JSON.stringify(answers).replaceAll(namespace, '{ns}')) as Json[];
}

function keep(code: number, body: Json, versions: Map<string, string>): Json {
  if (body['kind'] === 'Status') {
    const { message, reason, details } = body;
    return code < 300 ? { code } : { code, message, reason, details: sortCauses(details) };
  }
  const { kind, metadata, data, spec, status } = body as Json & { kind: string; metadata: Json };
  const name = `${kind}/${String(metadata['name'])}`;
  const version = String(metadata['resourceVersion']);
  const isSame = versions.get(name) === version;
  versions.set(name, version);
  // Kubernetes' own controllers write to these at any time.
  const isAlone = kind !== 'Deployment' && kind !== 'Scale';
  return {
    code,
    ...(isAlone && { version: isSame ? 'same' : 'new' }),
    ...keepMetadata(metadata),
    data,
    spec: keepSpec(kind, spec as Json | undefined),
    ...(isAlone && kind !== 'Service' && { status }),
  };
}

// Kubernetes lists the causes of several owners in any order.
function sortCauses(details: unknown): unknown {
  const { causes, ...rest } = (details ?? {}) as { causes?: object[] };
  if (causes === undefined) return details;
  const sorted = causes.toSorted((left, right) =>
    JSON.stringify(left) < JSON.stringify(right) ? -1 : 1,
  );
  return { ...rest, causes: sorted };
}

function keepSpec(kind: string, spec: Json | undefined): unknown {
  if (kind === 'Deployment') return withoutZeros(spec);
  const { clusterIP: _ip, clusterIPs: _ips, ...rest } = spec ?? {};
  return kind === 'Service' ? rest : spec;
}

// Kubernetes keeps no optional field that is zero; the local server keeps what it was sent.
function withoutZeros(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutZeros);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(
    ([, one]) => one !== 0 && one !== '' && !isOff(one) && !isEmptyList(one),
  );
  return Object.fromEntries(entries.map(([key, one]) => [key, withoutZeros(one)]));
}

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
const isOff = (value: unknown): boolean => value === false;

function keepMetadata(metadata: Json): Json {
  const { labels, finalizers, generation } = metadata;
  const owners = metadata['ownerReferences'];
  const { 'deployment.kubernetes.io/revision': _revision, ...annotations } = (metadata[
    'annotations'
  ] ?? {}) as Json;
  const entries = (metadata['managedFields'] ?? []) as Json[];
  return {
    labels,
    annotations,
    finalizers,
    generation,
    ...(owners !== undefined && { ownerReferences: owners }),
    managedFields: entries
      .filter(({ manager }) => manager !== 'kube-controller-manager')
      .map((entry) => ({ ...entry, time: entry['time'] !== undefined }))
      .sort((left, right) => (order(left) < order(right) ? -1 : 1)),
  };
}

// By time first, where it is in the answer; two servers are not equally fast.
function order(entry: Json): string {
  return JSON.stringify([
    entry['manager'],
    entry['operation'],
    entry['apiVersion'],
    entry['subresource'],
  ]);
}
