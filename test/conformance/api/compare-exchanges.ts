// Compares what two servers answered, field by field, and says where they differ by a JSON path.

import type { Exchange } from './conformance-case.ts';

export interface Mismatch {
  readonly case: string;
  readonly request: string;
  /** `$.body.metadata.labels["app"]`; items that have a name are found by it. */
  readonly path: string;
  /** Undefined where the field is absent. */
  readonly real: unknown;
  readonly local: unknown;
}

export function compareExchanges(
  name: string,
  recorded: readonly Exchange[],
  answered: readonly Exchange[],
): Mismatch[] {
  const [real, local] = [nameUidsInOrder(recorded), nameUidsInOrder(answered)];
  const found: Mismatch[] = [];
  const count = Math.max(real.length, local.length);
  for (let at = 0; at < count; at += 1) {
    const [one, other] = [real[at], local[at]];
    const request = `#${at + 1} ${one?.request ?? other?.request ?? ''}`;
    const add = (path: string, left: unknown, right: unknown) =>
      found.push({ case: name, request, path, real: left, local: right });
    if (one === undefined || other === undefined) add('$', one, other);
    else if (one.status === other.status) compareValues('$', one, other, add);
    else add('$.status', sayOutcome(one), sayOutcome(other));
  }
  return found;
}

// Numbered as they were met, uids would differ where two servers write the same fields in another order.
function nameUidsInOrder(exchanges: readonly Exchange[]): Exchange[] {
  const names = new Map<string, string>();
  const rename = (value: unknown): unknown => {
    if (typeof value === 'string') {
      return value.replace(/\bUID\d+\b/g, (one) => {
        const name = names.get(one) ?? `UID${names.size + 1}`;
        names.set(one, name);
        return name;
      });
    }
    if (Array.isArray(value)) return value.map(rename);
    if (!isMap(value)) return value;
    const keys = Object.keys(value).sort();
    return Object.fromEntries(keys.map((key) => [key, rename(value[key])]));
  };
  return exchanges.map((one) => {
    const { request, ...reply } = one;
    return { request: rename(request) as string, ...(rename(reply) as Omit<Exchange, 'request'>) };
  });
}

// Where one refuses and the other does not, every field differs: the outcome says it all.
function sayOutcome({ status, body }: Exchange): string {
  const message = isMap(body) ? (body['message'] ?? body['stderr']) : body;
  return `${status} ${typeof message === 'string' ? message : JSON.stringify(message ?? null)}`;
}

type Add = (path: string, real: unknown, local: unknown) => void;

function compareValues(path: string, real: unknown, local: unknown, add: Add): void {
  if (Array.isArray(real) && Array.isArray(local)) compareLists(path, real, local, add);
  else if (isMap(real) && isMap(local)) {
    for (const key of new Set([...Object.keys(real), ...Object.keys(local)])) {
      const step = /^[A-Za-z_]\w*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
      compareValues(path + step, real[key], local[key], add);
    }
  } else if (real !== local) add(path, real, local);
}

function compareLists(path: string, real: unknown[], local: unknown[], add: Add): void {
  const [left, right] = [byName(real), byName(local)];
  if (left === undefined || right === undefined) {
    const length = Math.max(real.length, local.length);
    for (let at = 0; at < length; at += 1) {
      compareValues(`${path}[${at}]`, real[at], local[at], add);
    }
    return;
  }
  for (const name of new Set([...left.keys(), ...right.keys()])) {
    compareValues(`${path}[name=${name}]`, left.get(name), right.get(name), add);
  }
  const order = (from: Map<string, unknown>, other: Map<string, unknown>) =>
    [...from.keys()].filter((name) => other.has(name)).join(' ');
  const [before, after] = [order(left, right), order(right, left)];
  if (before !== after) add(`${path}.order`, before, after);
}

/** The items by their names, if each has one of its own. */
function byName(list: unknown[]): Map<string, unknown> | undefined {
  const found = new Map<string, unknown>();
  for (const one of list) {
    const name = nameOf(one);
    if (name === undefined || found.has(name)) return undefined;
    found.set(name, one);
  }
  return found;
}

function nameOf(item: unknown): string | undefined {
  if (!isMap(item)) return undefined;
  const metadata = item['metadata'];
  const name = item['name'] ?? item['resource'] ?? (isMap(metadata) ? metadata['name'] : undefined);
  return typeof name === 'string' ? name : undefined;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function keyOfMismatch(one: Mismatch): string {
  return [one.case, one.request, one.path].join('\t').replaceAll('\n', ' ');
}

const shownLengthMax = 600;

/** One mismatch in four lines: where, and what each side says. */
export function describeMismatch(one: Mismatch): string {
  const show = (value: unknown) =>
    value === undefined ? '(absent)' : JSON.stringify(value).slice(0, shownLengthMax);
  return `${one.request}\n  ${one.path}\n  - real:  ${show(one.real)}\n  + local: ${show(one.local)}`;
}
