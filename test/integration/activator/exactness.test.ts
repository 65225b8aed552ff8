// What goes through the activator comes out as it went in: trailers, hints, chunks, pace; and what can't is refused.

import { connect, type Socket } from 'node:net';
import { request as httpRequest, type IncomingMessage, type RequestListener } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FakePod } from './fake-pod.ts';
import { codeOf, Harness, waitFor } from './harness.ts';

let harness: Harness;

beforeEach(async () => {
  harness = await new Harness({ wakeTimeoutMs: 5_000, bodyBytesMax: 100 * 1024 * 1024 }).start();
});
afterEach(() => harness.stop());

async function serve(handler: RequestListener, timeoutMs = 20_000): Promise<FakePod> {
  harness.addFunction('hello', { timeoutMs });
  harness.cluster.setReplicas('default/hello-00001', 1);
  const pod = await harness.addPod({ handler });
  await waitFor('it serves', () => harness.state?.endpoints.length === 1);
  return pod;
}

/** Sends bytes as they are and gives all that comes back until the other side closes. */
function sendRaw(text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(harness.port, '127.0.0.1', () => socket.write(text, 'latin1'));
    let all = '';
    socket.on('data', (chunk) => (all += chunk.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(all));
  });
}

const start = 'Host: hello.default\r\nConnection: close\r\n';
const trailed =
  `POST /sum HTTP/1.1\r\n${start}Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n` +
  '3\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 15\r\nX-Rouse-Signature: forged\r\n\r\n';

describe('trailers of a request', () => {
  /** Gives back what it got, body and trailers, in body and trailers. */
  const mirror: RequestListener = (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      response.writeHead(200, { trailer: 'x-back' });
      response.write(`${body} ${request.rawTrailers.join('=')} ${String(request.headers.trailer)}`);
      response.addTrailers({ 'x-back': String(request.trailers['x-sum']) });
      response.end();
    });
  };

  it('reach the function, and those of its answer the caller', async () => {
    await serve(mirror);
    const raw = await sendRaw(trailed);
    expect(raw).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(raw).toContain('abcde X-Sum=15 X-Sum\r\n');
    expect(raw.toLowerCase()).toContain('0\r\nx-back: 15\r\n\r\n');
    expect(harness.state?.endpoints[0]?.inFlight).toBe(0);
  });

  it('go to another pod with it when the first can not be reached', async () => {
    const gone = await serve(mirror);
    gone.kill();
    await harness.addPod({ handler: mirror });
    expect(await sendRaw(trailed)).toContain('abcde X-Sum=15');
  });

  it('change nothing about its time limit', async () => {
    let wasStopped = false;
    await serve((request) => request.on('close', () => (wasStopped = true)).resume(), 1_000);
    const raw = await sendRaw(trailed);
    expect(raw).toMatch(/^HTTP\/1\.1 504 /);
    await waitFor('the function was told', () => wasStopped);
    expect(harness.state?.endpoints[0]?.inFlight).toBe(0);
  });

  it('change nothing about a caller who goes away', async () => {
    let wasStopped = false;
    const pod = await serve((request) => request.on('aborted', () => (wasStopped = true)).resume());
    const socket = connect(harness.port, '127.0.0.1');
    socket.write(trailed.slice(0, -4));
    await waitFor('it arrived', () => pod.requests === 1);
    socket.destroy();
    await waitFor('the function was told', () => wasStopped);
    await waitFor('the slot is free', () => harness.state?.endpoints[0]?.inFlight === 0);
  });

  it('change nothing about a function that dies, or that speaks no HTTP', async () => {
    await serve((request) => void request.socket.end('nonsense'));
    expect(await sendRaw(trailed)).toMatch(/^HTTP\/1\.1 502 /);
    expect(harness.state?.meter.current).toBe(0);
  });
});

describe('early hints', () => {
  const hinting: RequestListener = (request, response) => {
    const hint =
      'Link: </a.css>; rel=preload, </b.js>; rel=preload\r\nX-More: yes\r\nX-Rouse-Error: forged\r\n';
    request.socket.write(`HTTP/1.1 103 Early Hints\r\n${hint}\r\n`);
    response.end('page');
  };

  it('may hold several links in one line, and other headers', async () => {
    await serve(hinting);
    const raw = await sendRaw(`GET / HTTP/1.1\r\n${start}\r\n`);
    expect(raw).toMatch(
      /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a.css>; rel=preload, <\/b.js>; rel=preload\r\nX-More: yes\r\n\r\nHTTP\/1\.1 200 OK\r\n/,
    );
  });

  it('are kept from a caller of HTTP/1.0, who knows none', async () => {
    await serve(hinting);
    const raw = await sendRaw(`GET / HTTP/1.0\r\n${start}\r\n`);
    expect(raw).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(raw).toMatch(/\r\n\r\npage$/);
  });
});

