// A Kubernetes object of any kind, as the verbs handle it, and the two ways to copy and compare JSON.

import type { KubeObject } from '../../api/kubernetes.ts';

export type JsonMap = Record<string, unknown>;

export interface AnyObject extends KubeObject {
  spec?: JsonMap;
  status?: JsonMap;
  [other: string]: unknown;
}

export function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A deep copy of plain JSON. Keys that are undefined vanish, as they would on the wire. */
export function cloneJson<T>(value: T): T {
  if (Array.isArray(value)) return value.map((one) => cloneJson<unknown>(one)) as T;
  if (!isMap(value)) return value;
  const copy: JsonMap = {};
  for (const key of Object.keys(value)) {
    const one = value[key];
    if (one !== undefined) setKey(copy, key, cloneJson(one));
  }
  return copy as T;
}

/** Assigns, also for `__proto__`, which a plain assignment would take as the prototype. */
export function setKey(target: JsonMap, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  } else {
    target[key] = value;
  }
}

/** Deep equality of plain JSON; the order of keys doesn't matter, a missing key equals undefined. */
export function equalJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (Array.isArray(left)) {
    return (
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((one, at) => equalJson(one, right[at]))
    );
  }
  if (!isMap(left) || !isMap(right)) return false;
  for (const key of Object.keys(left)) if (!equalJson(left[key], right[key])) return false;
  for (const key of Object.keys(right)) {
    if (left[key] === undefined && right[key] !== undefined) return false;
  }
  return true;
}

/** Freezes deeply; used in tests to catch a receiver that changes what it was handed. */
export function freezeJson<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const one of Object.values(value)) freezeJson(one);
  }
  return value;
}
