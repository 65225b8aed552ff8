// What kube-apiserver refuses in ConfigMaps and Secrets.

import type { Cause } from '../cause.ts';
import { forbidden, invalid, required, tooLong } from '../schema/field-causes.ts';
import { isJsonEqual } from '../schema/is-json-equal.ts';
import type { JsonObject } from './field-checks.ts';
import { invalidAll, objectOf, textOf } from './field-checks.ts';
import { checkConfigKey } from './name-rules.ts';

/** Of all values together, in bytes. */
export const dataBytesMax = 1024 * 1024;

const textBytes = (text: unknown): number => new TextEncoder().encode(textOf(text)).length;

/** Bytes that a base64 text stands for. */
function decodedBytes(text: unknown): number {
  const letters = textOf(text).replaceAll(/[\s=]/g, '').length;
  return Math.floor((letters * 3) / 4);
}

export function validateConfigMap(map: JsonObject, old?: JsonObject): Cause[] {
  const data = objectOf(map['data']);
  const binary = objectOf(map['binaryData']);
  const bytes =
    Object.values(data).reduce<number>((sum, value) => sum + textBytes(value), 0) +
    Object.values(binary).reduce<number>((sum, value) => sum + decodedBytes(value), 0);
  return [
    ...Object.keys(data).flatMap((key) => [
      ...invalidAll(`data[${key}]`, key, checkConfigKey(key)),
      ...(Object.hasOwn(binary, key)
        ? [invalid(`data[${key}]`, key, 'duplicate of key present in binaryData')]
        : []),
    ]),
    ...Object.keys(binary).flatMap((key) =>
      invalidAll(`binaryData[${key}]`, key, checkConfigKey(key)),
    ),
    ...(bytes > dataBytesMax ? [tooLong('[]', dataBytesMax)] : []),
    ...(old === undefined ? [] : validateImmutable(map, old, ['data', 'binaryData'])),
  ];
}

function validateImmutable(object: JsonObject, old: JsonObject, fields: string[]): Cause[] {
  if (old['immutable'] !== true) return [];
  const sentence = 'field is immutable when `immutable` is set';
  const causes = object['immutable'] === true ? [] : [forbidden('immutable', sentence)];
  const changed = fields.filter(
    (field) => !isJsonEqual(objectOf(object[field]), objectOf(old[field])),
  );
  return [...causes, ...changed.map((field) => forbidden(field, sentence))];
}

/** Which keys a Secret of a known type must have. */
const neededKeys: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
};

const accountAnnotation = 'kubernetes.io/service-account.name';

export function validateSecret(secret: JsonObject, old?: JsonObject): Cause[] {
  const data = objectOf(secret['data']);
  const bytes = Object.values(data).reduce<number>((sum, value) => sum + decodedBytes(value), 0);
  const causes = [
    ...Object.keys(data).flatMap((key) => invalidAll(`data[${key}]`, key, checkConfigKey(key))),
    ...(bytes > dataBytesMax ? [tooLong('data', dataBytesMax)] : []),
    ...validateSecretType(secret, data),
  ];
  if (old === undefined) return causes;
  if (old['type'] !== secret['type']) {
    causes.push(invalid('type', secret['type'], 'field is immutable'));
  }
  return [...causes, ...validateImmutable(secret, old, ['data'])];
}

function validateSecretType(secret: JsonObject, data: JsonObject): Cause[] {
  const type = textOf(secret['type']);
  if (type === 'kubernetes.io/basic-auth') {
    const isGiven = Object.hasOwn(data, 'username') || Object.hasOwn(data, 'password');
    return isGiven ? [] : [required('data[username]'), required('data[password]')];
  }
  if (type === 'kubernetes.io/service-account-token') {
    const annotations = objectOf(objectOf(secret['metadata'])['annotations']);
    return textOf(annotations[accountAnnotation]) === ''
      ? [required(`metadata.annotations[${accountAnnotation}]`)]
      : [];
  }
  return (neededKeys[type] ?? [])
    .filter((key) => !Object.hasOwn(data, key))
    .map((key) => required(`data[${key}]`));
}
