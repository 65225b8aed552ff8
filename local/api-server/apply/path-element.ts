// One step of a field's path as managedFields writes it: f:name, k:{"key":"value"}, v:"value" or i:0.

import { isMap } from '../any-object.ts';
import type { JsonMap } from '../any-object.ts';

export function fieldElement(name: string): string {
  return `f:${name}`;
}

/** The item of a set. */
export function valueElement(value: unknown): string {
  return `v:${writeJson(value)}`;
}

/** The item of a list that has these keys. */
export function keyElement(keys: JsonMap): string {
  const names = Object.keys(keys);
  if (names.length > 1) names.sort();
  const pairs = names.map((name) => `${writeJson(name)}:${writeJson(keys[name])}`);
  return `k:{${pairs.join(',')}}`;
}

// Go's encoder writes these so, and one item must have one spelling.
function writeJson(value: unknown): string {
  const text = JSON.stringify(value);
  return escaped.test(text) ? text.replaceAll(escapedEach, escape) : text;
}

const escaped = /[<>&\u2028\u2029]/;
const escapedEach = /[<>&\u2028\u2029]/g;
const escape = (one: string): string => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** In our spelling. `unknown`: of a kind that doesn't exist yet; `invalid`: nothing that Kubernetes would read. */
export function parsePathElement(text: string): string {
  if (text[1] !== ':') return 'invalid';
  if (text.startsWith('f:')) return text;
  if (text.startsWith('i:')) return /^i:-?\d+$/.test(text) ? text : 'invalid';
  if (!text.startsWith('k:') && !text.startsWith('v:')) return 'unknown';
  try {
    const value = JSON.parse(text.slice(2)) as unknown;
    if (text.startsWith('v:')) return valueElement(value);
    return isMap(value) ? keyElement(value) : 'invalid';
  } catch {
    return 'invalid';
  }
}

const kindsInOrder = 'fkvi';

export function comparePathElements(left: string, right: string): number {
  if (left.startsWith('f:') && right.startsWith('f:')) return compareTexts(left, right);
  const kind = left[0] ?? '';
  const order = kindsInOrder.indexOf(kind) - kindsInOrder.indexOf(right[0] ?? '');
  if (order !== 0) return order;
  if (kind === 'f') return compareTexts(left, right);
  const [one, other] = [JSON.parse(left.slice(2)), JSON.parse(right.slice(2))] as unknown[];
  return isMap(one) && isMap(other) ? compareKeys(one, other) : compareValues(one, other);
}

function compareKeys(left: JsonMap, right: JsonMap): number {
  const [mine, theirs] = [Object.keys(left), Object.keys(right)];
  for (const [at, name] of mine.entries()) {
    const other = theirs[at];
    if (other === undefined) return 1;
    const order = compareTexts(name, other) || compareValues(left[name], right[other]);
    if (order !== 0) return order;
  }
  return mine.length - theirs.length;
}

function compareValues(left: unknown, right: unknown): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'string' && typeof right === 'string') return compareTexts(left, right);
  return compareTexts(JSON.stringify(left), JSON.stringify(right));
}

function compareTexts(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** `.spec.containers[name="web"].image`, as messages name a field. */
export function writePath(path: readonly string[]): string {
  return path.map(writeElement).join('');
}

function writeElement(element: string): string {
  const rest = element.slice(2);
  if (element.startsWith('f:')) return `.${rest}`;
  if (element.startsWith('i:')) return `[${rest}]`;
  const value = JSON.parse(rest) as unknown;
  if (element.startsWith('v:') || !isMap(value)) return `[=${JSON.stringify(value)}]`;
  const pairs = Object.entries(value).map(([name, one]) => `${name}=${JSON.stringify(one)}`);
  return `[${pairs.join(',')}]`;
}
