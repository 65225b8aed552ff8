// Callers' connections: how many there may be, who ends them, and what comes on one that is no HTTP any more.

import { connect, type Socket } from 'node:net';
import type { RequestListener } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FakePod } from './fake-pod.ts';
import { Harness, waitFor } from './harness.ts';

let harness: Harness;
const sockets: Socket[] = [];

beforeEach(async () => {
  harness = await new Harness({ wakeTimeoutMs: 5_000, connectionsMax: 3 }).start();
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await harness.stop();
});

async function serve(handler: RequestListener): Promise<FakePod> {
  harness.addFunction('hello', { timeoutMs: 20_000 });
  harness.cluster.setReplicas('default/hello-00001', 1);
  const pod = await harness.addPod({ handler });
  await waitFor('it serves', () => harness.state?.endpoints.length === 1);
  return pod;
}

/** A caller who never ends its own side. */
class Caller {
  readonly socket: Socket;
  received = '';
  hasEnd = false;

  constructor(bytes: string) {
    this.socket = connect({ port: harness.port, host: '127.0.0.1', allowHalfOpen: true });
    sockets.push(this.socket);
    this.socket.on('data', (chunk) => (this.received += chunk.toString('latin1')));
    this.socket.on('end', () => (this.hasEnd = true));
    this.socket.on('error', () => undefined);
    this.socket.write(bytes, 'latin1');
  }

  get isEnded(): boolean {
    return this.hasEnd || this.socket.destroyed;
  }
}

function countConnections(): Promise<number> {
  return new Promise((resolve) =>
    harness.activator.server.getConnections((_error, count) => resolve(count)),
  );
}

async function waitForConnections(wanted: number): Promise<void> {
  let count = -1;
  await waitFor(`${wanted} connections are left`, () => {
    void countConnections().then((now) => (count = now));
    return count === wanted;
  });
}

const get = 'GET / HTTP/1.1\r\nHost: hello.default\r\n\r\n';

describe('more connections than there may be', () => {
  it('find room as idle ones are ended for them', async () => {
    await serve((_request, response) => response.end('fine'));
    const idle = [new Caller(get), new Caller(get), new Caller(get)];
    await waitFor('all are answered', () => idle.every((one) => one.received.endsWith('fine')));
    let late = new Caller(get);
    await waitFor('one more is served', () => {
      if (late.isEnded && late.received === '') late = new Caller(get);
      return late.received.endsWith('fine');
    });
    await waitFor('the idle ones were ended', () => idle.every((one) => one.isEnded));
  });

  it('are closed while all are busy, and those lose nothing', async () => {
    const answers: (() => void)[] = [];
    await serve((_request, response) => answers.push(() => response.end('fine')));
    const busy = [new Caller(get), new Caller(get), new Caller(get)];
    await waitFor('all are in the function', () => answers.length === 3);
    const late = new Caller(get);
    await waitFor('it is closed', () => late.isEnded);
    expect(late.received).toBe('');
    for (const answer of answers) answer();
    await waitFor('all are answered', () => busy.every((one) => one.received.endsWith('fine')));
  });
});

describe('a caller who never ends its side', () => {
  it.each([
    ['after what is no HTTP', 'nonsense\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['after a refusal', 'GET / HTTP/1.1\r\nHost: a@b\r\n\r\n', /^HTTP\/1\.1 400 /],
    [
      'after an upgrade for nobody',
      'GET / HTTP/1.1\r\nHost: none.default\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      /^HTTP\/1\.1 404 /,
    ],
  ])('holds no connection for long %s', async (_when, bytes, answer) => {
    const caller = new Caller(bytes);
    await waitFor('it is refused', () => caller.isEnded);
    expect(caller.received).toMatch(answer);
    await waitForConnections(0);
  });
});

describe('what is no HTTP', () => {
  it('in the body ends the request: the function is told, the caller gets 400 once', async () => {
    let wasStopped = false;
    const pod = await serve((request) => request.on('aborted', () => (wasStopped = true)).resume());
    const caller = new Caller(
      'POST / HTTP/1.1\r\nHost: hello.default\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n',
    );
    await waitFor('the function has it', () => pod.requests === 1);
    caller.socket.write('no size\r\n');
    await waitFor('the function was told', () => wasStopped);
    await waitFor('the caller was told', () => caller.isEnded);
    expect(caller.received.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 400']);
    await waitFor('the slot is free', () => harness.state?.endpoints[0]?.inFlight === 0);
    expect(harness.state?.meter.current).toBe(0);
    await waitForConnections(0);
  });

  it('in the body after the first byte of the answer cuts that, and adds nothing to it', async () => {
    await serve((_request, response) => response.write('part'));
    const caller = new Caller(
      'POST / HTTP/1.1\r\nHost: hello.default\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n',
    );
    await waitFor('the answer began', () => caller.received.includes('part'));
    caller.socket.write('no size\r\n');
    await waitFor('it was cut', () => caller.isEnded);
    expect(caller.received.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200']);
    expect(caller.received).toMatch(/part\r\n$/);
    await waitFor('the slot is free', () => harness.state?.endpoints[0]?.inFlight === 0);
  });

  it('behind a request whose answer has begun is never answered into that', async () => {
    await serve((_request, response) => response.write('part'));
    const caller = new Caller(get);
    await waitFor('the answer began', () => caller.received.includes('part'));
    caller.socket.write('nonsense\r\n\r\n');
    await waitFor('it was cut', () => caller.isEnded);
    expect(caller.received).toMatch(/part\r\n$/);
    await waitFor('the slot is free', () => harness.state?.endpoints[0]?.inFlight === 0);
  });

  it('behind a request that waits for a pod frees its place', async () => {
    harness.addFunction();
    const caller = new Caller(get);
    await waitFor('it waits', () => harness.state?.queue.length === 1);
    caller.socket.write('nonsense\r\n\r\n');
    await waitFor('the place is free', () => harness.state?.queue.length === 0);
    await waitFor('it was closed', () => caller.isEnded);
    expect(harness.state?.meter.current).toBe(0);
  });

  it('behind a refused request is not looked at, though it be good', async () => {
    const pod = await serve((_request, response) => response.end('fine'));
    const caller = new Caller(
      `POST / HTTP/1.1\r\nHost: hello.default\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n${get}`,
    );
    await waitFor('it was closed', () => caller.isEnded);
    expect(caller.received.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 400']);
    expect((await harness.call()).body).toBe('fine');
    expect(pod.requests).toBe(1);
  });
});
