// Keeps every object in one SQLite file, with the last changes for watches, and feeds changes to subscribers.

import { DatabaseSync } from 'node:sqlite';
import type { StatementSync } from 'node:sqlite';
import type { AnyObject } from './any-object.ts';
import { freezeJson } from './any-object.ts';
import { buildSelectable } from './build-selectable.ts';
import type { Selectable } from './build-selectable.ts';
import { alreadyExists, conflict } from './status-error.ts';
import type { Change, Storage, StorageListOptions, StoredObject } from './storage.ts';

/** Changes kept for watches that resume; older versions get 410 Expired. */
export const historyRowsMax = 10_000;
/** Bytes of JSON kept for watches; whichever bound is met first counts. */
export const historyBytesMax = 64 * 1024 * 1024;
/** Writes between two looks at the bounds. */
const trimEveryWrites = 256;

export interface SqliteStorageOptions {
  /** A file, or `:memory:`. */
  readonly path: string;
  /** Default historyRowsMax. */
  readonly historyRows?: number;
  /** Deep-freezes what is handed out, so that a receiver that changes it throws. Default false; for tests. */
  readonly freeze?: boolean;
}

// Exclusive: two servers over one file would each miss the other's changes, so the second must fail at its start.
const schema = `
  PRAGMA busy_timeout = 2000;
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS objects (
    resource TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
    uid TEXT NOT NULL, rv INTEGER NOT NULL, json TEXT NOT NULL);
  CREATE UNIQUE INDEX IF NOT EXISTS objects_key ON objects (resource, namespace, name);
  CREATE TABLE IF NOT EXISTS changes (
    rv INTEGER PRIMARY KEY, resource TEXT NOT NULL, type TEXT NOT NULL,
    namespace TEXT NOT NULL, name TEXT NOT NULL, json TEXT NOT NULL, previous TEXT);
  CREATE INDEX IF NOT EXISTS changes_resource ON changes (resource, rv);
`;

interface Row {
  resource: string;
  namespace: string;
  name: string;
  rv: number;
  json: string;
}

interface ChangeRow extends Row {
  type: Change['type'];
  previous: string | null;
}

class SqliteObject implements StoredObject {
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly resourceVersion: number;
  readonly json: string;
  readonly #freeze: boolean;
  #object: AnyObject | undefined;

  constructor(row: Row, freeze: boolean, object?: AnyObject) {
    this.resource = row.resource;
    this.namespace = row.namespace;
    this.name = row.name;
    this.resourceVersion = row.rv;
    this.json = row.json;
    this.#freeze = freeze;
    this.#object = object;
    if (freeze && object !== undefined) freezeJson(object);
  }

  get object(): AnyObject {
    if (this.#object === undefined) {
      this.#object = JSON.parse(this.json) as AnyObject;
      if (this.#freeze) freezeJson(this.#object);
    }
    return this.#object;
  }
}

export class SqliteStorage implements Storage {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #listeners = new Map<string, Set<(change: Change) => void>>();
  readonly #historyRows: number;
  readonly #freeze: boolean;
  #resourceVersion: number;
  #oldest: number;
  #historyBytes: number;
  #writesUntilTrim: number;
  #pending: Change[] = [];

  constructor(options: SqliteStorageOptions) {
    this.#historyRows = options.historyRows ?? historyRowsMax;
    this.#writesUntilTrim = Math.min(trimEveryWrites, this.#historyRows);
    this.#freeze = options.freeze ?? false;
    this.#db = new DatabaseSync(options.path);
    this.#db.exec(schema);
    const kept = this.#db
      .prepare('SELECT min(rv) AS first, max(rv) AS last, sum(length(json)) AS bytes FROM changes')
      .get() as { first: number | null; last: number | null; bytes: number | null };
    // Starts above zero: version 0 means "any" to clients.
    this.#resourceVersion = kept.last ?? 1;
    this.#oldest = (kept.first ?? 2) - 1;
    this.#historyBytes = kept.bytes ?? 0;
  }

  resourceVersion(): number {
    return this.#resourceVersion;
  }

  oldestResourceVersion(): number {
    return this.#oldest;
  }

  get(resource: string, namespace: string, name: string): StoredObject | undefined {
    const row = this.#prepare(
      'SELECT * FROM objects WHERE resource = ? AND namespace = ? AND name = ?',
    ).get(resource, namespace, name) as unknown as Row | undefined;
    return row === undefined ? undefined : new SqliteObject(row, this.#freeze);
  }

  list(resource: string, options: StorageListOptions = {}): StoredObject[] {
    const { namespace, after, limit = -1 } = options;
    const where = ['resource = ?'];
    const values: (string | number)[] = [resource];
    if (namespace !== undefined) {
      where.push('namespace = ?');
      values.push(namespace);
    }
    if (after !== undefined) {
      where.push('(namespace, name) > (?, ?)');
      values.push(after.namespace, after.name);
    }
    const rows = this.#prepare(
      `SELECT * FROM objects WHERE ${where.join(' AND ')} ORDER BY namespace, name LIMIT ?`,
    ).all(...values, limit) as unknown as Row[];
    return rows.map((row) => new SqliteObject(row, this.#freeze));
  }

  count(resource: string, namespace?: string): number {
    const row =
      namespace === undefined
        ? this.#prepare('SELECT count(*) AS n FROM objects WHERE resource = ?').get(resource)
        : this.#prepare(
            'SELECT count(*) AS n FROM objects WHERE resource = ? AND namespace = ?',
          ).get(resource, namespace);
    return (row as { n: number }).n;
  }

