// The in-process transport: the same verbs and the same watches as over HTTP, with no copy in between.

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { KubeObject } from '../../../../api/kubernetes.ts';
import type { Transport, WatchEvent } from '../../../../platform/kube/transport.ts';
import { createInProcessTransport } from '../../../../local/api-server/in-process-transport.ts';
import { createTestServer } from './test-server.ts';

const path = '/api/v1/namespaces/default/configmaps';
let server: ReturnType<typeof createTestServer>;
let transport: Transport;

beforeEach(() => {
  server = createTestServer();
  transport = createInProcessTransport(server);
});
afterEach(() => server.close());

const configMap = (name: string, data: Record<string, string> = {}): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});

describe('createInProcessTransport', () => {
  it('creates, reads, patches and deletes', async () => {
    const made = await transport.request({ method: 'POST', path, body: configMap('a') });
    expect(made.status).toBe(201);
    const patched = await transport.request({
      method: 'PATCH',
      path: `${path}/a`,
      body: { data: { x: 'y' } },
    });
    expect(patched).toMatchObject({ status: 200, body: { data: { x: 'y' } } });
    const gone = await transport.request({ method: 'DELETE', path: `${path}/a` });
    expect(gone).toMatchObject({ status: 200, body: { status: 'Success' } });
    const missing = await transport.request({ method: 'GET', path: `${path}/a` });
    expect(missing).toMatchObject({ status: 404, body: { reason: 'NotFound' } });
  });

  it('delivers changes in order, before the writer goes on', async () => {
    const events: string[] = [];
    const stop = new AbortController();
    const query = { watch: 'true', resourceVersion: server.version() };
    const watching = transport.watch(
      { method: 'GET', path, query, signal: stop.signal },
      ({ type, object }: WatchEvent) =>
        events.push(`${type} ${(object as KubeObject).metadata.name}`),
    );
    await transport.request({ method: 'POST', path, body: configMap('a') });
    await transport.request({ method: 'POST', path, body: configMap('b') });
    await transport.request({ method: 'DELETE', path: `${path}/a` });
    expect(events).toEqual(['ADDED a', 'ADDED b', 'DELETED a']);
    stop.abort();
    await expect(watching).rejects.toThrow();
  });

  it('hands out frozen objects here, so a receiver that changes one is found', async () => {
    const { body } = await transport.request({ method: 'POST', path, body: configMap('a') });
    expect(() => {
      (body as KubeObject).metadata.name = 'b';
    }).toThrow();
  });

  it('breaks only the watch of a receiver that throws', async () => {
    const query = { watch: 'true', resourceVersion: server.version() };
    const bad = transport.watch({ method: 'GET', path, query }, () => {
      throw new Error('receiver');
    });
    const events: unknown[] = [];
    const stop = new AbortController();
    const good = transport.watch(
      { method: 'GET', path, query, signal: stop.signal },
      (event: WatchEvent) => events.push(event),
    );
    await transport.request({ method: 'POST', path, body: configMap('a') });
    await expect(bad).rejects.toThrow('receiver');
    expect(events).toHaveLength(1);
    stop.abort();
    await expect(good).rejects.toThrow();
  });

  it('does not keep what the sender sent', async () => {
    const body = configMap('a', { x: '1' }) as { data: Record<string, string> };
    await transport.request({ method: 'POST', path, body });
    body.data['x'] = '2';
    const read = await transport.request({ method: 'GET', path: `${path}/a` });
    expect(read.body).toMatchObject({ data: { x: '1' } });
  });
});
