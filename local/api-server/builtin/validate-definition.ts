// What kube-apiserver refuses in a CustomResourceDefinition.

import type { Cause } from '../cause.ts';
import { checkCrdSchema } from '../schema/check-crd-schema.ts';
import { invalid, required } from '../schema/field-causes.ts';
import { isJsonPath } from '../tables/json-path.ts';
import type { JsonObject } from './field-checks.ts';
import {
  checkDistinct,
  checkEnum,
  checkName,
  isObject,
  itemsOf,
  objectOf,
  textOf,
} from './field-checks.ts';
import { checkDns1035Label, checkDnsSubdomain } from './name-rules.ts';

export function validateDefinition(definition: JsonObject, old?: JsonObject): Cause[] {
  const spec = objectOf(definition['spec']);
  const names = objectOf(spec['names']);
  const group = textOf(spec['group']);
  const name = textOf(objectOf(definition['metadata'])['name']);
  const wanted = `${textOf(names['plural'])}.${group}`;
  return [
    ...(name === wanted
      ? []
      : [invalid('metadata.name', name, 'must be spec.names.plural+"."+spec.group')]),
    ...checkName('spec.group', group, checkDnsSubdomain),
    ...((spec['scope'] ?? '') === ''
      ? [required('spec.scope')]
      : checkEnum('spec.scope', spec['scope'], ['Cluster', 'Namespaced'])),
    ...validateNames(names),
    ...(spec['preserveUnknownFields'] === true ? [preservesAll] : []),
    ...validateConversion(objectOf(spec['conversion'])),
    ...validateVersions(spec),
    ...(old === undefined ? [] : validateUnchanged(spec, objectOf(old['spec']))),
  ];
}

const preservesAll = invalid(
  'spec.preserveUnknownFields',
  true,
  'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
);

const checkKind = (kind: string): string[] =>
  checkDns1035Label(kind.toLowerCase()).map(
    (why) => `may have mixed case, but should otherwise match: ${why}`,
  );

function validateNames(names: JsonObject): Cause[] {
  const { kind, listKind } = names;
  const shortNames = Array.isArray(names['shortNames']) ? (names['shortNames'] as unknown[]) : [];
  return [
    ...checkName('spec.names.plural', names['plural'], checkDns1035Label),
    ...checkName('spec.names.singular', names['singular'], checkDns1035Label),
    ...checkName('spec.names.kind', kind, checkKind),
    ...checkName('spec.names.listKind', listKind, checkKind),
    ...shortNames.flatMap((one, at) =>
      checkName(`spec.names.shortNames[${at}]`, one, checkDns1035Label),
    ),
    ...(kind !== undefined && kind === listKind
      ? [invalid('spec.names.listKind', listKind, 'kind and listKind may not be the same')]
      : []),
  ];
}

function validateConversion(conversion: JsonObject): Cause[] {
  const { strategy = 'None' } = conversion;
  const at = 'spec.conversion';
  if (strategy !== 'Webhook') return checkEnum(`${at}.strategy`, strategy, ['None', 'Webhook']);
  const webhook = conversion['webhook'];
  if (isObject(webhook)) return [];
  return [
    required(`${at}.conversionReviewVersions`),
    required(`${at}.webhookClientConfig`, 'required when strategy is set to Webhook'),
  ];
}

function validateScale(version: JsonObject, path: string): Cause[] {
  const { scale } = objectOf(version['subresources']);
  if (!isObject(scale)) return [];
  return (['spec', 'status'] as const).flatMap((part) => {
    const at = `${path}.subresources.scale.${part}ReplicasPath`;
    const jsonPath = textOf(scale[`${part}ReplicasPath`]);
    if (jsonPath === '') return [required(at)];
    if (!isJsonPath(jsonPath)) {
      return [invalid(at, jsonPath, 'must be a simple json path starting with .')];
    }
    const isInside = jsonPath.startsWith(`.${part}.`);
    return isInside ? [] : [invalid(at, jsonPath, `should be a json path under .${part}`)];
  });
}

function validateVersions(spec: JsonObject): Cause[] {
  const versions = itemsOf(spec['versions']);
  if (versions.length === 0) {
    return [required('spec.versions', 'must have exactly one version marked as storage version')];
  }
  const stored = versions.filter(({ item }) => item['storage'] === true);
  const isOnly = versions.length === 1;
  return [
    ...(stored.length === 1
      ? []
      : [
          invalid(
            'spec.versions',
            spec['versions'],
            'must have exactly one version marked as storage version',
          ),
        ]),
    ...checkDistinct(
      versions,
      ({ item }) => item['name'],
      ({ index }) => `spec.versions[${index}].name`,
    ),
    ...versions.flatMap(({ item, index }) => [
      ...checkName(`spec.versions[${index}].name`, item['name'], checkDns1035Label),
      ...validateScale(item, isOnly ? 'spec' : `spec.versions[${index}]`),
      ...validateSchema(item, isOnly ? 'spec.validation' : `spec.versions[${index}].schema`),
      ...validateColumns(
        item['additionalPrinterColumns'],
        `${isOnly ? 'spec' : `spec.versions[${index}]`}.additionalPrinterColumns`,
      ),
    ]),
  ];
}

function validateSchema(version: JsonObject, path: string): Cause[] {
  const schema = objectOf(version['schema'])['openAPIV3Schema'];
  if (!isObject(schema)) return [required(`${path}.openAPIV3Schema`, 'schemas are required')];
  return checkCrdSchema(schema, `${path}.openAPIV3Schema`);
}

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];

function validateColumns(columns: unknown, path: string): Cause[] {
  return itemsOf(columns).flatMap(({ item, index }) => {
    const at = `${path}[${index}]`;
    const jsonPath = textOf(item['jsonPath']);
    return [
      ...(textOf(item['name']) === '' ? [required(`${at}.name`)] : []),
      ...(item['type'] === undefined
        ? [required(`${at}.type`, `must be one of ${columnTypes.join(',')}`)]
        : checkEnum(`${at}.type`, item['type'], columnTypes)),
      ...(jsonPath === '' ? [required(`${at}.JSONPath`)] : []),
      ...(jsonPath === '' || isJsonPath(jsonPath)
        ? []
        : [invalid(`${at}.JSONPath`, jsonPath, 'unrecognized JSON path')]),
    ];
  });
}

function validateUnchanged(spec: JsonObject, old: JsonObject): Cause[] {
  const fields = [
    ['spec.group', spec['group'], old['group']],
    ['spec.scope', spec['scope'], old['scope']],
    ['spec.names.plural', objectOf(spec['names'])['plural'], objectOf(old['names'])['plural']],
    ['spec.names.kind', objectOf(spec['names'])['kind'], objectOf(old['names'])['kind']],
  ] as const;
  return fields
    .filter(([, value, before]) => before !== undefined && value !== before)
    .map(([field, value]) => invalid(field, value, 'field is immutable'));
}
