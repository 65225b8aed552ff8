// Bytes on a bare socket: what is no good HTTP is refused and never reaches a function, and the gateway lives on.

import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type Socket } from 'node:net';
import { useTarget } from '../support/use-target.ts';
import { waitFor } from '../support/wait-for.ts';
import { buildAttacks, type Victim } from './fuzz-corpus.ts';
import { buildOddities } from './fuzz-oddities.ts';

const target = useTarget();
/** A gateway that keeps a connection open for so long has forgotten it. */
const closeDeadlineMs = 60_000;
const testTimeoutMs = 180_000;

/** Remembers every request that came to its end, until it is asked. */
const remembering = `
export const config = { api: { bodyParser: false } };
const boot = Math.random();
let seen = [];
export const handler = (req, res) => {
  if (req.url === '/seen') { res.end(JSON.stringify({ boot, seen })); seen = []; return; }
  let body = '';
  req.on('data', (chunk) => (body += chunk));
  req.on('end', () => {
    seen.push(req.method + ' ' + req.url + ' ' + body);
    res.setHeader('X-Rouse-Error', 'forged');
    res.end(req.url === '/headers' ? JSON.stringify(req.headers) : 'served');
  });
};`;

let victim: Victim;
let boot: number;
const sockets: Socket[] = [];

beforeAll(async () => {
  await target().deploy('victim', {
    runtime: 'node',
    signature: 'http',
    source: { inline: remembering },
    // One pod from first to last, since its memory is the witness.
    pool: false,
    scaling: { minReplicas: 1, maxReplicas: 1 },
  });
  const prefix = `/function/${target().namespace}/victim`;
  victim = { host: await target().hostOf('victim'), prefix };
  await target().runningPodsOf('victim');
  boot = (await askSeen()).boot;
}, testTimeoutMs);
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

describe('what is no good HTTP', () => {
  it('has a table that covers a lot', () => {
    expect(buildAttacks({ host: 'a.b', prefix: '/function/b/a' }).length).toBeGreaterThan(120);
  });

  // Row by row in two tests and not a test per row, since the Function's address is known only at run time.
  it.each([
    ['at once', (bytes: string) => [bytes]],
    ['in two pieces', halve],
  ])(
    'is refused when it is sent %s, reaches no function, and the next request is served',
    async (_how, split) => {
      const wrong: unknown[] = [];
      for (const { name, bytes } of buildAttacks(victim)) {
        const answer = await send(split(bytes));
        const { boot: bootNow, seen } = await askSeen();
        const isRefused = answer === '' || /^HTTP\/1\.1 4\d\d /.test(answer);
        const answers = answer.match(/HTTP\/1\.1 \d{3} /g)?.length ?? 0;
        if (!isRefused || answers > 1 || seen.length > 0 || bootNow !== boot) {
          wrong.push({ name, answer: answer.slice(0, 200), seen, hasRestarted: bootNow !== boot });
        }
      }
      expect(wrong).toEqual([]);
    },
    testTimeoutMs,
  );

  it('is refused by the contract of failures, whoever noticed it', async () => {
    const names = ['Host missing', 'unknown expectation', 'Host twice', 'NUL in value', 'CL plus'];
    const attacks = buildAttacks(victim).filter(({ name }) => names.includes(name));
    expect(attacks).toHaveLength(names.length);
    for (const { bytes } of attacks) {
      const answer = await send([bytes]);
      expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
      expect(answer).toContain('X-Rouse-Error: bad_request\r\n');
      expect(answer).toContain('Connection: close\r\n');
      expect(answer).toContain('{"error":{"code":"bad_request","message":');
    }
  });
});

describe('what is odd and right', () => {
  it(
    'reaches the function exactly once',
    async () => {
      const got: [string, string, string[]][] = [];
      const oddities = buildOddities(victim);
      for (const { name, bytes } of oddities) {
        const answer = await send([bytes]);
        got.push([name, answer.slice(0, 15), (await askSeen()).seen]);
      }
      expect(got).toEqual(oddities.map(({ name, seen }) => [name, 'HTTP/1.1 200 OK', [seen]]));
    },
    testTimeoutMs,
  );
});

