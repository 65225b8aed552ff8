// Puts symbols in the place of what has to differ between two servers: uids, versions, times, addresses, random names.

import type { Exchange } from './conformance-case.ts';
import { hideClient } from './hide-client.ts';

export interface NormaliseOptions {
  readonly namespace: string;
  readonly nodes: readonly string[];
  readonly url: string;
  /** Fields of objects that are left out. */
  readonly without: readonly string[];
  /** Whether versions become their rank among all that were seen, or just RV. */
  readonly isOrdered: boolean;
}

type JsonMap = Record<string, unknown>;

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const microTime = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z/g;
const time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)/g;
const privateAddress = /\b(?:10|127|172|192)\.\d{1,3}\.\d{1,3}\.\d{1,3}\b/g;
const age = /(?<![\w.-])(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s|(?<=[dhm]))(?![\w.-])/g;

/** A refusal may quote the whole object it refuses. */
const quotedObject = /"\{\\"apiVersion.*\}"/g;
const versionInText =
  /(?<=resource ?version[\\":=, ]*(?:in [\w ]+(?:: | \())?|current: )\b\d+\b(?: \(\d+\))?/gi;
/** Names made up are cut to this before their suffix. */
const baseLengthMax = 58;

/** Names and hashes that one side made up, found in the answers themselves. */
interface Symbols {
  readonly texts: [string, string][];
  readonly versions: Map<string, string>;
  readonly uids: Map<string, string>;
}

export function normaliseExchanges(
  exchanges: readonly Exchange[],
  options: NormaliseOptions,
): Exchange[] {
  const symbols = collectSymbols(exchanges, options);
  return exchanges.map((one) => {
    const exchange = hideClient(normaliseExchange(one, symbols));
    return { ...exchange, body: sortCauses(dropFields(exchange.body, options.without)) };
  });
}

/** A real server lists what is wrong in any order, and some of it twice. */
function sortCauses(body: unknown): unknown {
  const details = mapOf(mapOf(body)['details']);
  const { causes } = details;
  if (!Array.isArray(causes) || causes.length < 2) return body;
  const say = (one: unknown) => `${mapOf(one)['field']}: ${mapOf(one)['message']}`;
  const sorted = new Map(causes.map((one): [string, unknown] => [say(one), one]));
  const texts = [...sorted.keys()].sort();
  const { message, ...rest } = body as JsonMap;
  const isWhole = texts.every((one) => String(message).includes(one));
  const head = String(message).replace(/ is invalid: .*/s, ' is invalid: ');
  return {
    ...rest,
    message: isWhole ? head + (texts.length > 1 ? `[${texts.join(', ')}]` : texts[0]) : message,
    details: { ...details, causes: texts.map((one) => sorted.get(one)) },
  };
}

function dropFields(body: unknown, without: readonly string[]): unknown {
  const map = mapOf(body);
  if (without.length === 0 || map['kind'] === 'Status' || Array.isArray(body)) return body;
  return Object.fromEntries(Object.entries(map).filter(([key]) => !without.includes(key)));
}

function normaliseExchange(one: Exchange, symbols: Symbols): Exchange {
  const isKubectl = one.request.startsWith('kubectl ');
  const body = normalise(one.body, { symbols, key: '', isList: false, isKubectl });
  return {
    request: normaliseText(one.request, symbols),
    status: one.status,
    headers: normalise(one.headers, {
      symbols,
      key: '',
      isList: false,
      isKubectl: false,
    }) as Exchange['headers'],
    body,
  };
}

function collectSymbols(exchanges: readonly Exchange[], options: NormaliseOptions): Symbols {
  const texts: [string, string][] = [
    [options.namespace, 'NS'],
    [options.url, 'https://SERVER'],
    [options.url.replace('https://', ''), 'SERVER'],
    ...options.nodes.filter(isOwnWord).map((name): [string, string] => [name, 'NODE']),
  ];
  const versions = new Set<string>();
  const named = new Map<string, string>();
  visit(exchanges, false, (map, isOfCollection) => {
    collectNames(map, named);
    const { resourceVersion } = map;
    if (typeof resourceVersion === 'string' && !isOfCollection) versions.add(resourceVersion);
  });
  for (const text of textsIn(exchanges)) {
    for (const [, version = ''] of text.matchAll(/resourceVersion: "(\d+)"/g))
      versions.add(version);
  }
  const ranked = [...versions].filter((one) => /^\d+$/.test(one) && one !== '0');
  ranked.sort((left, right) => Number(left) - Number(right));
  return {
    texts: [...texts, ...named].sort(([left], [right]) => right.length - left.length),
    versions: new Map(ranked.map((one, at) => [one, options.isOrdered ? `RV${at + 1}` : 'RV'])),
    uids: new Map(),
  };
}

// A short name may be an ordinary word: that one is only replaced where it stands alone.
function isOwnWord(name: string): boolean {
  return name.length > 8;
}

// A list carries the version of the whole storage, in which other writers have a part; so does a bookmark.
function isCollection(map: JsonMap): boolean {
  const { kind, type } = map;
  if (type === 'BOOKMARK') return true;
  return typeof kind === 'string' && (kind.endsWith('List') || kind === 'Table');
}

function collectNames(map: JsonMap, named: Map<string, string>): void {
  const { generateName, name, labels, message } = map;
  const hash = mapOf(labels)['pod-template-hash'];
  if (typeof hash === 'string' && !named.has(hash)) named.set(hash, `HASH${named.size + 1}`);
  const base = typeof generateName === 'string' ? generateName : refusedBase(message);
  const made = typeof name === 'string' ? name : mapOf(map['details'])['name'];
  if (base === undefined || typeof made !== 'string') return;
  const suffix = made.slice(Math.min(base.length, baseLengthMax));
  if (/^[a-z0-9]{5}$/.test(suffix) && !named.has(suffix)) {
    named.set(suffix, `SUFFIX${named.size + 1}`);
  }
}

/** The generateName that a refusal speaks of. */
function refusedBase(message: unknown): string | undefined {
  const found = /metadata\.generateName: Invalid value: "([^"]+)"/.exec(String(message));
  return found?.[1];
}

