// The control port: takes one function, says how it is, and drains; what changes anything must be signed.

import http from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { PodStats } from './function-server.ts';
import type { SpecializeAnswer, SpecializeBundle } from './contract-names.ts';
import { bundleBytesMax, headers } from './contract-names.ts';
import { describeThrown, logLine } from './log-lines.ts';
import { parseBundle } from './parse-bundle.ts';
import { parseSignatureHeader, refuseExpiry } from './verify-signature.ts';
import { readBody } from './read-body.ts';
import type { ParsedSignature, SignatureVerifier } from './verify-signature.ts';

/** Connections at a time: a handful of activators and controllers, kubelet's probe, and room. */
const connectionsMax = 64;
const keepAliveMs = 10_000;

export interface ControlPorts {
  readonly verifier: SignatureVerifier;
  readonly specialize: (
    bundle: SpecializeBundle,
  ) => Promise<{ status: number; answer: SpecializeAnswer }>;
  readonly state: () => SpecializeAnswer;
  readonly stats: () => PodStats;
  readonly drain: () => void;
}

export function createControlServer(ports: ControlPorts): Server {
  const server = http.createServer(
    { keepAliveTimeout: keepAliveMs, noDelay: true },
    (request, response) => {
      handle(ports, request, response).catch((error: unknown) => {
        logLine('error', 'the control port failed', describeThrown(error));
        answer(response, 500, { error: 'the control port failed' });
      });
    },
  );
  server.maxConnections = connectionsMax;
  return server;
}

async function handle(
  ports: ControlPorts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '/').split('?', 1)[0];
  const route = `${request.method} ${path}`;
  if (route === 'GET /ready') {
    const state = ports.state();
    answer(response, state.state === 'ready' ? 200 : 503, state);
  } else if (route === 'GET /stats') {
    answer(response, 200, ports.stats());
  } else if (route === 'POST /specialize') {
    const body = await readSigned(ports, request, response, '/specialize');
    if (body !== undefined) await specialize(ports, response, body);
  } else if (route === 'POST /drain') {
    const body = await readSigned(ports, request, response, '/drain');
    if (body === undefined) return;
    ports.drain();
    answer(response, 202, ports.state());
  } else {
    answer(response, 404, { error: `no ${route} on the control port` });
  }
}

async function specialize(
  ports: ControlPorts,
  response: ServerResponse,
  body: Buffer,
): Promise<void> {
  const bundle = parseBundle(body.toString('utf8'));
  if (typeof bundle === 'string') {
    answer(response, 400, { error: bundle });
    return;
  }
  const result = await ports.specialize(bundle);
  answer(response, result.status, result.answer);
}

/** The body of a request whose signature is good; otherwise answers and returns `undefined`. */
async function readSigned(
  ports: ControlPorts,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<Buffer | undefined> {
  const parsed = parseSignatureHeader(request.headers[headers.signature]);
  const early = typeof parsed === 'string' ? parsed : refuseExpiry(parsed.expiresAtMs, Date.now());
  if (early !== undefined) {
    refuseUnread(response, 401, early);
    return undefined;
  }
  const body = await readBody(request, bundleBytesMax);
  if (body === 'too large') {
    refuseUnread(response, 413, `the body is larger than ${bundleBytesMax} bytes`);
    return undefined;
  }
  if (body === 'gone') return undefined;
  const refused = ports.verifier.refuse(path, parsed as ParsedSignature, body);
  if (refused === undefined) return body;
  answer(response, 401, { error: refused });
  return undefined;
}

/** The rest of the body is not read: the connection is closed instead. */
function refuseUnread(response: ServerResponse, status: number, error: string): void {
  response.shouldKeepAlive = false;
  answer(response, status, { error });
}

function answer(response: ServerResponse, status: number, value: object): void {
  if (response.headersSent || response.destroyed) return;
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
}
