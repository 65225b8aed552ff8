// The function's port: admits requests up to the limit, runs them, counts them, and drains.

import http from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { LoadedFunction } from './load-function.ts';
import { abortError, Invocation } from './invocation.ts';
import { currentInvocation, describeThrown, logLine } from './log-lines.ts';
import { FunctionRequest, FunctionResponse } from './function-messages.ts';
import { readRequestId, writePlatformAnswer } from './platform-answer.ts';
import { headers, keepAliveTimeoutMs, timeoutGraceMs } from './contract-names.ts';

const headerBytesMax = 64 * 1024;
/** Timers are rounded up to this, so that thousands of requests share a few of Node's timer lists. */
const timerStepMs = 50;

export interface PodStats {
  inFlight: number;
  total: number;
  busyMs: number;
}

interface Serving extends LoadedFunction {
  readonly timeoutMs: number;
  /** 0: none. */
  readonly concurrencyLimit: number;
}

export class FunctionServer {
  readonly server: Server;
  #serving: Serving | undefined;
  #isDraining = false;
  /** When each began. */
  readonly #inFlight = new Map<object, number>();
  #total = 0;
  #busyMs = 0;
  #onIdle: (() => void) | undefined;

  constructor() {
    this.server = http.createServer(
      {
        IncomingMessage: FunctionRequest,
        ServerResponse: FunctionResponse,
        keepAliveTimeout: keepAliveTimeoutMs,
        // Streams may take as long as the function's own timeout allows, so Node's 300 s for a body is off.
        requestTimeout: 0,
        maxHeaderSize: headerBytesMax,
        noDelay: true,
      },
      (request, response) => this.#onRequest(request, response),
    );
  }

