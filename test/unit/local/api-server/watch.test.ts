// Watches: from a version, from the start, with selectors, and what happens when the history is gone.

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AnyObject } from '../../../../local/api-server/any-object.ts';
import { createInProcessTransport } from '../../../../local/api-server/in-process-transport.ts';
import { createTestServer } from './test-server.ts';

const path = '/api/v1/namespaces/default/configmaps';
let server: ReturnType<typeof createTestServer>;
let stop: AbortController;

beforeEach(() => {
  server = createTestServer({ historyRows: 20 });
  stop = new AbortController();
});
afterEach(() => {
  stop.abort();
  server.close();
});

function watch(query: Record<string, string>): string[] {
  const seen: string[] = [];
  const request = { method: 'GET' as const, path, query: { watch: 'true', ...query } };
  createInProcessTransport(server)
    .watch({ ...request, signal: stop.signal }, ({ type, object }) => {
      const { metadata, code } = object as AnyObject & { code?: number };
      const isEnd = metadata?.annotations?.['k8s.io/initial-events-end'] === 'true';
      seen.push(`${type} ${isEnd ? 'end' : (metadata.name ?? code)}`);
    })
    .catch(() => undefined);
  return seen;
}

async function write(name: string, labels: Record<string, string> = {}): Promise<void> {
  const transport = createInProcessTransport(server);
  const made = await transport.request({
    method: 'POST',
    path,
    body: { metadata: { name, labels } },
  });
  if (made.status === 201) return;
  await transport.request({
    method: 'PATCH',
    path: `${path}/${name}`,
    body: { metadata: { labels } },
  });
}

describe('watchObjects', () => {
  it('starts with what exists when no version is given', async () => {
    await write('a');
    const seen = watch({});
    await write('b');
    expect(seen).toEqual(['ADDED a', 'ADDED b']);
  });

  it('goes on after a version, missing nothing and repeating nothing', async () => {
    await write('a');
    const resourceVersion = server.version();
    await write('b');
    const seen = watch({ resourceVersion });
    await write('c');
    expect(seen).toEqual(['ADDED b', 'ADDED c']);
  });

  it('turns a change of labels into ADDED and DELETED', async () => {
    const seen = watch({ labelSelector: 'x=1', resourceVersion: server.version() });
    await write('a');
    await write('a', { x: '1' });
    await write('a', { x: '1', y: '2' });
    await write('a', { x: '2' });
    await write('a', { x: '3' });
    expect(seen).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a']);
  });

  it('sends what leaves the selection as it was, with the version of the change', async () => {
    const since = server.version();
    const told: string[] = [];
    const look = ({ type, object }: { type: string; object: unknown }): void => {
      const { metadata } = object as AnyObject;
      told.push(`${type} x=${metadata.labels?.['x']} ${metadata.resourceVersion}`);
    };
    const follow = (): void => {
      const query = { watch: 'true', labelSelector: 'x=1', resourceVersion: since };
      createInProcessTransport(server)
        .watch({ method: 'GET', path, query, signal: stop.signal }, look)
        .catch(() => undefined);
    };
    follow();
    await write('a', { x: '1' });
    const entered = server.version();
    await write('a', { x: '2' });
    const all = [`ADDED x=1 ${entered}`, `DELETED x=1 ${server.version()}`];
    expect(told).toEqual(all);
    // Once more, from the history.
    follow();
    expect(told).toEqual([...all, ...all]);
  });

  it('sends nothing of what exists where initial events are not wanted', async () => {
    await write('a');
    const seen = watch({ sendInitialEvents: 'false', resourceVersionMatch: 'NotOlderThan' });
    await write('b');
    expect(seen).toEqual(['ADDED b']);
  });

  it('marks the end of the initial events', async () => {
    await write('a');
    const query = { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' };
    expect(watch({ ...query, allowWatchBookmarks: 'true' })).toEqual(['ADDED a', 'BOOKMARK end']);
  });

  it('answers 410 for a version that is gone, and for one that never was', async () => {
    const resourceVersion = server.version();
    for (let count = 0; count < 60; count += 1) await write(`a${count}`);
    expect(watch({ resourceVersion })).toEqual(['ERROR 410']);
    expect(watch({ resourceVersion: '999999' })).toEqual(['ERROR 410']);
  });

  it('follows one object by name', async () => {
    const seen = watch({ fieldSelector: 'metadata.name=b', resourceVersion: server.version() });
    await write('a');
    await write('b');
    expect(seen).toEqual(['ADDED b']);
  });
});

describe('listObjects', () => {
  it("answers in pages that carry the first page's version", async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await write(name);
    const transport = createInProcessTransport(server);
    const names: string[] = [];
    const versions = new Set<string>();
    let more: string | undefined = '';
    while (more !== undefined) {
      const query: Record<string, string> = { limit: '2', ...(more && { continue: more }) };
      const { body } = await transport.request({ method: 'GET', path, query });
      const list = body as {
        items: AnyObject[];
        metadata: { continue?: string; resourceVersion: string };
      };
      names.push(...list.items.map((one) => one.metadata.name));
      versions.add(list.metadata.resourceVersion);
      more = list.metadata.continue;
      await write(`z${names.length}`, { late: 'yes' });
    }
    expect(names.slice(0, 5)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(versions.size).toBe(1);
  });

  it('refuses a selector it does not understand', async () => {
    const transport = createInProcessTransport(server);
    const query = { fieldSelector: 'spec.foo=bar' };
    const answer = await transport.request({ method: 'GET', path, query });
    expect(answer).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('"spec.foo" is not a known field selector') },
    });
  });
});
