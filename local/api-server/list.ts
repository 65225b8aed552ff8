// GET of a collection, with selectors, and in pages where a limit is given.

import type { Cause } from './cause.ts';
import { isEverything, matchesStored, readSelection } from './read-selection.ts';
import type { Answer, Call, ListAnswer, ServerParts } from './server-parts.ts';
import { storageKey } from './server-parts.ts';
import { badRequest, buildStatusError, expired, invalidOption } from './status-error.ts';
import type { ListPosition, StoredObject } from './storage.ts';

/** Where the next page starts, and the version the first page was read at. */
interface ContinueToken {
  v: 'rouse';
  rv: number;
  after: ListPosition;
}

/** Objects read from storage at once while a selector looks for matches. */
const batchObjects = 500;

export function listObjects(parts: ServerParts, call: Call): Answer {
  checkListOptions(call);
  const limit = readLimit(call.query.get('limit'));
  const token = readToken(call.query.get('continue'));
  checkVersion(parts, call, token);
  const selected = selectObjects(parts, call, { after: token?.after, limit });
  // Later pages carry the first page's version: a watch from there repeats what changed in between.
  const resourceVersion = token?.rv ?? parts.storage.resourceVersion();
  const last = selected.items.at(-1);
  const metadata: ListAnswer['metadata'] = { resourceVersion: String(resourceVersion) };
  if (selected.hasMore && last !== undefined) {
    const after = { namespace: last.namespace, name: last.name };
    metadata.continue = writeToken({ v: 'rouse', rv: resourceVersion, after });
    if (selected.remaining !== undefined) metadata.remainingItemCount = selected.remaining;
  }
  return { kind: 'list', info: call.info, items: selected.items, metadata };
}

interface Selected {
  items: StoredObject[];
  hasMore: boolean;
  /** Known only without selectors. */
  remaining: number | undefined;
}

interface Page {
  readonly after?: ListPosition | undefined;
  readonly limit?: number | undefined;
}

/** All objects a request selects, in order. */
export function selectObjects(parts: ServerParts, call: Call, page: Page = {}): Selected {
  const selection = readSelection(call);
  const single = selection.fields.find((one) => one.field === 'metadata.name' && one.isEqual);
  const isOne = single !== undefined && isInOneNamespace(call);
  const found = isOne
    ? readOne(parts, call, single.value)
    : readAll(parts, call, page, isEverything(selection));
  const items: StoredObject[] = [];
  for (const stored of found) {
    if (!matchesStored(selection, stored)) continue;
    if (page.limit !== undefined && items.length >= page.limit) {
      const remaining = isEverything(selection) ? countAfter(parts, call, items, page) : undefined;
      return { items, hasMore: true, remaining };
    }
    items.push(stored);
  }
  return { items, hasMore: false, remaining: undefined };
}

function isInOneNamespace(call: Call): boolean {
  return call.path.namespace !== undefined || !call.info.namespaced;
}

function readOne(parts: ServerParts, call: Call, name: string): StoredObject[] {
  const stored = parts.storage.get(storageKey(call.info), call.path.namespace ?? '', name);
  return stored === undefined ? [] : [stored];
}

/** In batches, so that a page or a rare match doesn't read the whole collection at once. */
function* readAll(
  parts: ServerParts,
  call: Call,
  page: Page,
  isAll: boolean,
): Generator<StoredObject> {
  const { namespace } = call.path;
  const limit = isAll && page.limit === undefined ? undefined : batchObjects;
  let { after } = page;
  for (;;) {
    const batch = parts.storage.list(storageKey(call.info), { namespace, after, limit });
    yield* batch;
    if (limit === undefined || batch.length < limit) return;
    after = batch.at(-1);
  }
}

function countAfter(
  parts: ServerParts,
  call: Call,
  items: StoredObject[],
  page: Page,
): number | undefined {
  if (page.after !== undefined) return undefined;
  return parts.storage.count(storageKey(call.info), call.path.namespace) - items.length;
}

function readLimit(text: string | null): number | undefined {
  const limit = readInteger(text);
  return limit === undefined || limit <= 0 ? undefined : limit;
}

/** A number in a query, as a Go server reads it. Throws 400. */
export function readInteger(text: string | null): number | undefined {
  if (text === null || text === '') return undefined;
  if (/^-?\d{1,15}$/.test(text)) return Number(text);
  throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
}

/** The options a list and a watch have in common to get wrong. */
function checkListOptions(call: Call): void {
  const { query } = call;
  readInteger(query.get('timeoutSeconds'));
  const match = query.get('resourceVersionMatch') ?? '';
  const version = query.get('resourceVersion') ?? '';
  const field = 'resourceVersionMatch';
  if (query.get('sendInitialEvents') !== null) {
    const message = 'Forbidden: sendInitialEvents is forbidden for list';
    throw refuse([{ reason: 'FieldValueForbidden', field: 'sendInitialEvents', message }]);
  }
  if (match === '') return;
  if (version === '') {
    const message =
      'Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided';
    throw refuse([{ reason: 'FieldValueForbidden', field, message }]);
  }
  if (match !== 'Exact' && match !== 'NotOlderThan') {
    const message = `Unsupported value: ${JSON.stringify(match)}: supported values: "Exact", "NotOlderThan", ""`;
    throw refuse([{ reason: 'FieldValueNotSupported', field, message }]);
  }
  if (match === 'Exact' && version === '0') {
    const message = 'Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"';
    throw refuse([{ reason: 'FieldValueForbidden', field, message }]);
  }
}

export function refuse(causes: readonly Cause[]): Error {
  return invalidOption('ListOptions', causes);
}

function checkVersion(parts: ServerParts, call: Call, token: ContinueToken | undefined): void {
  if (token !== undefined) {
    if (token.rv >= parts.storage.oldestResourceVersion()) return;
    throw expired(
      'The provided continue parameter is too old to display a consistent list result. ' +
        'You must start a new list without the continue parameter.',
    );
  }
  const text = call.query.get('resourceVersion');
  if (text === null || text === '' || text === '0') return;
  const wanted = parseResourceVersion(text);
  const current = parts.storage.resourceVersion();
  if (wanted > current) {
    throw buildStatusError({
      code: 504,
      reason: 'Timeout',
      message: `Timeout: Too large resource version: ${wanted}, current: ${current}`,
      details: {
        causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
        retryAfterSeconds: 1,
      },
    });
  }
  if (call.query.get('resourceVersionMatch') === 'Exact' && wanted !== current) {
    throw expired(`The resourceVersion for the provided list is too old.`);
  }
}

export function parseResourceVersion(text: string): number {
  const version = Number(text);
  if (/^\d{1,15}$/.test(text)) return version;
  throw buildStatusError({
    code: 400,
    reason: 'BadRequest',
    message: `invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
  });
}

function writeToken(token: ContinueToken): string {
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

function readToken(text: string | null): ContinueToken | undefined {
  if (text === null || text === '') return undefined;
  try {
    const token = JSON.parse(Buffer.from(text, 'base64url').toString()) as ContinueToken;
    const { name, namespace } = token.after;
    const isGood =
      token.v === 'rouse' &&
      Number.isSafeInteger(token.rv) &&
      typeof name === 'string' &&
      typeof namespace === 'string';
    if (isGood) return token;
  } catch {
    // Falls through to the refusal.
  }
  throw badRequest('continue key is not valid: it was not made by this server');
}
