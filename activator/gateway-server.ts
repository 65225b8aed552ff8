// The listening side: turns what comes on the wire into exchanges, and refuses what is no good HTTP.

import { randomUUID } from 'node:crypto';
import { createServer, ServerResponse, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { RouseError } from '../api/errors.ts';
import { headers as names } from '../api/names.ts';
import type { Clock } from '../platform/process/clock.ts';
import { Exchange, findOpenExchange, type Upgrade } from './exchange.ts';
import { findFault } from './find-fault.ts';
import { hasBody } from './held-bytes.ts';
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
/** How often it looks for those whose headers did not come; so much later they may go. */
const headersCheckMs = 5_000;
/**
 * An idle connection of a caller is kept for this long: longer than common load balancers keep
 * theirs.
 */
const keepAliveMs = 65_000;
/** A caller whose connection we end may take so long to read why, and to end its own side. */
const lingerMs = 2_000;
/** With all connections taken, idle ones are ended at most so often: it looks at every connection. */
const makeRoomMs = 1_000;
/**
 * Upgrades that are only offered and that a plain answer satisfies. A pod that spoke HTTP/2 after one would get
 * requests that nobody here has looked at.
 */
const declinedUpgrade = /(?:^|[\s,])(?:h2c?|http|tls)(?:$|[\s,/])/i;

/** Where one request was refused for its form: nobody knows what follows it, so nothing more is taken. */
const refusedConnections = new WeakSet<Duplex>();

export function createGatewayServer(ports: GatewayPorts): Server {
  const server = createServer({
    maxHeaderSize: ports.limits.headerBytesMax,
    headersTimeout: headersTimeoutMs,
    connectionsCheckingInterval: headersCheckMs,
    requestTimeout: 0,
    keepAliveTimeout: keepAliveMs,
    noDelay: true,
    // Node's own refusal says no reason; ours does.
    requireHostHeader: false,
    shouldUpgradeCallback: mayUpgrade,
  });
  // Node would drop headers beyond its own maximum in silence; ours refuses the request.
  server.maxHeadersCount = 0;
  server.on('request', (request, response) => accept(ports, request, response, {}));
  server.on('checkContinue', (request, response) =>
    accept(ports, request, response, { expectsContinue: true }),
  );
  server.on('checkExpectation', (request, response) =>
    accept(ports, request, response, { hasOddExpectation: true }),
  );
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const response = answerOn(request, socket, ports.clock);
    accept(ports, request, response, { upgrade: { socket, head } });
  });
  server.on('clientError', (error, socket) => refuseMalformed(error, socket, ports.clock));
  limitConnections(server, ports);
  return server;
}

/** Beyond the limit a new connection is closed, and idle ones are, so that the next find room. */
function limitConnections(server: Server, ports: GatewayPorts): void {
  server.maxConnections = ports.limits.connectionsMax;
  let nextAtMs = 0;
  server.on('drop', () => {
    const nowMs = ports.clock.now();
    if (nowMs < nextAtMs) return;
    nextAtMs = nowMs + makeRoomMs;
    server.closeIdleConnections();
  });
}

/** One with a body, or in HTTP/1.0, is a plain request: what follows its headers is no other protocol. */
function mayUpgrade(request: IncomingMessage): boolean {
  if (request.httpVersionMinor === 0 || hasBody(request)) return false;
  return !declinedUpgrade.test(request.headers.upgrade ?? '');
}

function accept(
  ports: GatewayPorts,
  request: IncomingMessage,
  response: ServerResponse,
  kind: {
    readonly expectsContinue?: boolean;
    readonly hasOddExpectation?: boolean;
    readonly upgrade?: Upgrade;
  },
): void {
  // Reset connections show as `close` of the response; without a listener they would end the
  // process.
  request.on('error', ignore);
  response.on('error', ignore);
  if (refusedConnections.has(request.socket)) return;
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
    target === undefined
      ? 'its target is too long or no path'
      : kind.hasOddExpectation === true
        ? 'its Expect is not "100-continue"'
        : findFault(request, ports.limits);
  if (fault === undefined) return ports.handle(exchange);
  refusedConnections.add(request.socket);
  respondError(exchange, new RouseError('bad_request', `the request is refused: ${fault}`));
}

/** An upgrade comes with a bare socket; this gives it an answer object like any other request's. */
function answerOn(request: IncomingMessage, socket: Duplex, clock: Clock): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as Socket);
  const onSocketClose = (): void => void response.destroy();
  socket.once('close', onSocketClose);
  response.once('finish', () => {
    response.detachSocket(socket as Socket);
    endGently(socket, '', clock);
  });
  return response;
}

function refuseMalformed(error: Error & { code?: string }, socket: Duplex, clock: Clock): void {
  // The rest of what was refused before comes here too, and is thrown away until the caller has read why.
  if (socket.writableEnded && !socket.destroyed) return;
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const exchange = findOpenExchange(socket);
  if (exchange !== undefined) {
    // The request said itself that it is the last one: what follows means nothing.
    if (error.code === 'HPE_CLOSED_CONNECTION') return;
    const { request, response } = exchange;
    // Its own body is wrong, and nothing was said yet; or else what we add would be read as part of another answer.
    const mayAnswer = !request.complete && !response.headersSent && response.socket === socket;
    exchange.leave();
    if (!mayAnswer) return void socket.destroy();
  }
  const [status, reason] = statusOf(error.code);
  const body = buildErrorBody('bad_request', reason, '');
  const answer =
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\n` +
    `X-Rouse-Error: bad_request\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  endGently(socket, answer, clock);
}

/** Ends our side, and the other one a little later if the caller does not: it would stay open for ever. */
function endGently(socket: Duplex, last: string, clock: Clock): void {
  socket.end(last);
  const timer = clock.setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => timer.cancel());
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
