// What kube-apiserver refuses in Services and EndpointSlices.

import type { Cause } from '../cause.ts';
import { duplicateValue, forbidden, invalid, required } from '../schema/field-causes.ts';
import { isIp, isIpv4, isIpv6 } from '../schema/string-formats.ts';
import type { JsonObject } from './field-checks.ts';
import {
  checkDistinct,
  checkEnum,
  checkLabels,
  checkRange,
  invalidAll,
  itemsOf,
  portRange,
  textOf,
} from './field-checks.ts';
import { checkDnsLabel, checkDnsSubdomain } from './name-rules.ts';
import { checkPortReference } from './validate-container.ts';

const protocols = ['SCTP', 'TCP', 'UDP'];
const ipSentence = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';

export function validateService(spec: JsonObject, old?: JsonObject): Cause[] {
  const { type } = spec;
  const isHeadless = spec['clusterIP'] === 'None';
  const ports = itemsOf(spec['ports']);
  const needsPorts = type !== 'ExternalName' && !isHeadless;
  return [
    ...(needsPorts && ports.length === 0 ? [required('spec.ports')] : []),
    ...ports.flatMap(({ item, index }) => validatePort(item, `spec.ports[${index}]`, spec)),
    ...validatePortsTogether(ports),
    ...checkLabels('spec.selector', spec['selector']),
    ...checkEnum('spec.sessionAffinity', spec['sessionAffinity'], ['ClientIP', 'None']),
    ...checkEnum('spec.type', type, ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']),
    ...(type === 'ExternalName' ? validateExternalName(spec) : validateClusterIp(spec, old)),
  ];
}

function validatePort(port: JsonObject, path: string, spec: JsonObject): Cause[] {
  const isClusterIp = spec['type'] === undefined || spec['type'] === 'ClusterIP';
  const name = textOf(port['name']);
  const isNamed = name !== '';
  return [
    ...(!isNamed && itemsOf(spec['ports']).length > 1 ? [required(`${path}.name`)] : []),
    ...(isNamed ? invalidAll(`${path}.name`, name, checkDnsLabel(name)) : []),
    ...checkRange(`${path}.port`, port['port'] ?? 0, portRange),
    ...checkEnum(`${path}.protocol`, port['protocol'], protocols),
    ...checkPortReference(`${path}.targetPort`, port['targetPort']),
    ...(isClusterIp && Number(port['nodePort'] ?? 0) !== 0
      ? [forbidden(`${path}.nodePort`, "may not be used when `type` is 'ClusterIP'")]
      : []),
  ];
}

function validatePortsTogether(ports: { item: JsonObject; index: number }[]): Cause[] {
  const seen = new Set<string>();
  return [
    ...checkDistinct(
      ports,
      ({ item }) => item['name'],
      ({ index }) => `spec.ports[${index}].name`,
    ),
    ...ports.flatMap(({ item, index }) => {
      const key = `${textOf(item['protocol'])}/${Number(item['port'])}`;
      if (!seen.has(key)) {
        seen.add(key);
        return [];
      }
      return [duplicateValue(`spec.ports[${index}]`, goPort(item))];
    }),
  ];
}

/** Kubernetes prints its internal type here. */
const goPort = (port: JsonObject): object => ({
  Name: '',
  Protocol: port['protocol'],
  AppProtocol: null,
  Port: port['port'],
  TargetPort: 0,
  NodePort: 0,
});

function validateExternalName(spec: JsonObject): Cause[] {
  const name = textOf(spec['externalName']).replace(/\.$/, '');
  if (name === '') return [required('spec.externalName')];
  return invalidAll('spec.externalName', name, checkDnsSubdomain(name));
}

function validateClusterIp(spec: JsonObject, old?: JsonObject): Cause[] {
  const ip = textOf(spec['clusterIP']);
  const before = old?.['type'] === 'ExternalName' ? '' : textOf(old?.['clusterIP']);
  const field = 'spec.clusterIPs[0]';
  if (before !== '' && ip === '') {
    return [invalid(field, [], 'primary clusterIP can not be unset')];
  }
  if (before !== '' && ip !== before) return [invalid(field, [ip], 'may not change once set')];
  const { type } = spec;
  if (ip === 'None' && (type === 'NodePort' || type === 'LoadBalancer')) {
    return [invalid(field, ip, `may not be set to 'None' for ${type} services`)];
  }
  return ip === '' || ip === 'None' || isIp(ip) ? [] : [invalid(field, ip, ipSentence)];
}

/**
 * Real clusters also refuse loopback, link-local and unspecified addresses. This server doesn't: its pods are
 * processes, and the loopback is where they live.
 */
export function validateEndpointSlice(slice: JsonObject, old?: JsonObject): Cause[] {
  const type = textOf(slice['addressType']);
  if (type === '') return [required('addressType')];
  const ports = itemsOf(slice['ports']);
  return [
    ...checkEnum('addressType', type, ['FQDN', 'IPv4', 'IPv6']),
    ...(old !== undefined && old['addressType'] !== type
      ? [invalid('addressType', type, 'field is immutable')]
      : []),
    ...itemsOf(slice['endpoints']).flatMap(({ item, index }) =>
      validateEndpoint(item, `endpoints[${index}]`, type),
    ),
    ...ports.flatMap(({ item, index }) => {
      const name = textOf(item['name']);
      return [
        ...(name === '' ? [] : invalidAll(`ports[${index}].name`, name, checkDnsLabel(name))),
        ...checkEnum(`ports[${index}].protocol`, item['protocol'], protocols),
      ];
    }),
    ...checkDistinct(
      ports,
      ({ item }) => item['name'],
      ({ index }) => `ports[${index}].name`,
    ),
  ];
}

/** As many addresses may one endpoint have. */
const addressesMax = 100;

function validateEndpoint(endpoint: JsonObject, path: string, type: string): Cause[] {
  const addresses = Array.isArray(endpoint['addresses'])
    ? (endpoint['addresses'] as unknown[])
    : [];
  const field = `${path}.addresses`;
  if (addresses.length === 0) return [required(field, 'must contain at least 1 address')];
  if (addresses.length > addressesMax) {
    const message = `Too many: ${addresses.length}: must have at most ${addressesMax} items`;
    return [{ reason: 'FieldValueTooMany', field, message }];
  }
  return addresses.flatMap((address, index) =>
    validateAddress(textOf(address), { field, index, type }),
  );
}

function validateAddress(
  address: string,
  { field, index, type }: { field: string; index: number; type: string },
): Cause[] {
  const at = `${field}[${index}]`;
  if (type === 'FQDN') return invalidAll(at, address, checkDnsSubdomain(address));
  if (!isIp(address)) return [invalid(at, address, ipSentence)];
  if (type === 'IPv4' && !isIpv4(address))
    return [invalid(field, address, 'must be an IPv4 address')];
  if (type === 'IPv6' && !isIpv6(address))
    return [invalid(field, address, 'must be an IPv6 address')];
  return [];
}
