// Kubernetes' own sentences for what is wrong with a field.

import type { Cause } from '../cause.ts';

/** A value as Kubernetes prints it in a message: strings quoted, the rest as JSON. */
export function printValue(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}

export function invalid(field: string, value: unknown, detail: string): Cause {
  return {
    reason: 'FieldValueInvalid',
    field,
    message: `Invalid value: ${printValue(value)}: ${detail}`,
  };
}

/** For objects and lists, whose value Kubernetes leaves out of the message. */
export function invalidOmitted(field: string, detail: string): Cause {
  return { reason: 'FieldValueInvalid', field, message: `Invalid value: ${detail}` };
}

export function typeInvalid(field: string, value: unknown, detail: string): Cause {
  return {
    reason: 'FieldValueTypeInvalid',
    field,
    message: `Invalid value: ${printValue(value)}: ${detail}`,
  };
}

export function required(field: string, detail = ''): Cause {
  const message = detail === '' ? 'Required value' : `Required value: ${detail}`;
  return { reason: 'FieldValueRequired', field, message };
}

export function forbidden(field: string, detail: string): Cause {
  return { reason: 'FieldValueForbidden', field, message: `Forbidden: ${detail}` };
}

export function duplicateValue(field: string, value: unknown): Cause {
  return {
    reason: 'FieldValueDuplicate',
    field,
    message: `Duplicate value: ${printValue(value)}`,
  };
}

export function notSupported(field: string, value: unknown, supported: readonly unknown[]): Cause {
  const values = supported.map((one) =>
    printValue(typeof one === 'string' ? one : printValue(one)),
  );
  return {
    reason: 'FieldValueNotSupported',
    field,
    message: `Unsupported value: ${printValue(value)}: supported values: ${values.join(', ')}`,
  };
}

/** Kubernetes says bytes where it counts characters. */
export function tooLong(field: string, max: number): Cause {
  const unit = max === 1 ? 'byte' : 'bytes';
  return {
    reason: 'FieldValueTooLong',
    field,
    message: `Too long: may not be more than ${max} ${unit}`,
  };
}

export function tooMany(field: string, actual: number, max: number): Cause {
  const unit = max === 1 ? 'item' : 'items';
  return {
    reason: 'FieldValueTooMany',
    field,
    message: `Too many: ${actual}: must have at most ${max} ${unit}`,
  };
}
