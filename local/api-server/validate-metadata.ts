// The rules for metadata that hold for every kind: names, labels, annotations, finalizers.

import type { AnyObject } from './any-object.ts';
import { checkQualifiedName } from './builtin/name-rules.ts';
import type { Cause } from './cause.ts';
import type { ResourceInfo } from './resource-info.ts';

const dnsLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const dnsSubdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const qualifiedNamePart = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const labelValue = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;
/** Sum of keys and values, in bytes. */
const annotationBytesMax = 256 * 1024;

const subdomainMessage =
  'a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, ' +
  "'-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', " +
  "regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const labelMessage =
  'a lowercase RFC 1123 label must consist of lower case alphanumeric characters or ' +
  "'-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', " +
  "regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const keyMessage =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with " +
  "an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation " +
  "is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const valueMessage =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and " +
  "must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', " +
  "regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

export function validateMetadata(
  info: Pick<ResourceInfo, 'group' | 'plural'>,
  object: AnyObject,
  old?: AnyObject,
): Cause[] {
  const { metadata } = object;
  return [
    ...(old === undefined ? validateNames(info, metadata) : []),
    ...validateLabels(metadata.labels ?? {}),
    ...validateAnnotations(metadata.annotations ?? {}),
    ...validateFinalizers(info, metadata.finalizers ?? [], old),
    ...validateOwners(metadata.ownerReferences ?? []),
  ];
}

function invalidValue(field: string, value: unknown, why: string): Cause {
  const message = `Invalid value: ${JSON.stringify(value)}: ${why}`;
  return { reason: 'FieldValueInvalid', field, message };
}

interface NameRule {
  readonly pattern: RegExp;
  readonly max: number;
  readonly why: string;
}

const subdomainRule: NameRule = { pattern: dnsSubdomain, max: 253, why: subdomainMessage };
const nameRules: Readonly<Record<string, NameRule>> = {
  '/namespaces': { pattern: dnsLabel, max: 63, why: labelMessage },
  '/services': { pattern: dnsLabel, max: 63, why: labelMessage },
};

function validateNames(
  info: Pick<ResourceInfo, 'group' | 'plural'>,
  { name, generateName = '' }: AnyObject['metadata'],
): Cause[] {
  // What comes after the prefix is well-formed: a dash at its end may stand for a letter.
  const base = generateName.replace(/-$/, 'a');
  return [
    ...(base === '' ? [] : validateName(info, base, 'metadata.generateName')),
    ...validateName(info, name, 'metadata.name'),
  ];
}

function validateName(
  info: Pick<ResourceInfo, 'group' | 'plural'>,
  name: unknown,
  field: string,
): Cause[] {
  if (typeof name !== 'string' || name === '') {
    const message = 'Required value: name or generateName is required';
    return [{ reason: 'FieldValueRequired', field, message }];
  }
  // Names of roles and their bindings are path segments only: system:node is one.
  if (info.group === 'rbac.authorization.k8s.io') {
    const isBad = name === '.' || name === '..' || /[/%]/.test(name);
    return isBad ? [invalidValue(field, name, `may not be '.', '..' or contain '/' or '%'`)] : [];
  }
  const { pattern, max, why } = nameRules[`${info.group}/${info.plural}`] ?? subdomainRule;
  if (name.length > max) {
    return [invalidValue(field, name, `must be no more than ${max} characters`)];
  }
  return pattern.test(name) ? [] : [invalidValue(field, name, why)];
}

function isQualifiedName(key: string): boolean {
  const parts = key.split('/');
  if (parts.length > 2) return false;
  const name = parts.at(-1) ?? '';
  const isNameGood = name.length <= 63 && qualifiedNamePart.test(name);
  if (parts.length === 1) return isNameGood;
  const prefix = parts[0] ?? '';
  return isNameGood && prefix.length <= 253 && dnsSubdomain.test(prefix);
}

function validateLabels(labels: Record<string, string>): Cause[] {
  const causes: Cause[] = [];
  for (const [key, value] of Object.entries(labels)) {
    if (!isQualifiedName(key)) causes.push(invalidValue('metadata.labels', key, keyMessage));
    if (value.length > 63) {
      causes.push(invalidValue('metadata.labels', value, 'must be no more than 63 bytes'));
    } else if (!labelValue.test(value)) {
      causes.push(invalidValue('metadata.labels', value, valueMessage));
    }
  }
  return causes;
}

function validateAnnotations(annotations: Record<string, string>): Cause[] {
  const causes: Cause[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations)) {
    if (!isQualifiedName(key.toLowerCase())) {
      causes.push(invalidValue('metadata.annotations', key, keyMessage));
    }
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (bytes > annotationBytesMax) {
    causes.push({
      reason: 'FieldValueTooLong',
      field: 'metadata.annotations',
      message: `Too long: may not be more than ${annotationBytesMax} bytes`,
    });
  }
  return causes;
}

const standardFinalizers = ['kubernetes', 'orphan', 'foregroundDeletion'];

function validateFinalizers(
  info: Pick<ResourceInfo, 'group' | 'plural'>,
  finalizers: string[],
  old: AnyObject | undefined,
): Cause[] {
  const field = 'metadata.finalizers';
  const causes = finalizers.flatMap((one) =>
    checkQualifiedName(String(one)).map((why) => invalidValue(field, one, why)),
  );
  // Groups with a dot of their own are custom ones: there a plain name is only frowned upon.
  const isBuiltin = !info.group.includes('.') || info.group.endsWith('.k8s.io');
  finalizers.forEach((one, at) => {
    if (!isBuiltin || String(one).includes('/') || standardFinalizers.includes(one)) return;
    const why = 'name is neither a standard finalizer name nor is it fully qualified';
    causes.push(invalidValue(`${field}[${at}]`, one, why));
  });
  if (old?.metadata.deletionTimestamp !== undefined) {
    const before = old.metadata.finalizers ?? [];
    const added = finalizers.filter((one) => !before.includes(one));
    if (added.length > 0) {
      const list = added.map((one) => JSON.stringify(one)).join(', ');
      causes.push({
        reason: 'FieldValueForbidden',
        field,
        message: `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`,
      });
    }
  }
  return causes;
}

function validateOwners(owners: NonNullable<AnyObject['metadata']['ownerReferences']>): Cause[] {
  const causes: Cause[] = [];
  for (const owner of owners) {
    for (const key of ['apiVersion', 'kind', 'name', 'uid'] as const) {
      if (typeof owner[key] === 'string' && owner[key] !== '') continue;
      const why = key === 'apiVersion' ? 'version must not be empty' : 'must not be empty';
      causes.push(invalidValue(`metadata.ownerReferences.${key}`, '', why));
    }
  }
  const controllers = owners.filter((one) => one.controller === true);
  if (controllers.length > 1) {
    const message = 'Only one reference can have Controller set to true';
    causes.push(invalidValue('metadata.ownerReferences', controllers.length, message));
  }
  return causes;
}