describe('an answer', () => {
  const cases: [string, string, RegExp][] = [
    ['no status', 'HTTP/1.1 099 No\r\nContent-Length: 0\r\n\r\n', / 502 /],
    ['a status of zeros', 'HTTP/1.1 000 No\r\nContent-Length: 0\r\n\r\n', / 502 /],
    [
      'a switch nobody asked for',
      'HTTP/1.1 101 Yes\r\nUpgrade: a\r\nConnection: Upgrade\r\n\r\n',
      / 502 /,
    ],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok', / 502 /],
    ['a folded header', 'HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\nContent-Length: 2\r\n\r\nok', / 502 /],
    ['a NUL in a header', 'HTTP/1.1 200 OK\r\nX-A: b\0\r\nContent-Length: 2\r\n\r\nok', / 502 /],
    ['an unknown coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok', / 502 /],
    ['too long headers', `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(70_000)}\r\n\r\n`, / 502 /],
    [
      'control bytes after the status',
      'HTTP/1.1 200 O\x01K\r\nContent-Length: 2\r\n\r\nok',
      / 200 \r\n.*ok$/s,
    ],
    [
      'high bytes after the status',
      'HTTP/1.1 200 O\xe4K\r\nContent-Length: 2\r\n\r\nok',
      / 200 .*ok$/s,
    ],
    ['nothing after the status', 'HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok', / 200 .*ok$/s],
    [
      'trailers announced and none sent',
      'HTTP/1.1 200 OK\r\nTrailer: X-A\r\nContent-Length: 2\r\n\r\nok',
      / 200 .*ok$/s,
    ],
    [
      'more than its length',
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\nevil',
      / 200 .*ok$/s,
    ],
    [
      'forged trailers',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: a\r\n\r\n2\r\nok\r\n0\r\nA: b\r\nX-Rouse-Error: c\r\n\r\n',
      / 200 .*ok\r\n0\r\nA: b\r\n\r\n$/s,
    ],
  ];

  it.each(cases)(
    'with %s ends well, and its connection carries nothing else',
    async (_name, bytes, expected) => {
      await serve((request, response) => {
        if (request.url === '/next') response.end('next');
        else request.socket.end(bytes, 'latin1');
      });
      expect(await sendRaw(`GET / HTTP/1.1\r\n${start}\r\n`)).toMatch(expected);
      expect((await harness.call({ path: '/next' })).body).toBe('next');
      expect(harness.state?.meter.current).toBe(0);
    },
  );

  it.each(cases)(
    'with %s to an upgrade ends its connection and not the process',
    async (_name, bytes) => {
      const pod = await serve((_request, response) => response.end('next'));
      pod.server.on('upgrade', (_request, socket) => {
        socket.on('error', () => undefined);
        socket.end(bytes, 'latin1');
      });
      await sendRaw(
        'GET / HTTP/1.1\r\nHost: hello.default\r\nConnection: Upgrade\r\nUpgrade: a\r\n\r\n',
      );
      expect((await harness.call()).body).toBe('next');
      await waitFor('all slots are free', () => harness.state?.meter.current === 0);
    },
  );

  it('to an upgrade that never ends is cut when the time is up', async () => {
    const pod = await serve(() => undefined, 2_000);
    let wasStopped = false;
    pod.server.on('upgrade', (_request, socket) => {
      socket.on('error', () => undefined);
      socket.on('end', () => (wasStopped = true)).resume();
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart');
    });
    const raw = await sendRaw(
      'GET / HTTP/1.1\r\nHost: hello.default\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    expect(raw).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\npart$/);
    await waitFor('the function was told', () => wasStopped);
    await waitFor('the slot is free', () => harness.state?.endpoints[0]?.inFlight === 0);
    expect(harness.state?.meter.current).toBe(0);
  });
});

describe('a body', () => {
  it('of no known length arrives whole in the function, and goes back in chunks', async () => {
    await serve((request, response) => request.pipe(response));
    const headers = { 'transfer-encoding': 'chunked' };
    const answer = await harness.call({ method: 'POST', body: 'abcde', headers });
    expect(answer.headers['transfer-encoding']).toBe('chunked');
    expect(answer.body).toBe('abcde');
  });

  it.each([['of known length'], ['in chunks'], ['with trailers']])(
    'sent %s is taken no faster than the function reads it',
    async (how) => {
      const total = 64 * 1024 * 1024;
      let incoming: IncomingMessage | undefined;
      let read = 0;
      await serve((request, response) => {
        incoming = request;
        request.on('end', () => response.end(String(read)));
      });
      const headers = {
        'of known length': { 'content-length': total },
        'in chunks': {},
        'with trailers': { trailer: 'x-sum' },
      }[how];
      const { port } = harness;
      const host = '127.0.0.1';
      let answer = '';
      const sent = httpRequest({
        port,
        host,
        method: 'PUT',
        agent: false,
        headers: { host: 'hello.default', ...headers },
      });
      sent.on('response', (response) =>
        response.on('data', (chunk: Buffer) => (answer += chunk.toString())),
      );
      const piece = Buffer.alloc(64 * 1024);
      let written = 0;
      const push = (): void => {
        while (written < total) {
          written += piece.length;
          if (!sent.write(piece)) return void sent.once('drain', push);
        }
        sent.end();
      };
      push();
      await waitFor('the function has it', () => incoming !== undefined);
      await untilItStands(() => sent.socket?.bytesWritten ?? 0);
      expect(written).toBeLessThan(total / 2);
      incoming?.on('data', (chunk: Buffer) => (read += chunk.length));
      await waitFor('all of it came', () => answer === String(total));
    },
  );

  it('of server-sent events reaches the caller one by one, and the function learns that the caller left', async () => {
    let wasStopped = false;
    const listeners: ((event: string) => void)[] = [];
    await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
      response.flushHeaders();
      response.on('close', () => (wasStopped = true));
      listeners.push((event) => response.write(`data: ${event}\n\n`));
    });
    const caller = await openStream();
    await waitFor('the function listens', () => listeners.length === 1);
    for (const event of ['1', '2', '3']) {
      listeners[0]?.(event);
      await waitFor(`event ${event} came`, () => caller.text.includes(`data: ${event}\n\n`));
    }
    caller.socket.destroy();
    await waitFor('the function was told', () => wasStopped);
    await waitFor('the slot is free', () => harness.state?.endpoints[0]?.inFlight === 0);
  });
});

