// The storage keeps every object over a restart, counts versions, and forgets old changes at a bound.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AnyObject } from '../../../../local/api-server/any-object.ts';
import { cloneJson } from '../../../../local/api-server/any-object.ts';
import { SqliteStorage } from '../../../../local/api-server/sqlite-storage.ts';

const key = '/configmaps';
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rouse-storage-'));
  path = join(folder, 'cluster.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

const object = (name: string): AnyObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', uid: name },
});

describe('SqliteStorage', () => {
  it('keeps objects, versions and the history over a restart', () => {
    const first = new SqliteStorage({ path });
    first.create(key, object('a'));
    const version = first.create(key, object('b')).resourceVersion;
    first.close();
    const second = new SqliteStorage({ path });
    expect(second.list(key).map((one) => one.name)).toEqual(['a', 'b']);
    expect(second.resourceVersion()).toBe(version);
    expect(second.changesSince(key, version - 1).map((one) => one.stored.name)).toEqual(['b']);
    expect(second.create(key, object('c')).resourceVersion).toBe(version + 1);
    second.close();
  });

  it('writes the version into the object and its JSON', () => {
    const storage = new SqliteStorage({ path });
    const stored = storage.create(key, object('a'));
    const text = String(stored.resourceVersion);
    expect(stored.object.metadata.resourceVersion).toBe(text);
    expect(JSON.parse(stored.json)).toEqual(stored.object);
    storage.close();
  });

  it('refuses a name that is taken and a state that is not the latest', () => {
    const storage = new SqliteStorage({ path });
    const old = storage.create(key, object('a'));
    expect(() => storage.create(key, object('a'))).toThrow('configmaps "a" already exists');
    storage.update(old, cloneJson(old.object));
    expect(() => storage.update(old, cloneJson(old.object))).toThrow('has been modified');
    expect(() => storage.remove(old, cloneJson(old.object))).toThrow('has been modified');
    storage.close();
  });

  it('forgets changes beyond the bound and says from where a watch may start', () => {
    const storage = new SqliteStorage({ path, historyRows: 10 });
    for (let count = 0; count < 100; count += 1) storage.create(key, object(`a${count}`));
    const oldest = storage.oldestResourceVersion();
    expect(storage.resourceVersion() - oldest).toBeLessThanOrEqual(20);
    expect(storage.changesSince(key, oldest)).toHaveLength(storage.resourceVersion() - oldest);
    storage.close();
    const again = new SqliteStorage({ path, historyRows: 10 });
    expect(again.oldestResourceVersion()).toBe(oldest);
    again.close();
  });

  it('tells listeners in order, never inside of a write', async () => {
    const storage = new SqliteStorage({ path });
    const seen: string[] = [];
    storage.subscribe(key, (change) => {
      seen.push(change.stored.name);
      if (change.stored.name === 'a') {
        storage.create(key, object('c'));
        expect(seen).toEqual(['a']);
      }
    });
    storage.create(key, object('a'));
    storage.create(key, object('b'));
    expect(seen).toEqual([]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual(['a', 'b', 'c']);
    storage.close();
  });

  it('goes on from a position in pages', () => {
    const storage = new SqliteStorage({ path });
    for (const name of ['a', 'b', 'c']) storage.create(key, object(name));
    const after = { namespace: 'default', name: 'a' };
    expect(storage.list(key, { after, limit: 1 }).map((one) => one.name)).toEqual(['b']);
    storage.close();
  });
});
