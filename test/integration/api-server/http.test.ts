// What only a look at the wire shows: the token, TLS, bodies, watches over a restart and 410.

import { request as httpsRequest } from 'node:https';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApiServer } from '../../../local/api-server/api-server.ts';
import { waitFor } from '../../support/wait-for.ts';
import { startTestCluster } from './start-server.ts';
import type { TestCluster } from './start-server.ts';

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await startTestCluster({ historyRows: 50 });
});
afterAll(() => cluster.close());

interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly text: string;
  readonly json: () => Record<string, unknown> & { metadata: { resourceVersion: string } };
}

interface Sent {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
  readonly token?: string | null;
  /** Called with what has arrived so far; the request ends when it answers true. */
  readonly until?: (text: string) => boolean;
}

function send(path: string, sent: Sent = {}): Promise<Answer> {
  const token = sent.token === undefined ? cluster.token : sent.token;
  return new Promise((resolve, reject) => {
    const request = httpsRequest(cluster.server.url + path, {
      method: sent.method ?? 'GET',
      ca: cluster.ca,
      agent: false,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(sent.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...sent.headers,
      },
    });
    request.on('error', reject);
    request.on('response', (response) => {
      let text = '';
      const finish = (): void =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          json: () => JSON.parse(text) as ReturnType<Answer['json']>,
        });
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (sent.until?.(text) !== true) return;
        finish();
        request.destroy();
      });
      response.on('end', finish);
      response.on('error', finish);
    });
    request.end(sent.body);
  });
}

const maps = '/api/v1/namespaces/default/configmaps';
const makeMap = (name: string): Promise<Answer> =>
  send(maps, { method: 'POST', body: JSON.stringify({ metadata: { name } }) });

describe('the token', () => {
  it('is needed, and a wrong one gets a 401 Status', async () => {
    for (const token of [null, 'wrong', '']) {
      const answer = await send('/api/v1/namespaces', { token });
      expect(answer.status).toBe(401);
      expect(answer.json()).toMatchObject({ kind: 'Status', reason: 'Unauthorized', code: 401 });
    }
  });

  it('is not needed for health', async () => {
    for (const path of ['/healthz', '/livez', '/readyz']) {
      expect(await send(path, { token: null })).toMatchObject({ status: 200, text: 'ok' });
    }
  });

  it('of a service account works until it expires', async () => {
    const path = '/api/v1/namespaces/default/serviceaccounts/default/token';
    const made = (await send(path, { method: 'POST', body: '{}' })).json() as unknown as {
      status: { token: string };
    };
    const { token } = made.status;
    expect((await send('/api/v1/namespaces', { token })).status).toBe(200);
    const changed = `${token.slice(0, -2)}AA`;
    expect((await send('/api/v1/namespaces', { token: changed })).status).toBe(401);
  });
});

