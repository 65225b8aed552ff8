// The controller's HTTP: samples from activators, health, metrics.

import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { reportBytesMax, samplePath, type SampleReport } from '../api/wire.ts';
import { parseSampleReport } from './autoscaler/parse-sample-report.ts';

export interface HttpPorts {
  /** `undefined` until the keys are there. */
  readonly readToken: () => string | undefined;
  /** What stands in the way of its work; `undefined` when it is ready. */
  readonly findObstacle: () => string | undefined;
  /** What a ready controller can't do at the moment; it stays ready, for what it can. */
  readonly findProblem: () => string | undefined;
  readonly onReport: (report: SampleReport) => void;
  readonly onRefused: (status: 401 | 413 | 400) => void;
  readonly metrics: { readonly contentType: string; metrics(): Promise<string> };
}

export interface HttpServer {
  /** The port it got, which matters when 0 was asked for. */
  readonly port: number;
  close(): Promise<void>;
}

/** Longer than an activator is silent between two bursts, so that a report rarely waits for a connection. */
const keepAliveMs = 60_000;
/** A request that is not all here after this long is dropped, in milliseconds. */
const requestTimeoutMs = 10_000;

/** Rejects when the port is taken. */
export async function serveHttp(
  ports: HttpPorts,
  listen: { readonly host: string; readonly port: number },
): Promise<HttpServer> {
  const server = createServer((request, response) => {
    answer(request, response, ports).catch(() => response.destroy());
  });
  server.requestTimeout = requestTimeoutMs;
  server.keepAliveTimeout = keepAliveMs;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(listen.port, listen.host, resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  ports: HttpPorts,
): Promise<void> {
  const path = (request.url ?? '').split('?')[0];
  if (path === samplePath && request.method === 'POST') {
    await takeReport(request, response, ports);
  } else if (path === '/healthz') {
    send(response, 200, 'ok');
  } else if (path === '/readyz') {
    const obstacle = ports.findObstacle();
    const problem = ports.findProblem();
    if (obstacle !== undefined) send(response, 503, obstacle);
    else send(response, 200, problem === undefined ? 'ok' : `ok, but:\n${problem}`);
  } else if (path === '/metrics') {
    const text = await ports.metrics.metrics();
    send(response, 200, text, ports.metrics.contentType);
  } else {
    send(response, 404, `no such path: POST ${samplePath}, GET /healthz, /readyz, /metrics`);
  }
}

async function takeReport(
  request: IncomingMessage,
  response: ServerResponse,
  ports: HttpPorts,
): Promise<void> {
  const token = ports.readToken();
  if (token === undefined || !isToken(request.headers.authorization, token)) {
    ports.onRefused(401);
    send(response, 401, 'wrong or no bearer token');
    return;
  }
  const text = await readBody(request);
  if (text === undefined) {
    ports.onRefused(413);
    send(response, 413, `a report may have ${reportBytesMax} bytes`);
    return;
  }
  const parsed = parseSampleReport(text);
  if ('problem' in parsed) {
    ports.onRefused(400);
    send(response, 400, parsed.problem);
    return;
  }
  ports.onReport(parsed.report);
  response.writeHead(204).end();
}

/** Compares digests, so that neither the time nor the length tells anything of the token. */
function isToken(header: string | undefined, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`));
}

/** `undefined` when it is too long. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > reportBytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function send(
  response: ServerResponse,
  status: number,
  text: string,
  contentType = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'content-type': contentType });
  response.end(text.endsWith('\n') ? text : `${text}\n`);
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
