// What kube-apiserver refuses in the containers of a pod.

import type { Cause } from '../cause.ts';
import { duplicateValue, forbidden, invalid, required } from '../schema/field-causes.ts';
import { parseQuantity } from '../schema/parse-quantity.ts';
import type { JsonObject } from './field-checks.ts';
import {
  checkDistinct,
  checkEnum,
  checkName,
  checkNotNegative,
  checkRange,
  invalidAll,
  isObject,
  itemsOf,
  objectOf,
  portRange,
  textOf,
} from './field-checks.ts';
import {
  checkConfigKey,
  checkDnsLabel,
  checkDnsSubdomain,
  checkEnvName,
  checkPortName,
} from './name-rules.ts';

export interface PodContext {
  readonly volumeNames: ReadonlySet<string>;
  readonly isHostNetwork: boolean;
  readonly mayRestart: boolean;
}

const resizePolicies = ['NotRequired', 'RestartContainer'];
const protocols = ['SCTP', 'TCP', 'UDP'];

export function validateContainer(
  container: JsonObject,
  path: string,
  context: PodContext,
): Cause[] {
  const image = textOf(container['image']);
  return [
    ...checkName(`${path}.name`, container['name'], checkDnsLabel),
    ...(image === '' ? [required(`${path}.image`)] : []),
    ...(image === image.trim()
      ? []
      : [invalid(`${path}.image`, image, 'must not have leading or trailing whitespace')]),
    ...checkEnum(`${path}.imagePullPolicy`, container['imagePullPolicy'], [
      'Always',
      'IfNotPresent',
      'Never',
    ]),
    ...checkEnum(`${path}.terminationMessagePolicy`, container['terminationMessagePolicy'], [
      'File',
      'FallbackToLogsOnError',
    ]),
    ...validateResizePolicy(container['resizePolicy'], `${path}.resizePolicy`, context),
    ...validatePorts(container, path, context),
    ...itemsOf(container['env']).flatMap(({ item, index }) =>
      validateVariable(item, `${path}.env[${index}]`),
    ),
    ...validateEnvFrom(container['envFrom'], `${path}.envFrom`),
    ...validateMounts(container['volumeMounts'], `${path}.volumeMounts`, context),
    ...validateResources(container['resources'], `${path}.resources`),
    ...validateProbes(container, path),
    ...validateLifecycle(container['lifecycle'], `${path}.lifecycle`),
  ];
}

function validateResizePolicy(list: unknown, path: string, context: PodContext): Cause[] {
  const policies = itemsOf(list);
  const why = "must be 'NotRequired' when pod `restartPolicy` is 'Never'";
  return [
    ...checkDistinct(
      policies,
      ({ item }) => item['resourceName'],
      ({ index }) => `${path}[${index}]`,
    ),
    ...policies.flatMap(({ item }) => {
      const policy = item['restartPolicy'];
      return [
        ...checkEnum(path, item['resourceName'], ['cpu', 'memory']),
        ...checkEnum(path, policy, resizePolicies),
        ...(policy === 'RestartContainer' && !context.mayRestart
          ? [invalid(path, policy, why)]
          : []),
      ];
    }),
  ];
}

function validatePorts(container: JsonObject, path: string, context: PodContext): Cause[] {
  const ports = itemsOf(container['ports']);
  const at = (index: number): string => `${path}.ports[${index}]`;
  const each = ports.flatMap(({ item, index }) => {
    const { containerPort, hostPort, protocol } = item;
    const isWrongHost =
      context.isHostNetwork && typeof hostPort === 'number' && hostPort !== containerPort;
    return [
      ...invalidAll(
        `${at(index)}.name`,
        item['name'],
        textOf(item['name']) === '' ? [] : checkPortName(textOf(item['name'])),
      ),
      ...(containerPort === undefined || containerPort === 0
        ? [required(`${at(index)}.containerPort`)]
        : checkRange(`${at(index)}.containerPort`, containerPort, portRange)),
      ...(hostPort === 0 ? [] : checkRange(`${at(index)}.hostPort`, hostPort, portRange)),
      ...(isWrongHost
        ? [
            invalid(
              `${at(index)}.hostPort`,
              hostPort,
              'must match `containerPort` when `hostNetwork` is true',
            ),
          ]
        : []),
      ...checkEnum(`${at(index)}.protocol`, protocol, protocols),
    ];
  });
  const names = checkDistinct(
    ports,
    ({ item }) => item['name'],
    ({ index }) => `${at(index)}.name`,
  );
  return [...each, ...names];
}

