// Knocking on a control port: signatures, retries until somebody listens, and how it ends.

import { afterEach, describe, expect, it } from '@jest/globals';
import { createHash, generateKeyPairSync, verify } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { headers } from '../../../api/names.ts';
import { signedText, type SpecializeAnswer, type SpecializeBundle } from '../../../api/wire.ts';
import { knock, postSpecialize, prepareBundle } from '../../../platform/pod/control-port.ts';
import { knockTcp } from '../../../platform/pod/knock-tcp.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const podUid = 'pod-1';
const bundle: SpecializeBundle = {
  version: 1,
  ...{ namespace: 'default', function: 'hello', revision: 'hello-00001' },
  ...{ signature: 'auto', files: { 'index.js': 'ö' }, codeDigest: 'c', env: {} },
  ...{ timeoutMs: 1000, concurrencyLimit: 0 },
};
const prepared = prepareBundle(bundle);
const ready: SpecializeAnswer = { state: 'ready', revision: 'hello-00001', codeDigest: 'c' };

type Answer = { status: number; answer: unknown } | 'hang' | 'reset';
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Answers one after the other, the last one again and again. */
async function serve(answers: Answer[], port = 0): Promise<{ port: number; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    void readRequest(request).then((one) => {
      seen.push(one);
      const next = answers.length > 1 ? answers.shift() : answers[0];
      if (next === 'reset') request.socket.resetAndDestroy();
      if (next === undefined || typeof next === 'string') return;
      response.writeHead(next.status).end(JSON.stringify(next.answer));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, seen };
}

interface Seen {
  readonly path: string;
  readonly signature: string;
  readonly body: Buffer;
}

async function readRequest(request: IncomingMessage): Promise<Seen> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const signature = String(request.headers[headers.signature]);
  return { path: request.url ?? '', signature, body: Buffer.concat(chunks) };
}

async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const requestTo = (port: number, signal = AbortSignal.timeout(5_000)) => ({
  address: { host: '127.0.0.1', port },
  ...{ podUid, privateKey, bundle: prepared, signal, timeoutMs: 2_000 },
});

describe('knock', () => {
  it('posts the bundle, signed for this pod, path and body', async () => {
    const { port, seen } = await serve([{ status: 200, answer: ready }]);
    expect(await knock(requestTo(port))).toEqual({ kind: 'ready', answer: ready });
    const [one] = seen as [Seen];
    expect(JSON.parse(one.body.toString())).toEqual(bundle);
    const [version, expiresAtMs, signature] = one.signature.split(',');
    expect(version).toBe('v1');
    const text = signedText({
      podUid,
      path: one.path,
      expiresAtMs: Number(expiresAtMs),
      bodySha256Hex: createHash('sha256').update(one.body).digest('hex'),
    });
    const isGood = verify(
      null,
      Buffer.from(text),
      publicKey,
      Buffer.from(signature ?? '', 'base64'),
    );
    expect(isGood).toBe(true);
  });

  it('goes on until somebody listens', async () => {
    const port = await freePort();
    const knocking = knock(requestTo(port));
    await expect(postSpecialize(requestTo(port))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await serve([{ status: 200, answer: ready }], port);
    expect((await knocking).kind).toBe('ready');
  });

  it.each<[string, Answer[]]>([
    ['it was cut off', ['reset', { status: 200, answer: ready }]],
    [
      'it is not ready to be asked',
      [
        { status: 503, answer: {} },
        { status: 200, answer: ready },
      ],
    ],
    [
      'it is loading this very bundle for somebody else',
      [
        { status: 409, answer: { ...ready, state: 'loading' } },
        { status: 409, answer: ready },
      ],
    ],
  ])('asks again when %s', async (_, answers) => {
    const { port, seen } = await serve(answers);
    expect(await knock(requestTo(port))).toEqual({ kind: 'ready', answer: ready });
    expect(seen).toHaveLength(2);
  });

  const error = { type: 'SyntaxError', message: 'line 3' };
  it.each<[string, Answer, object]>([
    ['a failure', { status: 422, answer: { state: 'failed', error } }, { kind: 'failed', error }],
    ['another Revision', { status: 409, answer: { ...ready, revision: 'x' } }, { kind: 'taken' }],
    ['other code', { status: 409, answer: { ...ready, codeDigest: 'x' } }, { kind: 'taken' }],
    ['a refusal', { status: 401, answer: {} }, { kind: 'refused', status: 401 }],
  ])('tells of %s', async (_, answer, outcome) => {
    const { port } = await serve([answer]);
    expect(await knock(requestTo(port))).toMatchObject(outcome);
  });

  it('ends when its caller has waited long enough, before and after the connection', async () => {
    const nobody = knock(requestTo(await freePort(), AbortSignal.timeout(50)));
    await expect(nobody).rejects.toMatchObject({
      name: expect.stringMatching(/^(Abort|Timeout)Error$/),
    });
    const { port } = await serve(['hang']);
    await expect(knock(requestTo(port, AbortSignal.timeout(50)))).rejects.toMatchObject({
      code: 'ABORT_ERR',
    });
    const aborted = knock(requestTo(port, AbortSignal.abort()));
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('gives up on an answer that does not come', async () => {
    const { port } = await serve(['hang']);
    const asked = postSpecialize({ ...requestTo(port), timeoutMs: 30 });
    await expect(asked).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  });
});

describe('knockTcp', () => {
  it('resolves when a connection is accepted', async () => {
    const port = await freePort();
    const knocking = knockTcp({ host: '127.0.0.1', port }, AbortSignal.timeout(5_000));
    await serve(['hang'], port);
    await expect(knocking).resolves.toBeUndefined();
  });
});
