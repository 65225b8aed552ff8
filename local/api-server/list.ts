// GET of a collection, with selectors, and in pages where a limit is given.

import { isEverything, matchesStored, readSelection } from './read-selection.ts';
import type { Answer, Call, ListAnswer, ServerParts } from './server-parts.ts';
import { storageKey } from './server-parts.ts';
import { badRequest, buildStatusError, expired } from './status-error.ts';
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

/** All objects a request selects, in order. */
export function selectObjects(
  parts: ServerParts,
  call: Call,
  page: { after?: ListPosition | undefined; limit?: number | undefined } = {},
): Selected {
  const key = storageKey(call.info);
  const { namespace } = call.path;
  const selection = readSelection(call);
  const single = selection.fields.find((one) => one.field === 'metadata.name' && one.isEqual);
  if (single !== undefined && (namespace !== undefined || !call.info.namespaced)) {
    const stored = parts.storage.get(key, namespace ?? '', single.value);
    const isWanted = stored !== undefined && matchesStored(selection, stored);
    return { items: isWanted ? [stored] : [], hasMore: false, remaining: undefined };
  }
  const isAll = isEverything(selection);
  const wanted = page.limit ?? Infinity;
  const items: StoredObject[] = [];
  let after = page.after;
  for (;;) {
    const limit = isAll && wanted === Infinity ? undefined : batchObjects;
    const batch = parts.storage.list(key, { namespace, after, limit });
    for (const stored of batch) {
      if (!matchesStored(selection, stored)) continue;
      if (items.length < wanted) items.push(stored);
      else
        return {
          items,
          hasMore: true,
          remaining: isAll ? countAfter(parts, call, items, page) : undefined,
        };
    }
    if (limit === undefined || batch.length < limit) {
      return { items, hasMore: false, remaining: undefined };
    }
    after = batch.at(-1);
  }
}

function countAfter(
  parts: ServerParts,
  call: Call,
  items: StoredObject[],
  page: { after?: ListPosition | undefined },
): number | undefined {
  if (page.after !== undefined) return undefined;
  return parts.storage.count(storageKey(call.info), call.path.namespace) - items.length;
}

function readLimit(text: string | null): number | undefined {
  if (text === null || text === '' || text === '0') return undefined;
  if (!/^\d{1,9}$/.test(text)) throw badRequest(`limit: invalid value ${JSON.stringify(text)}`);
  return Number(text);
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
      message: `Too large resource version: ${wanted}, current: ${current}`,
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
    message: `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
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
