// The functions Kubernetes adds to CEL: lists, strings, regular expressions, sets, URLs, addresses.

import type { Environment } from '@marcbachmann/cel-js';
import { isDeepEqual } from './cel-shape.ts';
import { registerQuantity } from './cel-quantity.ts';
import { parseGoRegExp } from './parse-go-regexp.ts';
import { isCidr, isIp, isIpv4 } from './string-formats.ts';

type Comparable = bigint | number | string | boolean | Date;
type List = unknown[] | Set<unknown>;

const toArray = (list: List): unknown[] => (Array.isArray(list) ? list : [...list]);
const isBefore = (one: unknown, other: unknown): boolean =>
  (one as Comparable) < (other as Comparable);

export function registerKubernetesFunctions(environment: Environment): void {
  registerLists(environment);
  registerStrings(environment);
  registerRegExps(environment);
  registerSets(environment);
  registerUrls(environment);
  registerAddresses(environment);
  registerQuantity(environment);
}

function registerLists(environment: Environment): void {
  const pick = (list: List, isBetter: (one: unknown, best: unknown) => boolean): unknown => {
    const items = toArray(list);
    if (items.length === 0) throw new Error('min or max called on empty list');
    return items.reduce((best, one) => (isBetter(one, best) ? one : best));
  };
  const indexOf = (list: List, item: unknown): bigint =>
    BigInt(toArray(list).findIndex((one) => isDeepEqual(one, item)));
  const lastIndexOf = (list: List, item: unknown): bigint =>
    BigInt(toArray(list).findLastIndex((one) => isDeepEqual(one, item)));
  environment
    .registerFunction('list<int>.sum(): int', (list: List) =>
      toArray(list).reduce<bigint>((sum, one) => sum + (one as bigint), 0n),
    )
    .registerFunction('list<double>.sum(): double', (list: List) =>
      toArray(list).reduce<number>((sum, one) => sum + (one as number), 0),
    )
    .registerFunction('list<T>.isSorted(): bool', (list: List) =>
      toArray(list).every((one, index, all) => index === 0 || !isBefore(one, all[index - 1])),
    )
    .registerFunction('list<T>.min(): T', (list: List) => pick(list, isBefore))
    .registerFunction('list<T>.max(): T', (list: List) =>
      pick(list, (one, best) => isBefore(best, one)),
    )
    .registerFunction('list<T>.indexOf(T): int', indexOf)
    .registerFunction('list<T>.lastIndexOf(T): int', lastIndexOf)
    .registerFunction('list<T>.reverse(): list<T>', (list: List) => toArray(list).toReversed())
    .registerFunction('list<T>.sort(): list<T>', (list: List) =>
      toArray(list).toSorted((one, other) =>
        isBefore(one, other) ? -1 : isBefore(other, one) ? 1 : 0,
      ),
    )
    .registerFunction('list<T>.distinct(): list<T>', (list: List) =>
      toArray(list).filter(
        (one, index, all) => all.findIndex((other) => isDeepEqual(one, other)) === index,
      ),
    )
    .registerFunction('list<T>.slice(int, int): list<T>', (list: List, from: bigint, to: bigint) =>
      toArray(list).slice(Number(from), Number(to)),
    );
}

function registerStrings(environment: Environment): void {
  const replace = (text: string, part: string, by: string, times: bigint): string => {
    if (times < 0n) return text.replaceAll(part, () => by);
    let result = text;
    let from = 0;
    for (let left = times; left > 0n; left--) {
      const at = result.indexOf(part, from);
      if (at < 0) break;
      result = result.slice(0, at) + by + result.slice(at + part.length);
      from = at + by.length;
    }
    return result;
  };
  environment
    .registerFunction(
      'string.charAt(int): string',
      (text: string, at: bigint) => Array.from(text)[Number(at)] ?? '',
    )
    .registerFunction(
      'string.replace(string, string): string',
      (text: string, part: string, by: string) => text.replaceAll(part, () => by),
    )
    .registerFunction('string.replace(string, string, int): string', replace)
    .registerFunction('string.reverse(): string', (text: string) =>
      Array.from(text).toReversed().join(''),
    )
    .registerFunction('string.format(list<dyn>): string', formatText);
}

/** The verbs of Go's fmt that CEL allows. */
function formatText(pattern: string, values: List): string {
  const rest = toArray(values);
  return pattern.replaceAll(
    /%(%|(?:\.(\d+))?([sdfexXob]))/g,
    (_all, whole: string, digits: string, verb: string) => {
      if (whole === '%') return '%';
      if (rest.length === 0) throw new Error('index out of range');
      const value = rest.shift();
      switch (verb) {
        case 'f':
          return Number(value).toFixed(Number(digits ?? 6));
        case 'e':
          return Number(value).toExponential(Number(digits ?? 6));
        case 'x':
          return BigInt(value as bigint).toString(16);
        case 'X':
          return BigInt(value as bigint)
            .toString(16)
            .toUpperCase();
        case 'o':
          return BigInt(value as bigint).toString(8);
        case 'b':
          return BigInt(value as bigint).toString(2);
        default:
          return printText(value);
      }
    },
  );
}

