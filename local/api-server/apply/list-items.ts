// What tells the items of a list apart, for lists whose items have owners of their own.

import { isMap } from '../any-object.ts';
import type { JsonMap } from '../any-object.ts';
import type { ListType } from './merge-type.ts';
import { keyElement, valueElement } from './path-element.ts';

/** A value doesn't fit its type; the message is Kubernetes' own. */
export class TypedError extends Error {
  override readonly name = 'TypedError';
}

/** Throws TypedError for an item that can't be told apart from others. */
export function itemElement(list: ListType, item: unknown): string {
  return list.keys.length > 0 ? keyedElement(list, item) : setElement(item);
}

function keyedElement(list: ListType, item: unknown): string {
  const kind = 'associative list with keys';
  if (item === null) throw new TypedError(`${kind} may not have a null element`);
  if (!isMap(item)) throw new TypedError(`${kind} may not have non-map elements`);
  const keys: JsonMap = {};
  for (const name of list.keys) {
    const value = Object.hasOwn(item, name) ? item[name] : undefined;
    const given = value ?? list.item.map?.fields.get(name)?.keyDefault;
    if (given !== undefined) keys[name] = given;
  }
  if (Object.keys(keys).length > 0) return keyElement(keys);
  const names = `[${list.keys.map((one) => JSON.stringify(one)).join(' ')}]`;
  throw new TypedError(
    `${kind} has an element that omits all key fields ${names} (and doesn't have default values for any key fields)`,
  );
}

function setElement(item: unknown): string {
  const kind = 'associative list without keys has an element';
  if (isMap(item)) throw new TypedError(`${kind} that's a map type`);
  if (Array.isArray(item)) {
    throw new TypedError('not supported: associative list with lists as elements');
  }
  if (item === null) throw new TypedError(`${kind} that's an explicit null`);
  return valueElement(item);
}

/** Items by what tells them apart, in order; more than one where they repeat. */
export function groupItems(list: ListType, items: readonly unknown[]): Map<string, unknown[]> {
  const groups = new Map<string, unknown[]>();
  for (const item of items) {
    const element = itemElement(list, item);
    const group = groups.get(element);
    if (group === undefined) groups.set(element, [item]);
    else group.push(item);
  }
  return groups;
}