interface Place {
  readonly symbols: Symbols;
  readonly key: string;
  /** Whether this is the metadata of a list. */
  readonly isList: boolean;
  readonly isKubectl: boolean;
}

function normalise(value: unknown, place: Place): unknown {
  if (typeof value === 'string') return normaliseString(value, place);
  if (Array.isArray(value)) return value.map((one) => normalise(one, place));
  if (typeof value !== 'object' || value === null) return value;
  const result: JsonMap = {};
  for (const [key, one] of Object.entries(value)) {
    // Who set which field is compared by the cases of server-side apply.
    if (key === 'managedFields') continue;
    const isList = isOfCollection(value as JsonMap, key, place.isList);
    result[normaliseText(key, place.symbols)] = normalise(one, { ...place, isList, key });
  }
  return result;
}

function normaliseString(value: string, place: Place): string {
  if (place.key === 'resourceVersion') {
    if (place.isList) return value === '' ? '' : 'RV-LIST';
    return place.symbols.versions.get(value) ?? value;
  }
  if (place.key === 'storageVersionHash') return 'HASH';
  if (place.key === 'continue') return value === '' ? '' : 'CONTINUE';
  if (place.key === 'nodeName' || place.key === 'host') return value === '' ? '' : 'NODE';
  const text = normaliseText(value, place.symbols);
  if (place.key === 'cells') return text.replace(age, 'AGE');
  return place.isKubectl ? text.replace(age, 'AGE').replace(/ {2,}/g, '  ').trimEnd() : text;
}

function normaliseText(text: string, { texts, uids }: Symbols): string {
  let result = text;
  for (const [found, symbol] of texts) result = result.replaceAll(found, symbol);
  return result
    .replace(uuid, (one) => nameUid(one, uids))
    .replace(microTime, 'MICROTIME')
    .replace(time, 'TIME')
    .replace(privateAddress, 'ADDRESS')
    .replace(/kube-api-access-[a-z0-9]{5}/g, 'kube-api-access-SUFFIX')
    .replace(/\b(?:containerd|process):\/\/[\w-]+/g, 'CONTAINER')
    .replace(/\S*\/(LIVE|MERGED)-\d+/g, '$1')
    .replace(quotedObject, 'OBJECT')
    .replace(versionInText, 'N');
}

function nameUid(one: string, uids: Map<string, string>): string {
  const known = uids.get(one) ?? `UID${uids.size + 1}`;
  uids.set(one, known);
  return known;
}

function mapOf(value: unknown): JsonMap {
  return typeof value === 'object' && value !== null ? (value as JsonMap) : {};
}

type Look = (map: JsonMap, isOfCollection: boolean) => void;

function visit(value: unknown, isInside: boolean, look: Look): void {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) look(value as JsonMap, isInside);
  for (const [key, one] of Object.entries(value)) {
    visit(one, isOfCollection(value as JsonMap, key, isInside), look);
  }
}

/** Whether what stands under `key` is the metadata of a list, or a bookmark and all that is in it. */
function isOfCollection(map: JsonMap, key: string, isInside: boolean): boolean {
  if (isInside) return !Array.isArray(map);
  return isCollection(map) && (key === 'metadata' || key === 'object');
}

function* textsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null) {
    for (const one of Object.values(value)) yield* textsIn(one);
  }
}