describe('what only the platform may say', () => {
  it('is taken off a request, in every spelling, and off the answer of a function', async () => {
    const answer = await send([
      `GET /headers HTTP/1.1\r\nHost: ${victim.host}\r\nConnection: close, X-Listed\r\nX-Listed: 1\r\n` +
        'X-Rouse-Signature: forged\r\nx-rouse-retry-safe: forged\r\nX_Rouse_Signature: forged\r\n' +
        'X-Rouse_Error: forged\r\nX-Rouse-Deadline-Ms: 1\r\nX_Forwarded_For: forged\r\n' +
        'X-Forwarded-Prefix: forged\r\nProxy-Authorization: forged\r\nTE: trailers\r\nX-Mine: kept\r\n\r\n',
    ]);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer.toLowerCase()).not.toContain('x-rouse-error');
    const headers = readJson(answer) as Record<string, string>;
    expect(JSON.stringify(headers)).not.toContain('forged');
    expect(headers['x-mine']).toBe('kept');
    for (const name of ['x-listed', 'te', 'x-forwarded-prefix']) {
      expect(headers[name]).toBeUndefined();
    }
    expect(Number(headers['x-rouse-deadline-ms'])).toBeGreaterThan(1);
    await askSeen();
  });

  it.each(['/metrics', '/healthz', '/readyz', '/specialize', '/drain', '/'])(
    'has no address at the gateway: %s is nobody there',
    async (path) => {
      const answer = await send([
        `GET ${path} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n`,
      ]);
      expect(answer).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
      expect(answer).toContain('X-Rouse-Error: function_not_found');
    },
  );
});

describe('a caller who takes all the time in the world', () => {
  it(
    'is cut off in the headers, whatever it drips, and nobody else waits for it',
    async () => {
      const slow = [
        drip('', ''),
        drip('GET /attack', 'a'),
        drip(`GET /attack HTTP/1.1\r\nHost: ${victim.host}\r\n`, 'X-A: b\r\n'),
        drip(`GET /attack HTTP/1.1\r\nHost: ${victim.host}\r\nX-A: `, 'b'),
        drip('\r\n', '\r\n'),
      ];
      expect((await askSeen()).boot).toBe(boot);
      for (const answer of await Promise.all(slow))
        expect(answer).toMatch(/^(?:HTTP\/1\.1 408 |$)/);
      expect((await askSeen()).seen).toEqual([]);
    },
    testTimeoutMs,
  );

  it(
    "is cut off in the body when the function's time is up",
    async () => {
      await target().deploy('impatient', {
        runtime: 'node',
        signature: 'http',
        source: { inline: remembering },
        timeoutSeconds: 1,
      });
      const host = await target().hostOf('impatient');
      const start = `POST /attack HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 100000\r\n\r\n`;
      expect(await drip(start, 'a')).toMatch(/^HTTP\/1\.1 504 /);
    },
    testTimeoutMs,
  );
});

/** Sends the pieces one by one and gives all that comes back until the gateway closes. */
function send(pieces: readonly string[]): Promise<string> {
  const { socket, received } = open();
  const push = ([piece, ...rest]: readonly string[]): void => {
    if (piece === undefined || socket.destroyed) return;
    socket.write(piece, 'latin1', () => setImmediate(push, rest));
  };
  push(pieces);
  return received;
}

/** Sends the start, and then the same few bytes again and again. */
function drip(start: string, drop: string): Promise<string> {
  const { socket, received } = open();
  socket.write(start, 'latin1');
  const dripping = setInterval(() => socket.write(drop, 'latin1'), 100);
  socket.on('close', () => clearInterval(dripping));
  return received;
}

/** A connection, and what came on it once the gateway has closed it. */
function open(): { socket: Socket; received: Promise<string> } {
  const { hostname, port } = new URL(target().gatewayUrl);
  const socket = connect({ host: hostname, port: Number(port || 80), noDelay: true });
  sockets.push(socket);
  let received = '';
  socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
  // It may close before it has read all of what it refuses.
  socket.on('error', () => undefined);
  const closed = waitFor(() => socket.closed, {
    what: 'the gateway to close the connection',
    deadlineMs: closeDeadlineMs,
    stepMs: 2,
  });
  return {
    socket,
    // Said so that the test can name what was sent.
    received: closed.then(
      () => received,
      () => `(still open after ${closeDeadlineMs} ms) ${received}`,
    ),
  };
}

async function askSeen(): Promise<{ boot: number; seen: string[] }> {
  const answer = await send([
    `GET /seen HTTP/1.1\r\nHost: ${victim.host}\r\nConnection: close\r\n\r\n`,
  ]);
  return readJson(answer) as { boot: number; seen: string[] };
}

function readJson(answer: string): unknown {
  const start = answer.indexOf('{');
  if (start < 0) throw new Error(`no JSON in ${JSON.stringify(answer.slice(0, 500))}`);
  return JSON.parse(answer.slice(start, answer.lastIndexOf('}') + 1));
}

function halve(bytes: string): string[] {
  const middle = Math.ceil(bytes.length / 2);
  return [bytes.slice(0, middle), bytes.slice(middle)];
}
