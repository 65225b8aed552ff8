// Forwarding: streams, timeouts, crashes and headers, between real sockets.

import { connect } from 'node:net';
import { request as httpRequest, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FakePod } from './fake-pod.ts';
import { codeOf, Harness, waitFor } from './harness.ts';

let harness: Harness;

beforeEach(async () => {
  harness = await new Harness({ wakeTimeoutMs: 5_000 }).start();
});
afterEach(() => harness.stop());

async function serve(
  handler: RequestListener,
  limits: Parameters<Harness['addFunction']>[1] = {},
): Promise<FakePod> {
  harness.addFunction('hello', limits);
  harness.cluster.setReplicas('default/hello-00001', 1);
  const pod = await harness.addPod({ handler });
  await waitFor('it serves', () => harness.state?.endpoints.length === 1);
  return pod;
}

/** Sends bytes as they are and gives all that comes back until the other side closes. */
function sendRaw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(harness.port, '127.0.0.1', () => socket.write(text, 'latin1'));
    let all = '';
    socket.on('data', (chunk) => (all += chunk.toString('latin1')));
    socket.on('close', () => resolve(all));
    socket.on('error', reject);
  });
}

describe('timeouts', () => {
  it('before the first byte give 504, and the function is told to stop', async () => {
    let wasStopped = false;
    await serve((_request, response) => response.on('close', () => (wasStopped = true)), {
      timeoutMs: 50,
    });
    const answer = await harness.call();
    expect(answer.status).toBe(504);
    expect(codeOf(answer)).toBe('function_timeout');
    await waitFor('the function was told', () => wasStopped);
    expect(harness.state?.endpoints[0]?.inFlight).toBe(0);
    expect(harness.state?.endpoints).toHaveLength(1);
  });

  it('after the first byte end the stream and add nothing to the body', async () => {
    await serve(
      (_request, response) => {
        response.write('part');
      },
      { timeoutMs: 80 },
    );
    const answer = await harness.call();
    expect(answer.status).toBe(200);
    expect(answer.body).toBe('part');
    expect(answer.isCut).toBe(true);
    expect(answer.headers['x-rouse-error']).toBeUndefined();
  });

  it('are told to the function in milliseconds', async () => {
    await serve((request, response) => response.end(request.headers['x-rouse-deadline-ms']), {
      timeoutMs: 4_321,
    });
    const answer = await harness.call({ headers: { 'x-rouse-deadline-ms': '999999' } });
    expect(answer.body).toBe('4321');
  });
});