describe('the listener', () => {
  it('refuses to listen on anything but loopback', async () => {
    const options = { storagePath: ':memory:', port: 0, token: 'x'.repeat(20) };
    const tls = { cert: '', key: '' };
    await expect(startApiServer({ ...options, tls, host: '0.0.0.0' })).rejects.toThrow('loopback');
  });

  it('says by its code that the port is taken', async () => {
    const { port } = cluster.server.address;
    const other = { storagePath: ':memory:', port, token: cluster.token, tls: cluster.tls };
    await expect(startApiServer(other)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('shows a certificate that its CA signed', async () => {
    const { port } = cluster.server.address;
    const socket = connect({ host: '127.0.0.1', port, ca: cluster.ca, servername: 'localhost' });
    await new Promise((resolve, reject) => {
      socket.once('secureConnect', resolve);
      socket.once('error', reject);
    });
    expect(socket.authorized).toBe(true);
    socket.destroy();
  });
});

describe('bodies', () => {
  it('are JSON or YAML; anything else is refused with a Status', async () => {
    const yaml = { 'content-type': 'application/yaml' };
    const body = 'metadata:\n  name: yaml\ndata: {a: b}\n';
    const made = await send(maps, { method: 'POST', body, headers: yaml });
    expect(made.json()).toMatchObject({ data: { a: 'b' } });
    expect((await send(maps, { method: 'POST', body: '{"a":' })).status).toBe(400);
    expect((await send(maps, { method: 'POST', body: '[]' })).status).toBe(400);
    const text = { 'content-type': 'text/plain' };
    expect((await send(maps, { method: 'POST', body: 'x', headers: text })).status).toBe(415);
    const large = Buffer.alloc(3 * 1024 * 1024 + 1, ' ');
    expect((await send(maps, { method: 'POST', body: large })).status).toBe(413);
  });

  it('warn of unknown fields when they need not be strict', async () => {
    const body = JSON.stringify({ metadata: { name: 'warn' }, foo: 1 });
    const made = await send(`${maps}?fieldValidation=Warn`, { method: 'POST', body });
    expect(made.status).toBe(201);
    expect(made.headers['warning']).toBe('299 - "unknown field \\"foo\\""');
  });

  it('that ask for an unknown path get the 404 that kubectl knows', async () => {
    // Of a group that nobody serves there is not even a Status, as on a real server.
    const nowhere = await send('/apis/none.dev/v1/things');
    expect([nowhere.status, nowhere.headers['content-type']]).toEqual([
      404,
      'text/plain; charset=utf-8',
    ]);
    const answer = await send('/apis/apps/v1/things');
    expect(answer.json()).toMatchObject({
      code: 404,
      message: 'the server could not find the requested resource',
    });
    expect((await send(maps, { method: 'PUT', body: '{}' })).status).toBe(405);
  });

  it('come back as tables and as metadata when asked for', async () => {
    const ask = async (as: string): Promise<unknown> =>
      (
        await send(maps, { headers: { accept: `application/json;as=${as};g=meta.k8s.io;v=v1` } })
      ).json();
    expect(await ask('Table')).toMatchObject({ kind: 'Table' });
    expect(await ask('PartialObjectMetadataList')).toMatchObject({
      kind: 'PartialObjectMetadataList',
      items: [{ kind: 'PartialObjectMetadata' }, {}],
    });
  });
});

describe('watches', () => {
  const version = async (): Promise<string> =>
    (await send(`${maps}?limit=1`)).json().metadata.resourceVersion;

  it('go on after a restart of the server, missing nothing', async () => {
    const resourceVersion = await version();
    await makeMap('before-restart');
    await cluster.restart();
    await makeMap('after-restart');
    const path = `${maps}?watch=1&resourceVersion=${resourceVersion}`;
    const seen = await send(path, { until: (text) => text.includes('after-restart') });
    const names = seen.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; object: { metadata: { name: string } } })
      .map((event) => `${event.type} ${event.object.metadata.name}`);
    expect(names).toEqual(['ADDED before-restart', 'ADDED after-restart']);
  });

  it('end with a 410 Status in an ERROR event when the version is too old', async () => {
    const resourceVersion = await version();
    for (let count = 0; count < 120; count += 1) await makeMap(`many-${count}`);
    const seen = await send(`${maps}?watch=1&resourceVersion=${resourceVersion}`);
    expect(JSON.parse(seen.text)).toMatchObject({
      type: 'ERROR',
      object: { kind: 'Status', code: 410, reason: 'Expired' },
    });
  });

  it('end after timeoutSeconds', async () => {
    const resourceVersion = await version();
    const path = `${maps}?watch=1&timeoutSeconds=1&resourceVersion=${resourceVersion}`;
    expect((await send(path)).text).toBe('');
  });

  it('leave nothing behind when the client goes', async () => {
    const path = `${maps}?watch=1`;
    await send(path, { until: (text) => text.includes('\n') });
    const made = await waitFor(() => makeMap('after-watch'), { what: 'a write after the watch' });
    expect(made.status).toBe(201);
  });
});