  /** From now on requests reach this function. */
  serve(serving: Serving): void {
    this.#serving = serving;
    const { adapter } = serving;
    // Without a listener Node hands an upgrade request to the function as a plain one, which is what most want.
    if (adapter.upgrade !== undefined) {
      this.server.on('upgrade', (request, socket, head) => this.#onUpgrade(request, socket, head));
    }
  }

  stats(): PodStats {
    let busyMs = this.#busyMs;
    const nowMs = performance.now();
    for (const startedAtMs of this.#inFlight.values()) busyMs += nowMs - startedAtMs;
    return { inFlight: this.#inFlight.size, total: this.#total, busyMs: Math.round(busyMs) };
  }

  /** Answers carry `Connection: close` from now on. */
  startDraining(): void {
    this.#isDraining = true;
  }

  /** Takes no more connections; resolves when nothing is in flight. */
  async finish(): Promise<void> {
    this.server.close();
    this.server.closeIdleConnections();
    if (this.#inFlight.size === 0) return;
    await new Promise<void>((resolve) => (this.#onIdle = resolve));
  }

  /** Gives an error that user code left unhandled to its request. Called in the request's context. */
  failCurrent(error: unknown): boolean {
    const invocation = currentInvocation.getStore();
    if (invocation === undefined || this.#serving === undefined) return false;
    if (invocation.response.writableEnded || invocation.response.destroyed) return false;
    this.#fail(this.#serving, invocation, error);
    return true;
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const givenId = readRequestId(request);
    const id = givenId ?? process.getBuiltinModule('node:crypto').randomUUID();
    // With no activator in front nobody else tells the caller the id.
    if (givenId === undefined) response.setHeader(headers.requestId, id);
    if (this.#isDraining) response.shouldKeepAlive = false;
    const serving = this.#serving;
    if (serving === undefined) {
      refuse(response, id, { code: 'no_capacity', message: 'this pod holds no function yet' });
      return;
    }
    const limit = serving.concurrencyLimit;
    if (limit > 0 && this.#inFlight.size >= limit) {
      const message = `this pod already has ${limit} requests in flight, its limit`;
      refuse(response, id, { code: 'concurrency_limited', message });
      return;
    }
    const deadlineAtMs = Date.now() + readBudgetMs(request, serving.timeoutMs);
    const invocation = new Invocation({ id, request, response, deadlineAtMs });
    this.#track(serving, invocation);
    currentInvocation.run(invocation, runAdapter, this, serving, invocation);
  }

  /** Public only for `runAdapter`, which is one function for all requests rather than a closure for each. */
  failFrom(serving: Serving, invocation: Invocation, error: unknown): void {
    this.#fail(serving, invocation, error);
  }

  #track(serving: Serving, invocation: Invocation): void {
    const { response } = invocation;
    this.#enter(invocation);
    const waitMs = invocation.deadlineAtMs - Date.now();
    const step = (ms: number): number => Math.ceil(ms / timerStepMs) * timerStepMs;
    let timer = setTimeout(() => {
      stop(
        invocation,
        abortError('TimeoutError', `the function's ${serving.timeoutMs} ms are over`),
      );
      timer = setTimeout(() => answerTimeout(invocation, serving.timeoutMs), timeoutGraceMs);
    }, step(waitMs));
    // 'finish' is the last byte handed to the kernel, so the caller can't have it before the slot is free.
    response.once('finish', () => this.#leave(invocation));
    response.once('close', () => {
      clearTimeout(timer);
      if (!response.writableFinished) {
        stop(invocation, abortError('AbortError', 'the caller has gone away'));
      }
      this.#leave(invocation);
    });
  }

  #enter(key: object): void {
    this.#inFlight.set(key, performance.now());
    this.#total += 1;
  }

  #leave(key: object): void {
    const startedAtMs = this.#inFlight.get(key);
    if (startedAtMs === undefined) return;
    this.#inFlight.delete(key);
    this.#busyMs += performance.now() - startedAtMs;
    if (this.#inFlight.size === 0) this.#onIdle?.();
  }

  #fail(serving: Serving, invocation: Invocation, error: unknown): void {
    const { response } = invocation;
    if (!invocation.isAborted) logLine('error', 'the function failed', describeThrown(error));
    if (response.headersSent) {
      // Part of an answer is out. Text appended to it would look like the function's; a cut connection does not.
      if (!response.writableEnded) response.destroy();
      return;
    }
    try {
      serving.adapter.fail(invocation, error);
    } catch (failure) {
      logLine('error', 'the failure could not be answered', describeThrown(failure));
      response.destroy();
    }
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const serving = this.#serving as Serving;
    const limit = serving.concurrencyLimit;
    if (limit > 0 && this.#inFlight.size >= limit) {
      socket.end(
        `HTTP/1.1 503 Service Unavailable\r\n${headers.error}: concurrency_limited\r\n` +
          `${headers.retrySafe}: true\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
      );
      return;
    }
    this.#enter(socket);
    socket.once('close', () => this.#leave(socket));
    socket.on('error', () => socket.destroy());
    try {
      serving.adapter.upgrade?.(request, socket, head);
    } catch (error) {
      logLine('error', 'the function failed on an upgrade', describeThrown(error));
      socket.destroy();
    }
  }
}

/** In the request's context, so that what user code then logs or throws finds its request. */
function stop(invocation: Invocation, reason: Error): void {
  currentInvocation.run(invocation, () => invocation.abort(reason));
}

function runAdapter(server: FunctionServer, serving: Serving, invocation: Invocation): void {
  try {
    const done = serving.adapter.serve(invocation);
    if (done !== undefined) done.catch((error) => server.failFrom(serving, invocation, error));
  } catch (error) {
    server.failFrom(serving, invocation, error);
  }
}

function refuse(
  response: ServerResponse,
  id: string,
  why: { code: string; message: string },
): void {
  writePlatformAnswer(response, { ...why, status: 503, requestId: id, isRetrySafe: true });
}

/** The activator knows how much of the function's time is left; it can only shorten it. */
function readBudgetMs(request: IncomingMessage, timeoutMs: number): number {
  const given = request.headers[headers.deadlineMs];
  if (typeof given !== 'string' || !/^\d{1,9}$/.test(given)) return timeoutMs;
  return Math.min(Number(given), timeoutMs);
}

/** Reached only where nobody in front has answered 504 and closed the connection. */
function answerTimeout(invocation: Invocation, timeoutMs: number): void {
  const { response } = invocation;
  const why = `the function did not answer within ${timeoutMs} ms`;
  currentInvocation.run(invocation, logLine, 'error', why);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.shouldKeepAlive = false;
  writePlatformAnswer(response, {
    status: 504,
    code: 'function_timeout',
    message: why,
    requestId: invocation.id,
    isRetrySafe: false,
  });
}
