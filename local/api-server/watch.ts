// GET of a collection with watch=true: what exists, what was missed, then every change as it happens.

import type { AnyObject } from './any-object.ts';
import { isEverything, matchesStored, readSelection } from './read-selection.ts';
import { readInteger, refuse, selectObjects } from './list.ts';
import { matchesSelection } from './parse-selector.ts';
import type { Selection } from './parse-selector.ts';
import type { Answer, Call, ServerParts, WatchSink } from './server-parts.ts';
import { storageKey } from './server-parts.ts';
import { expired, internal } from './status-error.ts';
import type { Change, StoredObject } from './storage.ts';

/** How often a watcher that allows bookmarks hears of the version everything was sent up to. */
export const bookmarkEveryMs = 60_000;
/** A watch without timeoutSeconds ends after this, as on a real server; clients start it again. */
export const watchDefaultMs = 30 * 60_000;
const watchSecondsMax = 24 * 3600;

export function watchObjects(parts: ServerParts, call: Call): Answer {
  const selection = readSelection(call);
  const start = readStart(call, parts.storage.resourceVersion());
  const timeoutMs = readTimeoutMs(call.query.get('timeoutSeconds'));
  return {
    kind: 'watch',
    info: call.info,
    start: (sink) => startWatch(parts, call, { selection, start, timeoutMs, sink }),
  };
}

interface Start {
  /** Undefined: begin with what exists now. */
  readonly resourceVersion: number | undefined;
  /** A bookmark marks the end of what existed. */
  readonly hasInitialEnd: boolean;
  readonly allowsBookmarks: boolean;
}

function readStart(call: Call, now: number): Start {
  const text = call.query.get('resourceVersion') ?? '';
  const allowsBookmarks = isTrue(call.query.get('allowWatchBookmarks'));
  const initial = call.query.get('sendInitialEvents');
  checkMatch(initial, call.query.get('resourceVersionMatch') ?? '');
  if (isTrue(initial)) {
    return { resourceVersion: undefined, hasInitialEnd: allowsBookmarks, allowsBookmarks };
  }
  const isAnyVersion = text === '' || text === '0';
  // Asked not to list what exists, it begins with what comes next.
  const anyStart = initial === null ? undefined : now;
  const version = isAnyVersion ? anyStart : parseStart(text);
  return { resourceVersion: version, hasInitialEnd: false, allowsBookmarks };
}

function checkMatch(initial: string | null, match: string): void {
  const field = 'resourceVersionMatch';
  if (initial === null && match !== '') {
    const message =
      'Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided';
    throw refuse([{ reason: 'FieldValueForbidden', field, message }]);
  }
  if (initial === null || match === 'NotOlderThan') return;
  const needed =
    'Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan';
  const unsupported = `Unsupported value: ${JSON.stringify(match)}: supported values: "NotOlderThan"`;
  throw refuse([
    { reason: 'FieldValueForbidden', field, message: needed },
    ...(match === ''
      ? []
      : [{ reason: 'FieldValueNotSupported' as const, field, message: unsupported }]),
  ]);
}

/** A version in a watch, which is read deeper inside of a real server than that of a list. Throws 500. */
function parseStart(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const shown = JSON.stringify(text);
  throw internal(
    `resourceVersion: Invalid value: ${shown}: strconv.ParseUint: parsing ${shown}: invalid syntax`,
  );
}

export function isTrue(text: string | null): boolean {
  return text !== null && text !== 'false' && text !== '0';
}

function readTimeoutMs(text: string | null): number {
  if (text === null || text === '' || text === '0') return watchDefaultMs;
  const seconds = readInteger(text) ?? 0;
  return seconds <= 0 ? watchDefaultMs : Math.min(seconds, watchSecondsMax) * 1000;
}

interface WatchOptions {
  readonly selection: Selection;
  readonly start: Start;
  readonly timeoutMs: number;
  readonly sink: WatchSink;
}

function startWatch(parts: ServerParts, call: Call, options: WatchOptions): () => void {
  const { storage, clock } = parts;
  const { selection, start, sink } = options;
  const { resourceVersion } = start;
  const now = storage.resourceVersion();
  if (resourceVersion !== undefined && isOutOfReach(parts, resourceVersion)) {
    const oldest = storage.oldestResourceVersion();
    sink.error(expired(`too old resource version: ${resourceVersion} (${oldest})`).status);
    sink.end();
    return () => undefined;
  }
  // What was written but not yet announced is in the snapshot already: the announcement is skipped by version.
  let sentUpTo = now;
  const unsubscribe = storage.subscribe(storageKey(call.info), (change) => {
    if (change.stored.resourceVersion <= sentUpTo) return;
    sentUpTo = change.stored.resourceVersion;
    sendChange(call, selection, change, sink);
  });
  const finish = (): void => {
    stop();
    sink.end();
  };
  const timer = clock.setTimeout(finish, options.timeoutMs);
  parts.watchEnds.add(finish);
  let bookmarkTimer = start.allowsBookmarks ? nextBookmark() : undefined;
  function nextBookmark(): { cancel(): void } {
    return clock.setTimeout(() => {
      sink.bookmark(storage.resourceVersion(), false);
      bookmarkTimer = nextBookmark();
    }, bookmarkEveryMs);
  }
  function stop(): void {
    parts.watchEnds.delete(finish);
    unsubscribe();
    timer.cancel();
    bookmarkTimer?.cancel();
  }
  if (resourceVersion === undefined) {
    for (const stored of selectObjects(parts, call).items) sink.event('ADDED', stored);
    if (start.hasInitialEnd) sink.bookmark(now, true);
  } else if (resourceVersion < now) {
    for (const change of storage.changesSince(storageKey(call.info), resourceVersion)) {
      sendChange(call, selection, change, sink);
    }
  }
  return stop;
}

// A version of the future comes from another database: the client has to list again just the same.
function isOutOfReach(parts: ServerParts, resourceVersion: number): boolean {
  return (
    resourceVersion < parts.storage.oldestResourceVersion() ||
    resourceVersion > parts.storage.resourceVersion()
  );
}

/** An object that starts to match is ADDED for this watcher, one that stops is DELETED. */
function sendChange(call: Call, selection: Selection, change: Change, sink: WatchSink): void {
  const { stored, previous } = change;
  const { namespace } = call.path;
  if (namespace !== undefined && stored.namespace !== namespace) return;
  if (isEverything(selection)) {
    sink.event(change.type, stored);
    return;
  }
  const was = previous !== undefined && matchesSelection(selection, previous);
  const is = change.type !== 'DELETED' && matchesStored(selection, stored);
  if (is) sink.event(was ? 'MODIFIED' : 'ADDED', stored);
  else if (was) sink.event('DELETED', change.type === 'DELETED' ? stored : leftBehind(change));
}

const left = new WeakMap<Change, StoredObject>();

// Whoever selected it has never seen what it became: it gets what it knew, with the version of the change. Without a
// history of it (a start after a long time) it has to be the new state. Watchers of one change share it.
function leftBehind(change: Change): StoredObject {
  const known = left.get(change);
  if (known !== undefined) return known;
  const { stored } = change;
  const before = change.before();
  if (before === undefined) return stored;
  const metadata = { ...before.object.metadata, resourceVersion: String(stored.resourceVersion) };
  const object: AnyObject = { ...before.object, metadata };
  const { resource, namespace, name, resourceVersion } = stored;
  const json = JSON.stringify(object);
  const built = { resource, namespace, name, resourceVersion, json, object };
  left.set(change, built);
  return built;
}
