// The environment of a container's process: what the pod says, with references resolved and variables expanded.

import type { Container, EnvVar, Pod } from '../../api/kubernetes.ts';
import { env as envNames, portNames } from '../../api/names.ts';
import { parseQuantity } from '../api-server/schema/parse-quantity.ts';

/** Values of a Secret or ConfigMap, decoded; `undefined` when there is no such object. */
export type Values = Readonly<Record<string, string>> | undefined;

export interface EnvironmentInput {
  readonly pod: Pod;
  readonly container: Container;
  /** Where API server and Services are: the container's own variables win, and may refer to them. */
  readonly cluster: Readonly<Record<string, string>>;
  readonly address: string;
  readonly readSecret: (name: string) => Values;
  readonly readConfigMap: (name: string) => Values;
  /** What a container without limits may use: cpus and bytes. */
  readonly node: { readonly cpus: number; readonly memoryBytes: number };
}

export type Environment =
  | { readonly kind: 'ok'; readonly env: Record<string, string> }
  /** The container can't start until what is missing is there. */
  | { readonly kind: 'error'; readonly message: string };

class MissingReference extends Error {}

export function buildEnvironment(input: EnvironmentInput): Environment {
  const env: Record<string, string> = { ...input.cluster };
  try {
    for (const source of input.container.envFrom ?? []) addAll(env, input, source);
    for (const one of input.container.env ?? []) {
      const value = valueOf(one, input, env);
      if (value !== undefined) env[one.name] = value;
    }
  } catch (error) {
    if (!(error instanceof MissingReference)) throw error;
    return { kind: 'error', message: error.message };
  }
  return { kind: 'ok', env: { ...env, ...buildPortVariables(input.container) } };
}

/** Pods share one address here, so each process is told the ports that admission chose for it. */
export function buildPortVariables(container: Container): Record<string, string> {
  const names = { [portNames.http]: envNames.port, [portNames.control]: envNames.controlPort };
  const variables: Record<string, string> = {};
  for (const { name, hostPort } of container.ports ?? []) {
    const variable = names[(name ?? '') as keyof typeof names];
    if (variable !== undefined && hostPort !== undefined) variables[variable] = String(hostPort);
  }
  return variables;
}

/** `$(NAME)` becomes the value if there is one; `$$(NAME)` stands for `$(NAME)` itself. */
export function expandVariables(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(/\$\$|\$\(([^)]*)\)/g, (all, name: string | undefined) => {
    if (all === '$$') return '$';
    return Object.hasOwn(env, name ?? '') ? (env[name ?? ''] ?? all) : all;
  });
}

type EnvFrom = NonNullable<Container['envFrom']>[number];

function addAll(env: Record<string, string>, input: EnvironmentInput, source: EnvFrom): void {
  const { prefix = '', secretRef, configMapRef } = source;
  const reference = secretRef ?? configMapRef;
  if (reference === undefined) return;
  const read = secretRef === undefined ? input.readConfigMap : input.readSecret;
  const values = read(reference.name);
  if (values === undefined) {
    if (reference.optional === true) return;
    throw missing(secretRef === undefined ? 'configmap' : 'secret', reference.name);
  }
  for (const [key, value] of Object.entries(values)) env[prefix + key] = value;
}

function valueOf(
  one: EnvVar,
  input: EnvironmentInput,
  env: Readonly<Record<string, string>>,
): string | undefined {
  const from = one.valueFrom;
  if (from === undefined) return expandVariables(one.value ?? '', env);
  if (from.secretKeyRef) return keyOf('secret', from.secretKeyRef, input.readSecret);
  if (from.configMapKeyRef) return keyOf('configmap', from.configMapKeyRef, input.readConfigMap);
  if (from.fieldRef) return fieldOf(from.fieldRef.fieldPath, input);
  if (from.resourceFieldRef) return resourceOf(from.resourceFieldRef, input);
  return '';
}

function keyOf(
  kind: 'secret' | 'configmap',
  reference: { name: string; key: string; optional?: boolean },
  read: (name: string) => Values,
): string | undefined {
  const values = read(reference.name);
  const value = values?.[reference.key];
  if (value !== undefined || reference.optional === true) return value;
  if (values === undefined) throw missing(kind, reference.name);
  const what = kind === 'secret' ? 'Secret' : 'ConfigMap';
  throw new MissingReference(`couldn't find key ${reference.key} in ${what} ${reference.name}`);
}

function missing(kind: string, name: string): MissingReference {
  return new MissingReference(`${kind} "${name}" not found`);
}

function fieldOf(path: string, { pod, address }: EnvironmentInput): string {
  const { metadata, spec } = pod;
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (keyed !== null) return metadata[keyed[1] as 'labels' | 'annotations']?.[keyed[2] ?? ''] ?? '';
  const fields: Readonly<Record<string, string | undefined>> = {
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace,
    'metadata.uid': metadata.uid,
    'spec.nodeName': spec.nodeName,
    'spec.serviceAccountName': spec.serviceAccountName ?? 'default',
    'status.hostIP': address,
    'status.podIP': address,
    'status.hostIPs': address,
    'status.podIPs': address,
  };
  if (!Object.hasOwn(fields, path)) throw new MissingReference(`unsupported fieldPath: ${path}`);
  return fields[path] ?? '';
}

type ResourceReference = NonNullable<NonNullable<EnvVar['valueFrom']>['resourceFieldRef']>;

/** In units of the divisor, rounded up; a missing limit is what the machine has, a missing request 0. */
function resourceOf(reference: ResourceReference, input: EnvironmentInput): string {
  const { resource, divisor = 1 } = reference;
  const [, side, name] = /^(limits|requests)\.(.+)$/.exec(resource) ?? [];
  const from = containerOf(reference, input);
  if (from === undefined || name === undefined) {
    throw new MissingReference(`unsupported container resource: ${resource}`);
  }
  const own = from.resources?.[side as 'limits' | 'requests']?.[name];
  const missingAmount = side === 'limits' ? machineHas(name, input.node) : 0;
  const amount = parseQuantity(own ?? missingAmount) ?? missingAmount;
  return String(Math.ceil(amount / (parseQuantity(divisor) || 1)));
}

function containerOf({ containerName = '' }: ResourceReference, input: EnvironmentInput) {
  if (containerName === '') return input.container;
  return input.pod.spec.containers.find((one) => one.name === containerName);
}

function machineHas(name: string, node: EnvironmentInput['node']): number {
  if (name === 'cpu') return node.cpus;
  return name === 'memory' ? node.memoryBytes : 0;
}

export interface References {
  readonly secrets: readonly string[];
  readonly configMaps: readonly string[];
}

/** The Secrets and ConfigMaps a container's environment names. */
export function deriveReferences(container: Container): References {
  const secrets = new Set<string>();
  const configMaps = new Set<string>();
  for (const { secretRef, configMapRef } of container.envFrom ?? []) {
    if (secretRef) secrets.add(secretRef.name);
    if (configMapRef) configMaps.add(configMapRef.name);
  }
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.secretKeyRef) secrets.add(valueFrom.secretKeyRef.name);
    if (valueFrom?.configMapKeyRef) configMaps.add(valueFrom.configMapKeyRef.name);
  }
  return { secrets: [...secrets], configMaps: [...configMaps] };
}