function validateVariable(variable: JsonObject, path: string): Cause[] {
  const name = textOf(variable['name']);
  const causes =
    name === '' ? [required(`${path}.name`)] : invalidAll(`${path}.name`, name, checkEnvName(name));
  const from = variable['valueFrom'];
  if (!isObject(from)) return causes;
  const sources = Object.keys(from);
  const field = `${path}.valueFrom`;
  if (sources.length === 0) {
    const list =
      '`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
    causes.push(invalid(field, '', `must specify one of: ${list}`));
  } else if (textOf(variable['value']) !== '') {
    causes.push(invalid(field, '', 'may not be specified when `value` is not empty'));
  } else if (sources.length > 1) {
    causes.push(invalid(field, '', 'may not have more than one field specified at a time'));
  }
  return [...causes, ...validateKeyRefs(from, field), ...validateFieldRef(from, field)];
}

function validateKeyRefs(from: JsonObject, path: string): Cause[] {
  return ['secretKeyRef', 'configMapKeyRef'].flatMap((kind) => {
    const ref = from[kind];
    if (!isObject(ref)) return [];
    const name = textOf(ref['name']);
    return [
      ...invalidAll(`${path}.${kind}.name`, name, checkDnsSubdomain(name)),
      ...checkName(`${path}.${kind}.key`, ref['key'], checkConfigKey),
    ];
  });
}

const envFields =
  /^(metadata\.(name|namespace|uid|labels\['.+'\]|annotations\['.+'\])|spec\.(nodeName|serviceAccountName)|status\.(hostIP|hostIPs|podIP|podIPs))$/;

function validateFieldRef(from: JsonObject, path: string): Cause[] {
  if (!isObject(from['fieldRef'])) return [];
  const fieldPath = textOf(from['fieldRef']['fieldPath']);
  const field = `${path}.fieldRef.fieldPath`;
  if (fieldPath === '') return [required(field)];
  if (envFields.test(fieldPath)) return [];
  const why = `error converting fieldPath: field label not supported: ${fieldPath}`;
  return [invalid(field, fieldPath, why)];
}