describe('a pod that fails', () => {
  it('in mid-request gives 502 for that request only, which is never sent again', async () => {
    const pod = await serve((request, response) => {
      if (request.url === '/die') request.socket.destroy();
      else response.end('fine');
    });
    const other = await harness.addPod({ handler: (_request, response) => response.end('other') });
    other.server.close();
    const [dead, ...fine] = await Promise.all([
      harness.call({ path: '/die', method: 'POST', body: 'once' }),
      harness.call(),
      harness.call(),
    ]);
    expect(dead.status).toBe(502);
    expect(codeOf(dead)).toBe('function_crashed');
    for (const answer of fine) expect(answer.body).toBe('fine');
    expect(pod.requests).toBe(3);
  });

  it('in the middle of its answer cuts the stream', async () => {
    await serve((request, response) => {
      response.write('half', () => request.socket.destroy());
    });
    const answer = await harness.call();
    expect(answer.body).toBe('half');
    expect(answer.isCut).toBe(true);
  });

  it('to accept the connection has not seen the request, so another pod gets it, body and all', async () => {
    const pod = await serve((_request, response) => response.end('first'));
    pod.kill();
    await harness.addPod({
      handler: (request, response) => {
        response.setHeader('x-pod', 'second');
        request.pipe(response);
      },
    });
    const answer = await harness.call({ method: 'POST', body: 'whole body' });
    expect(answer.status).toBe(200);
    expect(answer.headers['x-pod']).toBe('second');
    expect(answer.body).toBe('whole body');
  });

  it('to speak HTTP gives 502', async () => {
    await serve((request) => void request.socket.end('HTTP/1.1 200 OK\r\nbad header\r\n\r\n'));
    const answer = await harness.call();
    expect(answer.status).toBe(502);
    expect(codeOf(answer)).toBe('function_crashed');
    expect(answer.body).toContain('not valid HTTP');
  });

  it('and says that it is safe to retry is asked again instead of bothering the caller', async () => {
    let refusals = 2;
    const pod = await serve((_request, response) => {
      refusals -= 1;
      if (refusals < 0) return void response.end('at last');
      const code = refusals === 1 ? 'no_capacity' : 'concurrency_limited';
      response.writeHead(refusals === 1 ? 503 : 429, {
        'x-rouse-error': code,
        'x-rouse-retry-safe': 'true',
      });
      response.end('{}');
    });
    const answer = await harness.call();
    expect(answer.status).toBe(200);
    expect(answer.body).toBe('at last');
    expect(pod.requests).toBe(3);
    expect(harness.state?.endpoints[0]?.inFlight).toBe(0);
  });

  it('and is an image of the user gets no request twice, whatever it says', async () => {
    harness.addFunction('hello');
    harness.cluster.setReplicas('default/hello-00001', 1);
    const pod = await harness.addPod({
      isPlainImage: true,
      handler: (_request, response) => {
        response.writeHead(503, { 'x-rouse-retry-safe': 'true' });
        response.end('seen');
      },
    });
    const answer = await harness.call();
    expect(answer.status).toBe(503);
    expect(pod.requests).toBe(1);
  });
});

