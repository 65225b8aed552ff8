// The listening side: turns what comes on the wire into exchanges, and refuses what is no good HTTP.

import { randomUUID } from 'node:crypto';
import { createServer, ServerResponse, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { RouseError } from '../api/errors.ts';
import { headers as names } from '../api/names.ts';
import type { Clock } from '../platform/process/clock.ts';
import { Exchange, type Upgrade } from './exchange.ts';
import { parseRequestId } from './parse-request-id.ts';
import { parseRequestTarget } from './parse-request-target.ts';
import { buildErrorBody, respondError } from './respond-error.ts';
import type { Limits } from './settings.ts';

export interface GatewayPorts {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly handle: (exchange: Exchange) => void;
}

/** Headers must have come within this; a body may take as long as the function has time. */
const headersTimeoutMs = 15_000;
/**
 * An idle connection of a caller is kept for this long: longer than common load balancers keep
 * theirs.
 */
const keepAliveMs = 65_000;
/** Upgrades that the caller only offers and that a plain answer satisfies. */
const declinedUpgrades = new Set(['h2c', 'h2']);

export function createGatewayServer(ports: GatewayPorts): Server {
  const server = createServer({
    maxHeaderSize: ports.limits.headerBytesMax,
    headersTimeout: headersTimeoutMs,
    requestTimeout: 0,
    keepAliveTimeout: keepAliveMs,
    noDelay: true,
    shouldUpgradeCallback: (request) =>
      !declinedUpgrades.has((request.headers.upgrade ?? '').toLowerCase()),
  });
  // Node would drop headers beyond its own maximum in silence; ours refuses the request.
  server.maxHeadersCount = 0;
  server.on('request', (request, response) => accept(ports, request, response, {}));
  server.on('checkContinue', (request, response) =>
    accept(ports, request, response, { expectsContinue: true }),
  );
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const response = answerOn(request, socket);
    accept(ports, request, response, { upgrade: { socket, head } });
  });
  server.on('clientError', refuseMalformed);
  return server;
}

function accept(
  ports: GatewayPorts,
  request: IncomingMessage,
  response: ServerResponse,
  kind: { readonly expectsContinue?: boolean; readonly upgrade?: Upgrade },
): void {
  // Reset connections show as `close` of the response; without a listener they would end the
  // process.
  request.on('error', ignore);
  response.on('error', ignore);
  const arrivedAtMs = ports.clock.now();
  const target = parseRequestTarget(request.url ?? '');
  const exchange = new Exchange({
    request,
    response,
    requestId: parseRequestId(request.headers[names.requestId]) ?? randomUUID(),
    arrivedAtMs,
    deadlineAtMs: arrivedAtMs + ports.limits.wakeTimeoutMs,
    host: target?.host ?? request.headers.host ?? '',
    path: target?.path ?? '',
    ...kind,
  });
  const fault =
    target === undefined ? 'its target is too long or no path' : findFault(request, ports);
  if (fault === undefined) return ports.handle(exchange);
  respondError(exchange, new RouseError('bad_request', `the request is refused: ${fault}`));
}

/** What llhttp lets through, but two servers in a row could read in two ways. */
function findFault(request: IncomingMessage, ports: GatewayPorts): string | undefined {
  const { rawHeaders } = request;
  if (rawHeaders.length / 2 > ports.limits.headersMax) {
    return `it has more than ${ports.limits.headersMax} headers`;
  }
  const coding = request.headers['transfer-encoding'];
  if (coding !== undefined) {
    if (coding.toLowerCase() !== 'chunked') return 'its Transfer-Encoding is not "chunked"';
    if (request.httpVersionMinor === 0) return 'HTTP/1.0 has no Transfer-Encoding';
  }
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts > 1 ? 'it has more than one Host header' : undefined;
}

/** An upgrade comes with a bare socket; this gives it an answer object like any other request's. */
function answerOn(request: IncomingMessage, socket: Duplex): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as Socket);
  const onSocketClose = (): void => void response.destroy();
  socket.once('close', onSocketClose);
  response.once('finish', () => {
    response.detachSocket(socket as Socket);
    socket.end();
  });
  return response;
}

function refuseMalformed(error: Error & { code?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [status, reason] = statusOf(error.code);
  const body = buildErrorBody('bad_request', reason, '');
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `X-Rouse-Error: bad_request\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function statusOf(code: string | undefined): [string, string] {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return ['431 Request Header Fields Too Large', 'the headers of the request are too long'];
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return ['408 Request Timeout', 'the headers of the request did not come in time'];
  }
  return ['400 Bad Request', 'what was sent is not valid HTTP/1.1'];
}

function ignore(): void {}
