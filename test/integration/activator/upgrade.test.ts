// WebSockets and other upgrades: joined to the pod, left alone by the timers of plain requests, counted as in flight.

import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import WebSocket, { WebSocketServer } from 'ws';
import type { FakePod } from './fake-pod.ts';
import { codeOf, Harness, waitFor } from './harness.ts';

let harness: Harness;

beforeEach(async () => {
  harness = await new Harness({ wakeTimeoutMs: 5_000 }).start();
});
afterEach(() => harness.stop());

function echoOn(pod: FakePod): WebSocketServer {
  const sockets = new WebSocketServer({ server: pod.server });
  sockets.on('connection', (socket) =>
    socket.on('message', (text: Buffer) => socket.send(`${text.toString()}!`)),
  );
  return sockets;
}

function open(path = '/chat'): WebSocket {
  return new WebSocket(`ws://127.0.0.1:${harness.port}${path}`, {
    headers: { host: 'hello.default.example.com' },
  });
}

function next(socket: WebSocket): Promise<string> {
  return new Promise((resolve, reject) => {
    socket.once('message', (text: Buffer) => resolve(text.toString()));
    socket.once('error', reject);
  });
}

describe('a WebSocket', () => {
  it('wakes a pod, passes through both ways, outlives the timeout of plain requests and counts as in flight', async () => {
    harness.addFunction('hello', { timeoutMs: 100 });
    harness.cluster.onRaise = () => void harness.addPod().then(echoOn);
    const socket = open();
    await new Promise((resolve) => socket.once('open', resolve));
    await new Promise((resolve) => setTimeout(resolve, 250));
    const answer = next(socket);
    socket.send('still here');
    expect(await answer).toBe('still here!');
    expect(harness.state?.endpoints[0]?.inFlight).toBe(1);
    expect(harness.state?.meter.current).toBe(1);
    socket.close();
    await waitFor('the slot is free', () => harness.state?.endpoints[0]?.inFlight === 0);
    expect(harness.state?.meter.current).toBe(0);
  });

  it('holds its place under a limit', async () => {
    harness.addFunction('hello', { podRequestsMax: 1 });
    harness.cluster.setReplicas('default/hello-00001', 1);
    echoOn(await harness.addPod());
    const socket = open();
    await new Promise((resolve) => socket.once('open', resolve));
    const plain = harness.call();
    await waitFor('the request waits', () => harness.state?.queue.length === 1);
    socket.close();
    expect((await plain).status).toBe(200);
  });

  it('is not forgotten by the drain', async () => {
    harness.addFunction();
    harness.cluster.setReplicas('default/hello-00001', 1);
    echoOn(await harness.addPod());
    const socket = open();
    await new Promise((resolve) => socket.once('open', resolve));
    let isDrained = false;
    const drained = harness.activator.drain(5_000).then(() => (isDrained = true));
    const answer = next(socket);
    socket.send('while draining');
    expect(await answer).toBe('while draining!');
    expect(isDrained).toBe(false);
    socket.close();
    await drained;
  });

  it('dies with its pod', async () => {
    harness.addFunction();
    harness.cluster.setReplicas('default/hello-00001', 1);
    const pod = await harness.addPod();
    echoOn(pod);
    const socket = open();
    await new Promise((resolve) => socket.once('open', resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    pod.kill();
    await closed;
    await waitFor('it is over', () => harness.state?.meter.current === 0);
  });

  it('gets the refusal of a function as that stands', async () => {
    harness.addFunction();
    harness.cluster.setReplicas('default/hello-00001', 1);
    const pod = await harness.addPod();
    pod.server.on('upgrade', (_request, socket) => {
      socket.end('HTTP/1.1 403 Forbidden\r\nX-Why: no\r\nContent-Length: 4\r\n\r\nnope');
    });
    const socket = open();
    const [status, why] = await new Promise<[number | undefined, unknown]>((resolve) => {
      socket.once('unexpected-response', (request, response) => {
        resolve([response.statusCode, response.headers['x-why']]);
        request.destroy();
      });
      socket.on('error', () => undefined);
    });
    expect(status).toBe(403);
    expect(why).toBe('no');
    await waitFor('the slot is free', () => harness.state?.meter.current === 0);
  });

  it('to nobody gets 404 like any request', async () => {
    const socket = open();
    const status = await new Promise((resolve) => {
      socket.once('unexpected-response', (request, response) => {
        resolve(`${response.statusCode} ${String(response.headers['x-rouse-error'])}`);
        request.destroy();
      });
      socket.on('error', () => undefined);
    });
    expect(status).toBe('404 function_not_found');
  });

  it('whose handshake is never answered gives 504', async () => {
    harness.addFunction('hello', { timeoutMs: 50 });
    harness.cluster.setReplicas('default/hello-00001', 1);
    const pod = await harness.addPod();
    pod.server.on('upgrade', () => undefined);
    const answer = await harness.call({
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': createHash('md5').update('key').digest('base64'),
      },
    });
    expect(answer.status).toBe(504);
    expect(codeOf(answer)).toBe('function_timeout');
  });
});