describe('a flood on a sleeping Function without a limit', () => {
  it('is bounded in memory: what waits is counted and the rest refused', async () => {
    await harness.stop();
    harness = await new Harness({ queueRequestsMax: 20, wakeTimeoutMs: 20_000 }).start();
    harness.addFunction('hello');
    let refused = 0;
    const calls = Array.from({ length: 100 }, async () => {
      const answer = await harness.call();
      if (answer.status === 429) expect(codeOf(answer)).toBe('queue_full');
      refused += answer.status === 429 ? 1 : 0;
      return answer.status;
    });
    await waitFor('the rest is refused', () => refused === 80);
    expect(harness.state?.queue.length).toBe(20);
    await harness.addPod();
    expect((await Promise.all(calls)).filter((status) => status === 200)).toHaveLength(20);
    expect(harness.activator.revisions.waitingBytes.held).toBe(0);
  });
});

/** Until nothing has moved for many looks: everything between the two ends is full. */
async function untilItStands(read: () => number): Promise<void> {
  const looksMin = 100;
  let last = -1;
  let looks = 0;
  await waitFor('it stands still', () => {
    const now = read();
    looks = now === last ? looks + 1 : 0;
    last = now;
    return looks >= looksMin;
  });
}

async function openStream(): Promise<{ socket: Socket; readonly text: string }> {
  const socket = connect(harness.port, '127.0.0.1');
  const caller = { socket, text: '' };
  socket.on('data', (chunk) => (caller.text += chunk.toString()));
  socket.write(`GET / HTTP/1.1\r\n${start}\r\n`);
  await waitFor('the headers came', () => caller.text.includes('\r\n\r\n'));
  return caller;
}