  create(resource: string, object: AnyObject): StoredObject {
    const { name, namespace = '', uid = '' } = object.metadata;
    const stored = this.#stamp(resource, namespace, name, object);
    const change = { type: 'ADDED', stored, previous: undefined, before: () => undefined } as const;
    return this.#write(change, () => {
      const done = this.#prepare(
        'INSERT INTO objects (resource, namespace, name, uid, rv, json) VALUES (?, ?, ?, ?, ?, ?) ' +
          'ON CONFLICT DO NOTHING',
      ).run(resource, namespace, name, uid, stored.resourceVersion, stored.json);
      if (done.changes === 0) throw alreadyExists(resource, name);
    });
  }

  update(current: StoredObject, object: AnyObject): StoredObject {
    const { resource, namespace, name } = current;
    const stored = this.#stamp(resource, namespace, name, object);
    const previous = buildSelectable(resource, current.object);
    return this.#write({ type: 'MODIFIED', stored, previous, before: () => current }, () => {
      const done = this.#prepare(
        'UPDATE objects SET rv = ?, json = ? WHERE resource = ? AND namespace = ? AND name = ? AND rv = ?',
      ).run(
        stored.resourceVersion,
        stored.json,
        resource,
        namespace,
        name,
        current.resourceVersion,
      );
      if (done.changes === 0) throw conflict(resource, name);
    });
  }

  remove(current: StoredObject, object: AnyObject): StoredObject {
    const { resource, namespace, name } = current;
    const stored = this.#stamp(resource, namespace, name, object);
    const previous = buildSelectable(resource, current.object);
    return this.#write({ type: 'DELETED', stored, previous, before: () => current }, () => {
      const done = this.#prepare(
        'DELETE FROM objects WHERE resource = ? AND namespace = ? AND name = ? AND rv = ?',
      ).run(resource, namespace, name, current.resourceVersion);
      if (done.changes === 0) throw conflict(resource, name);
    });
  }

  changesSince(resource: string, resourceVersion: number): Change[] {
    const rows = this.#prepare(
      'SELECT * FROM changes WHERE resource = ? AND rv > ? ORDER BY rv',
    ).all(resource, resourceVersion) as unknown as ChangeRow[];
    return rows.map((row) => ({
      type: row.type,
      stored: new SqliteObject(row, this.#freeze),
      previous: row.previous === null ? undefined : (JSON.parse(row.previous) as Selectable),
      before: () => (row.type === 'ADDED' ? undefined : this.#before(row)),
    }));
  }

  #before({ resource, namespace, name, rv }: ChangeRow): StoredObject | undefined {
    const row = this.#prepare(
      'SELECT * FROM changes WHERE resource = ? AND namespace = ? AND name = ? AND rv < ? ORDER BY rv DESC LIMIT 1',
    ).get(resource, namespace, name, rv) as unknown as ChangeRow | undefined;
    return row === undefined ? undefined : new SqliteObject(row, this.#freeze);
  }

  subscribe(resource: string, listener: (change: Change) => void): () => void {
    const listeners = this.#listeners.get(resource) ?? new Set();
    this.#listeners.set(resource, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }

  close(): void {
    this.#listeners.clear();
    this.#statements.clear();
    this.#db.close();
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #stamp(resource: string, namespace: string, name: string, object: AnyObject): StoredObject {
    const rv = this.#resourceVersion + 1;
    object.metadata.resourceVersion = String(rv);
    const row = { resource, namespace, name, rv, json: JSON.stringify(object) };
    return new SqliteObject(row, this.#freeze, object);
  }

  #write(change: Change, writeObject: () => void): StoredObject {
    const { stored, previous } = change;
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      writeObject();
      this.#prepare(
        'INSERT INTO changes (rv, resource, type, namespace, name, json, previous) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ).run(
        stored.resourceVersion,
        stored.resource,
        change.type,
        stored.namespace,
        stored.name,
        stored.json,
        previous === undefined ? null : JSON.stringify(previous),
      );
      this.#db.exec('COMMIT');
    } catch (error) {
      this.#db.exec('ROLLBACK');
      throw error;
    }
    this.#resourceVersion = stored.resourceVersion;
    this.#historyBytes += stored.json.length;
    this.#trimSometimes();
    this.#announce(change);
    return stored;
  }

  // Listeners run in a microtask: a listener that writes never runs inside another one's write, and order is kept.
  #announce(change: Change): void {
    if (this.#pending.push(change) > 1) return;
    queueMicrotask(() => {
      const changes = this.#pending;
      this.#pending = [];
      for (const one of changes) this.#deliver(one);
    });
  }

  #deliver(change: Change): void {
    for (const listener of this.#listeners.get(change.stored.resource) ?? []) listener(change);
  }

  #trimSometimes(): void {
    this.#writesUntilTrim -= 1;
    if (this.#writesUntilTrim > 0 && this.#historyBytes < historyBytesMax) return;
    this.#writesUntilTrim = Math.min(trimEveryWrites, this.#historyRows);
    let oldest = Math.max(this.#oldest, this.#resourceVersion - this.#historyRows);
    // Too many bytes: let the older half go, which keeps this rare.
    if (this.#historyBytes >= historyBytesMax) {
      oldest = Math.max(oldest, Math.floor((this.#oldest + this.#resourceVersion) / 2));
    }
    if (oldest === this.#oldest) return;
    this.#prepare('DELETE FROM changes WHERE rv <= ?').run(oldest);
    this.#oldest = oldest;
    const kept = this.#prepare('SELECT sum(length(json)) AS bytes FROM changes').get();
    this.#historyBytes = (kept as { bytes: number | null }).bytes ?? 0;
  }
}