function validateEnvFrom(list: unknown, path: string): Cause[] {
  return itemsOf(list).flatMap(({ item, index }) => {
    const kinds = ['configMapRef', 'secretRef'].filter((kind) => item[kind] !== undefined);
    if (kinds.length === 0) {
      return [invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`')];
    }
    if (kinds.length > 1) {
      return [invalid(path, '', 'may not have more than one field specified at a time')];
    }
    const kind = kinds[0] ?? '';
    const { name } = objectOf(item[kind]);
    return checkName(`${path}[${index}].${kind}.name`, name, checkDnsSubdomain);
  });
}

function validateMounts(list: unknown, path: string, { volumeNames }: PodContext): Cause[] {
  const seen = new Set<string>();
  return itemsOf(list).flatMap(({ item, index }) => {
    const at = `${path}[${index}]`;
    const name = textOf(item['name']);
    const mountPath = textOf(item['mountPath']);
    const isRepeated = mountPath !== '' && seen.has(mountPath);
    seen.add(mountPath);
    return [
      ...(name === '' ? [required(`${at}.name`)] : []),
      ...(volumeNames.has(name) ? [] : [notFound(`${at}.name`, name)]),
      ...(mountPath === '' ? [required(`${at}.mountPath`)] : []),
      ...(isRepeated ? [invalid(`${at}.mountPath`, mountPath, 'must be unique')] : []),
      ...(textOf(item['subPath']).startsWith('/')
        ? [invalid(`${path}.subPath`, item['subPath'], 'must be a relative path')]
        : []),
    ];
  });
}

function notFound(field: string, value: string): Cause {
  return {
    reason: 'FieldValueNotFound',
    field,
    message: `Not found: ${JSON.stringify(value)}`,
  };
}

const standardResources = /^(cpu|memory|ephemeral-storage|hugepages-.+)$/;

export function validateResources(resources: unknown, path: string): Cause[] {
  const { limits, requests } = objectOf(resources) as Record<string, unknown>;
  return [
    ...validateAmounts(limits, `${path}.limits`),
    ...validateAmounts(requests, `${path}.requests`),
    ...Object.entries(objectOf(requests)).flatMap(([name, asked]) => {
      const limit = objectOf(limits)[name];
      if (limit === undefined || amountOf(asked) <= amountOf(limit)) return [];
      const why = `must be less than or equal to ${name} limit of ${textOrNumber(limit)}`;
      return [invalid(`${path}.requests`, textOrNumber(asked), why)];
    }),
  ];
}

const textOrNumber = (value: unknown): string =>
  typeof value === 'number' ? String(value) : textOf(value);
const amountOf = (value: unknown): number => parseQuantity(textOrNumber(value)) ?? Number.NaN;

function validateAmounts(amounts: unknown, path: string): Cause[] {
  return Object.entries(objectOf(amounts)).flatMap(([name, value]) => {
    const field = `${path}[${name}]`;
    const amount = amountOf(value);
    if (Number.isNaN(amount)) {
      const why =
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
      return [invalid(field, value, why)];
    }
    const isKnown = name.includes('/') || standardResources.test(name);
    return [
      ...(isKnown
        ? []
        : [
            invalid(field, name, 'must be a standard resource type or fully qualified'),
            invalid(field, name, 'must be a standard resource for containers'),
          ]),
      ...(amount < 0
        ? [invalid(field, textOrNumber(value), 'must be greater than or equal to 0')]
        : []),
    ];
  });
}

const probeCounts = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
] as const;

function validateProbes(container: JsonObject, path: string): Cause[] {
  return ['livenessProbe', 'readinessProbe', 'startupProbe'].flatMap((kind) => {
    const probe = container[kind];
    if (!isObject(probe)) return [];
    const field = `${path}.${kind}`;
    const isOnce = kind !== 'readinessProbe' && Number(probe['successThreshold'] ?? 1) !== 1;
    return [
      ...validateHandler(probe, field, ['exec', 'httpGet', 'tcpSocket', 'grpc']),
      ...probeCounts.flatMap((count) => checkNotNegative(`${field}.${count}`, probe[count])),
      ...(isOnce
        ? [invalid(`${field}.successThreshold`, probe['successThreshold'], 'must be 1')]
        : []),
    ];
  });
}

/** Exactly one way to ask a container something. */
function validateHandler(handler: JsonObject, path: string, kinds: readonly string[]): Cause[] {
  const given = kinds.filter((kind) => isObject(handler[kind]));
  if (given.length === 0) return [required(path, 'must specify a handler type')];
  return given.flatMap((kind, index) => {
    const field = `${path}.${kind}`;
    if (index > 0) return [forbidden(field, 'may not specify more than 1 handler type')];
    const action = objectOf(handler[kind]);
    if (kind === 'exec') {
      const command = action['command'];
      return Array.isArray(command) && command.length > 0 ? [] : [required(`${field}.command`)];
    }
    if (kind === 'sleep') return [];
    return [
      ...checkPortReference(`${field}.port`, action['port']),
      ...(kind === 'httpGet'
        ? checkEnum(`${field}.scheme`, action['scheme'], ['HTTP', 'HTTPS'])
        : []),
    ];
  });
}

/** A number, or the name of a port. */
export function checkPortReference(field: string, port: unknown): Cause[] {
  if (typeof port === 'string') return invalidAll(field, port, checkPortName(port));
  return checkRange(field, port ?? 0, portRange);
}

function validateLifecycle(lifecycle: unknown, path: string): Cause[] {
  return ['postStart', 'preStop'].flatMap((hook) => {
    const handler = objectOf(lifecycle)[hook];
    if (!isObject(handler)) return [];
    return validateHandler(handler, `${path}.${hook}`, ['exec', 'httpGet', 'tcpSocket', 'sleep']);
  });
}

/** Names of all containers of a pod are distinct, and so are the host's ports they take. */
export function validateContainersTogether(
  containers: readonly { item: JsonObject; path: string }[],
): Cause[] {
  const names = checkDistinct(
    containers,
    ({ item }) => item['name'],
    ({ path }) => `${path}.name`,
  );
  const seen = new Set<string>();
  const hostPorts = containers.flatMap(({ item, path }) =>
    itemsOf(item['ports']).flatMap(({ item: port, index }) => {
      if (typeof port['hostPort'] !== 'number' || port['hostPort'] === 0) return [];
      const key = `${textOf(port['protocol'])}/${textOf(port['hostIP'])}/${port['hostPort']}`;
      if (seen.has(key)) return [duplicateValue(`${path}.ports[${index}].hostPort`, key)];
      seen.add(key);
      return [];
    }),
  );
  return [...names, ...hostPorts];
}