function printText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(printText).join(', ')}]`;
  return String(value);
}

function registerRegExps(environment: Environment): void {
  const compile = (pattern: string): RegExp => {
    const regExp = parseGoRegExp(pattern);
    if (regExp === undefined) throw new Error(`error parsing regexp: ${pattern}`);
    return regExp;
  };
  const findAll = (text: string, pattern: string, limit: bigint): string[] => {
    const { source, flags } = compile(pattern);
    const all = [...text.matchAll(new RegExp(source, `${flags}g`))].map(([whole]) => whole);
    return limit < 0n ? all : all.slice(0, Number(limit));
  };
  environment
    .registerFunction(
      'string.find(string): string',
      (text: string, pattern: string) => compile(pattern).exec(text)?.[0] ?? '',
    )
    .registerFunction('string.findAll(string): list<string>', (text: string, pattern: string) =>
      findAll(text, pattern, -1n),
    )
    .registerFunction('string.findAll(string, int): list<string>', findAll);
}

function registerSets(environment: Environment): void {
  class SetFunctions {}
  const has = (list: List, item: unknown): boolean =>
    toArray(list).some((one) => isDeepEqual(one, item));
  const contains = (all: List, some: List): boolean => toArray(some).every((one) => has(all, one));
  environment
    .registerType('kubernetes.sets', SetFunctions)
    .registerConstant('sets', 'kubernetes.sets', new SetFunctions())
    .registerFunction(
      'kubernetes.sets.contains(list<T>, list<T>): bool',
      (_sets: unknown, all: List, some: List) => contains(all, some),
    )
    .registerFunction(
      'kubernetes.sets.equivalent(list<T>, list<T>): bool',
      (_sets: unknown, one: List, other: List) => contains(one, other) && contains(other, one),
    )
    .registerFunction(
      'kubernetes.sets.intersects(list<T>, list<T>): bool',
      (_sets: unknown, one: List, other: List) => toArray(one).some((item) => has(other, item)),
    );
}

function registerUrls(environment: Environment): void {
  class CelUrl {
    readonly url: URL;
    readonly isPath: boolean;
    constructor(text: string) {
      this.isPath = text.startsWith('/');
      this.url = new URL(this.isPath ? `http://none${text}` : text);
    }
  }
  const parse = (text: string): CelUrl | undefined => {
    if (!text.startsWith('/') && !/^[A-Za-z][A-Za-z0-9+.-]*:/.test(text)) return undefined;
    return URL.canParse(text.startsWith('/') ? `http://none${text}` : text)
      ? new CelUrl(text)
      : undefined;
  };
  const part =
    (read: (url: URL) => string) =>
    ({ url, isPath }: CelUrl): string =>
      isPath ? '' : read(url);
  environment
    .registerType('kubernetes.URL', CelUrl)
    .registerFunction('isURL(string): bool', (text: string) => parse(text) !== undefined)
    .registerFunction('url(string): kubernetes.URL', (text: string) => {
      const url = parse(text);
      if (url === undefined)
        throw new Error(`URL parse error during conversion from string: ${text}`);
      return url;
    })
    .registerFunction(
      'kubernetes.URL.getScheme(): string',
      part((url) => url.protocol.slice(0, -1)),
    )
    .registerFunction(
      'kubernetes.URL.getHost(): string',
      part((url) => url.host),
    )
    .registerFunction(
      'kubernetes.URL.getHostname(): string',
      part((url) => url.hostname),
    )
    .registerFunction(
      'kubernetes.URL.getPort(): string',
      part((url) => url.port),
    )
    .registerFunction('kubernetes.URL.getEscapedPath(): string', ({ url }: CelUrl) => url.pathname)
    .registerFunction(
      'kubernetes.URL.getQuery(): map<string, list<string>>',
      ({ url }: CelUrl) =>
        new Map(
          [...new Set(url.searchParams.keys())].map((key) => [key, url.searchParams.getAll(key)]),
        ),
    );
}

function registerAddresses(environment: Environment): void {
  class CelIp {
    readonly text: string;
    constructor(text: string) {
      this.text = text;
    }
  }
  environment
    .registerType('net.IP', CelIp)
    .registerFunction('isIP(string): bool', isIp)
    .registerFunction('isCIDR(string): bool', isCidr)
    .registerFunction('ip(string): net.IP', (text: string) => {
      if (!isIp(text)) throw new Error(`IP Address "${text}" parse error`);
      return new CelIp(text);
    })
    .registerFunction('net.IP.family(): int', ({ text }: CelIp) => (isIpv4(text) ? 4n : 6n))
    .registerFunction(
      'net.IP.isLoopback(): bool',
      ({ text }: CelIp) => text.startsWith('127.') || text === '::1',
    )
    .registerFunction(
      'net.IP.isUnspecified(): bool',
      ({ text }: CelIp) => text === '0.0.0.0' || text === '::',
    );
}