describe("a function's answer", () => {
  it('passes through with status, headers and their spelling, repeated ones too', async () => {
    await serve((_request, response) => {
      response.writeHead(418, 'Teapot', [
        ['X-Thing', 'A'],
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
        ['Server-Timing', 'db;dur=5'],
      ] as never);
      response.end('tea');
    });
    const raw = await sendRaw(
      'GET / HTTP/1.1\r\nHost: hello.default.example.com\r\nConnection: close\r\n\r\n',
    );
    expect(raw).toMatch(/^HTTP\/1\.1 418 Teapot\r\n/);
    expect(raw).toContain('X-Thing: A\r\n');
    expect(raw).toContain('Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n');
    expect(raw).toContain('Server-Timing: db;dur=5\r\n');
    expect(raw).toMatch(/Server-Timing: queue;dur=[\d.]+, handler;dur=\d/);
    expect(raw).not.toMatch(/x-rouse-error/i);
  });

  it('that streams reaches the caller piece by piece', async () => {
    let finish = (): void => {};
    await serve((_request, response) => {
      response.write('one');
      finish = () => response.end('two');
    });
    const pieces: string[] = [];
    const ended = new Promise<void>((resolve) => {
      httpRequest(
        { port: harness.port, host: '127.0.0.1', headers: { host: 'hello.default' }, agent: false },
        (response) => {
          response.on('data', (chunk: Buffer) => pieces.push(chunk.toString()));
          response.on('end', resolve);
        },
      ).end();
    });
    await waitFor('the first piece came', () => pieces.length === 1);
    finish();
    await ended;
    expect(pieces).toEqual(['one', 'two']);
  });

  it('shows its headers before its body comes', async () => {
    await serve((_request, response) => response.flushHeaders());
    const status = await new Promise((resolve) => {
      const sent = httpRequest(
        { port: harness.port, host: '127.0.0.1', headers: { host: 'hello.default' }, agent: false },
        (response) => {
          resolve(response.statusCode);
          sent.destroy();
        },
      );
      sent.on('error', () => undefined);
      sent.end();
    });
    expect(status).toBe(200);
  });

  it('to HEAD has a length and no body', async () => {
    await serve((_request, response) => {
      response.setHeader('content-length', '5');
      response.end('hello');
    });
    const answer = await harness.call({ method: 'HEAD' });
    expect(answer.headers['content-length']).toBe('5');
    expect(answer.body).toBe('');
  });

  it('may have trailers', async () => {
    await serve((_request, response) => {
      response.writeHead(200, { trailer: 'x-sum' });
      response.write('body');
      response.addTrailers({ 'x-sum': '42' });
      response.end();
    });
    const raw = await sendRaw(
      'GET / HTTP/1.1\r\nHost: hello.default\r\nTE: trailers\r\nConnection: close\r\n\r\n',
    );
    expect(raw.toLowerCase()).toContain('0\r\nx-sum: 42\r\n\r\n');
  });

  it('may be preceded by early hints', async () => {
    await serve((_request, response) => {
      response.writeEarlyHints({ link: '</a.css>; rel=preload; as=style' });
      response.end('page');
    });
    const raw = await sendRaw('GET / HTTP/1.1\r\nHost: hello.default\r\nConnection: close\r\n\r\n');
    expect(raw).toMatch(/^HTTP\/1\.1 103 Early Hints\r\nlink: <\/a\.css>; rel=preload; as=style/i);
    expect(raw).toContain('HTTP/1.1 200 OK');
  });

  it('is read no faster than the caller takes it', async () => {
    const chunk = Buffer.alloc(64 * 1024);
    let written = 0;
    let isDone = false;
    await serve((_request, response) => {
      const push = (): void => {
        while (written < 64 * 1024 * 1024) {
          written += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', push);
        }
        isDone = true;
        response.end();
      };
      push();
    });
    const socket = connect(harness.port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: hello.default\r\nConnection: close\r\n\r\n');
    socket.pause();
    let before = -1;
    await waitFor('it stands still', () => {
      const stands = written > 0 && written === before;
      before = written;
      return stands;
    });
    expect(isDone).toBe(false);
    expect(written).toBeLessThan(32 * 1024 * 1024);
    let received = 0;
    socket.on('data', (data) => (received += data.length)).resume();
    await new Promise((resolve) => socket.on('close', resolve));
    expect(received).toBeGreaterThan(64 * 1024 * 1024);
  });
});

describe("a caller's request", () => {
  it('streams its body, of any size', async () => {
    await serve((request, response) => {
      let bytes = 0;
      request.on('data', (chunk: Buffer) => (bytes += chunk.length));
      request.on('end', () => response.end(String(bytes)));
    });
    const body = Buffer.alloc(20 * 1024 * 1024, 7);
    expect((await harness.call({ method: 'POST', body })).body).toBe(String(body.length));
    const chunked = { 'transfer-encoding': 'chunked' };
    const answer = await harness.call({ method: 'PUT', body, headers: chunked });
    expect(answer.body).toBe(String(body.length));
  });

  it('that is abandoned stops the function', async () => {
    let wasStopped = false;
    const pod = await serve((_request, response) =>
      response.on('close', () => (wasStopped = true)),
    );
    const leaving = new AbortController();
    const gone = harness.call({ signal: leaving.signal }).catch(() => 'gone');
    await waitFor('it arrived', () => pod.requests === 1);
    leaving.abort();
    await gone;
    await waitFor('the function was told', () => wasStopped);
    await waitFor('the slot is free', () => harness.state?.endpoints[0]?.inFlight === 0);
  });

  it('that is abandoned in the middle of its body stops the function too', async () => {
    let wasStopped = false;
    const pod = await serve((request) => request.on('aborted', () => (wasStopped = true)).resume());
    const socket = connect(harness.port, '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nHost: hello.default\r\nContent-Length: 100\r\n\r\nabc');
    await waitFor('it arrived', () => pod.requests === 1);
    socket.destroy();
    await waitFor('the function was told', () => wasStopped);
    await waitFor('the slot is free', () => harness.state?.endpoints[0]?.inFlight === 0);
  });

  it('keeps its headers but loses what is for one connection only', async () => {
    let seen: IncomingHttpHeaders = {};
    let raw: string[] = [];
    await serve((request, response) => {
      seen = request.headers;
      raw = request.rawHeaders;
      response.end();
    });
    await sendRaw(
      'GET /a?b=c HTTP/1.1\r\nHost: Hello.Default.example.com:8080\r\nX-Mixed-Case: Yes\r\n' +
        'Connection: close, X-Secret\r\nX-Secret: 1\r\nTE: trailers\r\nProxy-Authorization: x\r\n' +
        'Keep-Alive: timeout=5\r\nX-Forwarded-For: 1.2.3.4\r\nX-Rouse-Signature: forged\r\n' +
        'X-Rouse-Anything: forged\r\nX-Request-Id: my-id.1\r\n\r\n',
    );
    expect(seen.host).toBe('Hello.Default.example.com:8080');
    expect(raw).toContain('X-Mixed-Case');
    expect(seen['x-secret']).toBeUndefined();
    expect(seen.te).toBeUndefined();
    expect(seen['proxy-authorization']).toBeUndefined();
    expect(seen['keep-alive']).toBeUndefined();
    expect(seen['x-rouse-signature']).toBeUndefined();
    expect(seen['x-rouse-anything']).toBeUndefined();
    expect(seen['x-forwarded-for']).toMatch(/^1\.2\.3\.4, (::ffff:)?127\.0\.0\.1$/);
    expect(seen['x-forwarded-proto']).toBe('http');
    expect(seen['x-forwarded-host']).toBe('Hello.Default.example.com:8080');
    expect(seen['x-request-id']).toBe('my-id.1');
  });

  it('has an id, its own if that is safe to repeat', async () => {
    await serve((request, response) => response.end(request.headers['x-request-id']));
    const own = await harness.call({ headers: { 'x-request-id': 'abc-123' } });
    expect(own.body).toBe('abc-123');
    expect(own.headers['x-request-id']).toBe('abc-123');
    const made = await harness.call({ headers: { 'x-request-id': 'a b"c' } });
    expect(made.body).toMatch(/^[0-9a-f-]{36}$/);
    expect(made.headers['x-request-id']).toBe(made.body);
  });

  it('waits with its body for 100 Continue until the function has it', async () => {
    await serve((request, response) => request.pipe(response));
    const raw = await new Promise<string>((resolve) => {
      const socket = connect(harness.port, '127.0.0.1');
      let all = '';
      socket.write(
        'POST / HTTP/1.1\r\nHost: hello.default\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n',
      );
      socket.on('data', (chunk) => {
        all += chunk.toString();
        if (all === 'HTTP/1.1 100 Continue\r\n\r\n') socket.write('body');
      });
      socket.on('close', () => resolve(all));
    });
    expect(raw).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
    expect(raw).toContain('body');
  });

  it('that expects 100 Continue and is refused never sends its body', async () => {
    const raw = await sendRaw(
      'POST / HTTP/1.1\r\nHost: none.default\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n',
    );
    expect(raw).toMatch(/^HTTP\/1\.1 404 Not Found/);
    expect(raw).toContain('Connection: close');
  });

  it('may be sent in HTTP/1.0 or with an absolute target', async () => {
    await serve((request, response) => response.end(request.url));
    expect(await sendRaw('GET /old HTTP/1.0\r\nHost: hello.default\r\n\r\n')).toMatch(/\/old$/);
    const absolute = await sendRaw(
      'GET http://hello.default.example.com/abs?q HTTP/1.1\r\nHost: other\r\nConnection: close\r\n\r\n',
    );
    expect(absolute).toContain('/abs?q');
  });

  it('may offer an upgrade to h2c and gets a plain answer', async () => {
    await serve((_request, response) => response.end('plain'));
    const raw = await sendRaw(
      'GET / HTTP/1.1\r\nHost: hello.default\r\nConnection: Upgrade, HTTP2-Settings, close\r\n' +
        'Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n',
    );
    expect(raw).toMatch(/^HTTP\/1\.1 200 OK/);
  });
});

describe('an address', () => {
  it('may be a path on any host, whose prefix the function does not see', async () => {
    await serve((request, response) =>
      response.end(`${request.url} ${String(request.headers['x-forwarded-prefix'])}`),
    );
    const answer = await harness.call({
      host: 'gateway:8080',
      path: '/function/default/hello/a/b?c=d',
    });
    expect(answer.body).toBe('/a/b?c=d /function/default/hello');
    const bare = await harness.call({ host: '127.0.0.1', path: '/function/default/hello?x' });
    expect(bare.body).toBe('/?x /function/default/hello');
  });

  it('that names nothing gives 404 and says what was looked for and how to list', async () => {
    const byHost = await harness.call({ host: 'none.default.example.com' });
    expect(byHost.status).toBe(404);
    expect(codeOf(byHost)).toBe('function_not_found');
    expect(byHost.body).toContain('no Function \\"none\\" in namespace \\"default\\"');
    expect(byHost.body).toContain('kubectl get functions');
    const byPath = await harness.call({ host: 'x', path: '/function/a/b' });
    expect(byPath.body).toContain('no Function \\"b\\" in namespace \\"a\\"');
    const byNone = await harness.call({ host: 'x' });
    expect(codeOf(byNone)).toBe('function_not_found');
  });
});

describe('input that is refused', () => {
  const expectRefused = (raw: string): void => {
    expect(raw).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(raw).toContain('X-Rouse-Error: bad_request');
  };

  it.each([
    ['both lengths', 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n'],
    ['two lengths', 'Content-Length: 4\r\nContent-Length: 5\r\n'],
    ['an unknown coding', 'Transfer-Encoding: gzip, chunked\r\n'],
    ['a coding that hides', 'Transfer-Encoding: xchunked\r\n'],
    ['two hosts', 'Host: other\r\nConnection: close\r\n'],
    ['a folded header', 'X-A: b\r\n c\r\nTransfer-Encoding : chunked\r\n'],
  ])('is a request with %s', async (_name, headers) => {
    const pod = await serve((_request, response) => response.end());
    const raw = await sendRaw(
      `POST / HTTP/1.1\r\nHost: hello.default\r\n${headers}\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: hello.default\r\nConnection: close\r\n\r\n`,
    );
    expectRefused(raw.slice(0, raw.indexOf('}')));
    expect(pod.requests).toBeLessThanOrEqual(1);
  });

  it('is a request with too many headers, too long ones or too long a target', async () => {
    const many = 'X-A: b\r\n'.repeat(300);
    const start = 'GET / HTTP/1.1\r\nHost: hello.default\r\nConnection: close\r\n';
    expectRefused(await sendRaw(`${start}${many}\r\n`));
    expectRefused(await sendRaw(`${start}X-Long: ${'a'.repeat(40_000)}\r\n\r\n`));
    expectRefused(
      await sendRaw(
        `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: hello.default\r\nConnection: close\r\n\r\n`,
      ),
    );
  });

  it('is a body longer than the limit, declared or not', async () => {
    await harness.stop();
    harness = await new Harness({ bodyBytesMax: 1_000 }).start();
    const pod = await serve((request, response) =>
      request.resume().on('end', () => response.end()),
    );
    const body = Buffer.alloc(5_000);
    const declared = await harness.call({ method: 'POST', body });
    expect(declared.status).toBe(413);
    expect(codeOf(declared)).toBe('body_too_large');
    expect(pod.requests).toBe(0);
    const chunked = await harness.call({
      method: 'POST',
      body,
      headers: { 'transfer-encoding': 'chunked' },
    });
    expect(chunked.status).toBe(413);
    const small = await harness.call({ method: 'POST', body: Buffer.alloc(1_000) });
    expect(small.status).toBe(200);
  });
});

describe('a pod object that is gone', () => {
  it('ends requests that its lost node never will', async () => {
    const pod = await serve(() => undefined);
    const answer = harness.call();
    await waitFor('it is in flight', () => pod.requests === 1);
    harness.removePod(pod);
    harness.activator.removePod(pod.view());
    const { status } = await answer;
    expect(status).toBe(502);
    expect(harness.state?.meter.current).toBe(0);
  });
});
