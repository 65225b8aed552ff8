// Sends a request whose body is followed by fields of its own: the client of the plain path knows no such thing.

import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import type { Dispatcher } from 'undici';
import { buildForwardTrailers } from './build-forward-headers.ts';
import type { Endpoint } from './endpoint.ts';

export interface TrailedRequest {
  readonly request: IncomingMessage;
  readonly path: string;
  /** Name and value in turn, without any of framing. */
  readonly headers: readonly string[];
}

/** Only what is announced is passed on; rare enough that nothing else has to wait for the end of a body. */
export function announcesTrailers(request: IncomingMessage): boolean {
  return (
    request.headers.trailer !== undefined && request.headers['transfer-encoding'] !== undefined
  );
}

/** As `Pool.dispatch`, over a connection of its own. */
export function dispatchWithTrailers(
  endpoint: Endpoint,
  trailed: TrailedRequest,
  handler: Dispatcher.DispatchHandler,
): void {
  new TrailedSending(endpoint, trailed, handler).start();
}

class TrailedSending implements Dispatcher.DispatchController {
  rawHeaders: string[] = [];
  rawTrailers: string[] = [];
  reason: Error | null = null;
  paused = false;

  readonly #request: IncomingMessage;
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #sent: ClientRequest;
  #answer: IncomingMessage | undefined;
  #isConnected = false;
  #isOver = false;

  constructor(endpoint: Endpoint, trailed: TrailedRequest, handler: Dispatcher.DispatchHandler) {
    this.#request = trailed.request;
    this.#handler = handler;
    const announced = trailed.request.headers.trailer ?? '';
    const framing = ['Transfer-Encoding', 'chunked', 'Trailer', announced];
    this.#sent = httpRequest({
      ...endpoint.address,
      method: trailed.request.method,
      path: trailed.path,
      headers: [...trailed.headers, ...framing, 'Connection', 'close'],
      agent: false,
      setHost: false,
    });
  }

  get aborted(): boolean {
    return this.reason !== null;
  }

  start(): void {
    const sent = this.#sent;
    sent.on('socket', (socket) => socket.once('connect', () => this.#onConnect()));
    sent.on('error', (error) => this.#fail(error));
    sent.on('close', () => this.#fail(new Error('the connection was closed')));
    sent.on('information', (hint) => {
      this.rawHeaders = hint.rawHeaders;
      this.#handler.onResponseStart?.(this, hint.statusCode, {}, hint.statusMessage);
    });
    sent.on('response', (answer) => this.#onAnswer(answer));
    sent.flushHeaders();
  }

  abort(reason: Error): void {
    this.reason ??= reason;
    this.#sent.destroy(reason);
    this.#fail(reason);
  }

  pause(): void {
    this.paused = true;
    this.#answer?.pause();
  }

  resume(): void {
    this.paused = false;
    this.#answer?.resume();
  }

  /** Not before: a request whose pod can't be reached goes to another one, body and all. */
  #onConnect(): void {
    const request = this.#request;
    const sent = this.#sent;
    this.#isConnected = true;
    this.#handler.onRequestStart?.(this, {});
    if (this.#isOver) return;
    request.on('data', (chunk: Buffer) => {
      if (this.#isOver) return;
      this.#handler.onBodySent?.(chunk);
      if (!sent.write(chunk)) request.pause();
    });
    sent.on('drain', () => request.resume());
    request.on('end', () => {
      if (this.#isOver) return;
      sent.addTrailers(buildForwardTrailers(request.rawTrailers));
      sent.end();
    });
  }

  #onAnswer(answer: IncomingMessage): void {
    this.#answer = answer;
    this.rawHeaders = answer.rawHeaders;
    const { statusCode = 0, headers, statusMessage } = answer;
    this.#handler.onResponseStart?.(this, statusCode, headers, statusMessage);
    answer.on('data', (chunk: Buffer) => {
      if (!this.#isOver) this.#handler.onResponseData?.(this, chunk);
    });
    answer.on('end', () => {
      if (this.#isOver) return;
      this.#isOver = true;
      this.rawTrailers = answer.rawTrailers;
      this.#handler.onResponseEnd?.(this, {});
    });
    answer.on('error', (error) => this.#fail(error));
  }

  #fail(error: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    // What still comes of the body is nobody's; but none of it is gone as long as no pod was reached.
    if (this.#isConnected) this.#request.resume();
    this.#handler.onResponseError?.(this, error);
  }
}
