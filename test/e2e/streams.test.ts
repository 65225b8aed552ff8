// Bodies that come in pieces, both ways, and connections that become WebSockets.

import { describe, expect, it } from '@jest/globals';
import { request } from 'node:http';
import { WebSocket } from 'ws';
import { openCall } from '../support/call.ts';
import { useTarget } from '../support/use-target.ts';
import { waitFor } from '../support/wait-for.ts';

const target = useTarget();

/** Sends a piece, and the next one only when it has been told that the caller saw the last. */
const conversation =
  "const waiting = new Map(); export const handler = (req, res) => { const id = req.headers['x-talk']; " +
  "if (req.url === '/next') { waiting.get(id)?.(); res.end('told'); return; } " +
  "res.writeHead(200, { 'content-type': 'text/plain' }); res.write('one '); " +
  "waiting.set(id, () => { res.end('two'); }); };";

const echo = 'export default { fetch: (request) => new Response(request.body) };';

const counting =
  'export default { async fetch(request) { let bytes = 0; for await (const part of request.body) bytes += part.length; return new Response(String(bytes)); } };';

/** The handshake and one short text frame each way, by hand, so that the function needs no package. */
const webSocketEcho = `
import { createHash } from 'node:crypto';
export const handler = (req, res) => res.end('upgrade, please');
export const upgrade = (req, socket) => {
  const key = req.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
  const accept = createHash('sha1').update(key).digest('base64');
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n' +
    'Sec-WebSocket-Accept: ' + accept + '\\r\\n\\r\\n');
  socket.on('data', (frame) => {
    const length = frame[1] & 127;
    const text = Buffer.from(frame.subarray(6, 6 + length).map((byte, at) => byte ^ frame[2 + (at % 4)]));
    socket.write(Buffer.concat([Buffer.from([frame[0], length]), text]));
    if ((frame[0] & 15) === 8) socket.end();
  });
};`;

describe('a streamed answer', () => {
  it('reaches the caller piece by piece, while the function still writes', async () => {
    await target().deploy('talk', {
      runtime: 'node',
      signature: 'http',
      source: { inline: conversation },
    });
    const headers = { 'x-talk': 'a' };
    const response = await openCall({
      gatewayUrl: target().gatewayUrl,
      host: await target().hostOf('talk'),
      headers,
    });
    let body = '';
    response.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
    const ended = new Promise((resolve) => response.once('end', resolve));
    await waitFor(() => body === 'one ', { what: 'the first piece alone' });
    expect((await target().call('talk', { path: '/next', headers })).text).toBe('told');
    await ended;
    expect(body).toBe('one two');
  });

  it('larger than every buffer arrives whole', async () => {
    const large =
      "export const handler = (req, res) => { res.writeHead(200); let left = 64; const piece = Buffer.alloc(262144, 'x'); " +
      "const more = () => { while (left > 0) { left -= 1; if (!res.write(piece)) { res.once('drain', more); return; } } res.end(); }; more(); };";
    await target().deploy('large', {
      runtime: 'node',
      signature: 'http',
      source: { inline: large },
    });
    const answer = await target().call('large');
    expect([answer.status, answer.text.length]).toEqual([200, 64 * 262_144]);
  });
});

describe('a streamed request', () => {
  it('is echoed while it is still being sent', async () => {
    await target().deploy('echo', { runtime: 'node', source: { inline: echo } });
    const { hostname, port } = new URL(target().gatewayUrl);
    const host = await target().hostOf('echo');
    const sent = request({ hostname, port, method: 'POST', headers: { host } });
    let body = '';
    const ended = new Promise<void>((resolve, reject) => {
      sent.once('error', reject);
      sent.once('response', (response) => {
        response.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
        response.once('end', () => resolve());
      });
    });
    sent.write('first ');
    await waitFor(() => body === 'first ', { what: 'the echo of the first piece' });
    sent.end('second');
    await ended;
    expect(body).toBe('first second');
  });

  it('of 16 MiB wakes a sleeping function and arrives whole', async () => {
    await target().deploy('counts', {
      runtime: 'node',
      source: { inline: counting },
      scaling: { idleSeconds: 1 },
    });
    await target().sleeps('counts');
    const body = Buffer.alloc(16 * 1024 * 1024, 'x');
    const answer = await target().call('counts', { method: 'POST', body });
    expect([answer.status, answer.text]).toEqual([200, String(body.length)]);
  });
});

describe('a WebSocket', () => {
  it('wakes the function and passes through, both ways', async () => {
    await deploySocket('socket');
    await target().sleeps('socket');
    const { socket, messages } = await openSocket('socket');
    socket.send('hello');
    await waitFor(() => messages.length === 1, { what: 'the echo' });
    expect(messages).toEqual(['hello']);
    await close(socket);
  });

  it('outlives timeoutSeconds and idleSeconds, and the function sleeps once it is closed', async () => {
    await deploySocket('lasting');
    const { socket, messages } = await openSocket('lasting');
    const untilMs = performance.now() + 4_000;
    let sent = 0;
    await waitFor(
      () => {
        if (messages.length === sent) socket.send(String((sent += 1)));
        return performance.now() > untilMs;
      },
      { what: 'four times the timeout' },
    );
    expect(socket.readyState).toBe(WebSocket.OPEN);
    await waitFor(() => messages.length === sent, { what: 'the last echo' });
    expect(await target().runningPodsOf('lasting')).toHaveLength(1);
    await close(socket);
    await target().sleeps('lasting');
  });
});

function deploySocket(name: string) {
  return target().deploy(name, {
    runtime: 'node',
    signature: 'http',
    source: { inline: webSocketEcho },
    timeoutSeconds: 1,
    scaling: { idleSeconds: 1 },
  });
}

async function openSocket(name: string): Promise<{ socket: WebSocket; messages: string[] }> {
  const { host } = new URL(target().gatewayUrl);
  const headers = { host: await target().hostOf(name) };
  const socket = new WebSocket(`ws://${host}/`, { headers });
  const messages: string[] = [];
  socket.on('message', (data) => messages.push(String(data as Buffer)));
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return { socket, messages };
}

async function close(socket: WebSocket): Promise<void> {
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.close();
  await closed;
}
