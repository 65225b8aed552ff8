// Fourth step: sends the request to its pod and streams the answer back, both ways with backpressure.

import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import { RouseError } from '../api/errors.ts';
import { headers as names } from '../api/names.ts';
import type { Timer } from '../platform/process/clock.ts';
import { bodyTooLarge } from './admit-request.ts';
import {
  buildAnswerHeaders,
  buildHint,
  buildReason,
  buildTrailers,
} from './build-answer-headers.ts';
import type { Endpoint } from './endpoint.ts';
import type { Exchange, Step } from './exchange.ts';
import { buildHeadersFor, serverTimingOf } from './exchange-headers.ts';
import { announcesTrailers, dispatchWithTrailers } from './forward-trailers.ts';
import { functionCrashed, functionTimeout } from './function-failure.ts';
import { hasBody } from './held-bytes.ts';
import { attemptsMax, retryElsewhere, retryLater, type ForwardPorts } from './try-again.ts';
import { forwardUpgrade } from './upgrade.ts';

export function forwardRequest(ports: ForwardPorts): Step {
  return {
    name: 'forward',
    run(exchange) {
      exchange.attempts += 1;
      if (exchange.upgrade !== undefined) forwardUpgrade(exchange, exchange.upgrade, ports);
      else new Forwarding(exchange, ports).start();
    },
  };
}

class Forwarding implements Dispatcher.DispatchHandler {
  readonly #exchange: Exchange;
  readonly #ports: ForwardPorts;
  readonly #endpoint: Endpoint;
  #controller: Dispatcher.DispatchController | undefined;
  #timer: Timer | undefined;
  #hasTimedOut = false;
  #isTooLarge = false;
  #bodyBytes = 0;
  #waitsForDrain = false;
  #isBodied = false;
  /**
   * The answer is a refusal to be kept from the caller: the request goes elsewhere when it has
   * ended.
   */
  #refusedWith = 0;

  constructor(exchange: Exchange, ports: ForwardPorts) {
    this.#exchange = exchange;
    this.#ports = ports;
    this.#endpoint = exchange.endpoint as Endpoint;
  }

  start(): void {
    const exchange = this.#exchange;
    const { request } = exchange;
    exchange.onClientGone = () => this.#controller?.abort(new Error('the caller went away'));
    this.#isBodied = hasBody(request);
    if (announcesTrailers(request)) {
      const headers = buildHeadersFor(exchange, undefined);
      const trailed = { request, path: exchange.path, headers };
      return dispatchWithTrailers(this.#endpoint, trailed, this);
    }
    const contentLength = this.#isBodied ? request.headers['content-length'] : undefined;
    this.#endpoint.pool.dispatch(
      {
        path: exchange.path,
        method: request.method as Dispatcher.HttpMethod,
        headers: buildHeadersFor(exchange, contentLength),
        body: this.#isBodied ? request : null,
      },
      this,
    );
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    const exchange = this.#exchange;
    if (exchange.isClientGone) return controller.abort(new Error('the caller went away'));
    if (exchange.expectsContinue) exchange.response.writeContinue();
    // From here on it is the function's time; all waiting before was ours.
    const timeoutMs = exchange.revision?.limits.timeoutMs ?? 0;
    this.#timer = this.#ports.clock.setTimeout(() => {
      this.#hasTimedOut = true;
      controller.abort(new Error('timeout'));
    }, timeoutMs);
  }

  onBodySent(chunk: Buffer): void {
    const { bodyBytesMax } = this.#ports;
    if (bodyBytesMax === 0) return;
    this.#bodyBytes += chunk.length;
    if (this.#bodyBytes <= bodyBytesMax) return;
    this.#isTooLarge = true;
    this.#controller?.abort(new Error('body too large'));
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    parsed: Record<string, string | string[] | undefined>,
    message?: string,
  ): void {
    const exchange = this.#exchange;
    const { response } = exchange;
    const fault = findAnswerFault(status, parsed['transfer-encoding']);
    if (fault !== undefined) return controller.abort(new Error(fault));
    if (status < 200) return passHint(exchange, status, textOf(controller.rawHeaders));
    // Code of a user's own image may have run before it said so.
    if (
      this.#endpoint.hasRuntime &&
      parsed[names.retrySafe] !== undefined &&
      this.#mayRetry(status)
    ) {
      this.#refusedWith = status;
      return;
    }
    exchange.firstByteAtMs = this.#ports.clock.now();
    const isBodiless = exchange.request.method === 'HEAD' || status === 204 || status === 304;
    const headers = buildAnswerHeaders(textOf(controller.rawHeaders), {
      requestId: exchange.requestId,
      serverTiming: serverTimingOf(exchange),
      closes: this.#ports.isDraining(),
      hasRuntime: this.#endpoint.hasRuntime,
      mayHaveTrailers:
        !isBodiless &&
        exchange.request.httpVersionMinor > 0 &&
        parsed['content-length'] === undefined,
    });
    response.writeHead(status, buildReason(message), headers);
    if (isBodiless) return;
    // Headers must not wait for a body that comes late; corked, so that a body that is here already
    // goes along.
    const socket = response.socket;
    socket?.cork();
    response.flushHeaders();
    if (socket !== null) process.nextTick(uncork, socket);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const { response } = this.#exchange;
    if (this.#refusedWith !== 0 || response.write(chunk)) return;
    controller.pause();
    if (this.#waitsForDrain) return;
    this.#waitsForDrain = true;
    response.once('drain', () => {
      this.#waitsForDrain = false;
      controller.resume();
    });
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    const exchange = this.#exchange;
    const { response } = exchange;
    if (this.#refusedWith !== 0) return this.#onRefused();
    const trailers = controller.rawTrailers;
    if (Array.isArray(trailers) && trailers.length > 0) {
      response.addTrailers(buildTrailers(textOf(trailers)));
    }
    // Before the slot is handed on: whoever gets it must not stand before this answer's last bytes.
    response.end();
    this.#settle();
    exchange.finish(response.statusCode);
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    const exchange = this.#exchange;
    this.#timer?.cancel();
    if (this.#controller === undefined && !exchange.isClientGone) return this.#onUnsent(error);
    const failure = this.#hasTimedOut
      ? functionTimeout(exchange)
      : this.#isTooLarge
        ? bodyTooLarge(this.#ports.bodyBytesMax)
        : functionCrashed(exchange, error);
    // A process that dies loses its connections one by one, so another of them may still take a request, never to
    // answer it: nothing more goes there until a knock is answered.
    const isCrash = failure.code === 'function_crashed' && !exchange.isClientGone;
    if (isCrash && exchange.revision !== undefined) {
      this.#ports.suspect(exchange.revision, this.#endpoint);
    }
    this.#settle();
    if (exchange.isClientGone) exchange.finish(499);
    else exchange.fail(failure);
  }

  /**
   * A body that went out is gone, so only requests without one can go elsewhere. A pod that is full because of another
   * activator is waited for as one that is full because of this one: the pauses between are what bounds it.
   */
  #mayRetry(status: number): boolean {
    const { attempts, deadlineAtMs } = this.#exchange;
    if (this.#isBodied || this.#ports.clock.now() >= deadlineAtMs) return false;
    return status === 429 || attempts < attemptsMax;
  }

  #onRefused(): void {
    const exchange = this.#exchange;
    if (this.#refusedWith === 429) {
      this.#settle();
      return retryLater(exchange, this.#ports);
    }
    // It drains, or holds no code: no pod to send anything to until it says otherwise.
    this.#timer?.cancel();
    retryElsewhere(exchange, this.#ports);
  }

  /** Nothing was written, so nobody has seen it. */
  #onUnsent(error: Error): void {
    const exchange = this.#exchange;
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'UND_ERR_INVALID_ARG' && code !== 'UND_ERR_NOT_SUPPORTED') {
      return retryElsewhere(exchange, this.#ports);
    }
    this.#settle();
    exchange.fail(
      new RouseError('bad_request', `the request can't be forwarded: ${error.message}`),
    );
  }

  /** The pod is done with it, however it ended. */
  #settle(): void {
    this.#timer?.cancel();
    this.#exchange.revision?.releaseSlot(this.#endpoint);
  }
}

/** What can't be passed on as it is meant. */
function findAnswerFault(
  status: number,
  coding: string | string[] | undefined,
): string | undefined {
  if (status < 100) return `the status ${status} is none`;
  const isKnown = coding === undefined || String(coding).toLowerCase() === 'chunked';
  return isKnown ? undefined : `the transfer coding "${String(coding)}" is not known`;
}

/** Node writes only some of them, and throws for a Link it does not understand. */
function passHint(exchange: Exchange, status: number, rawHeaders: readonly string[]): void {
  const { socket } = exchange.response;
  // HTTP/1.0 knows no answer before the answer. A caller who reads slowly does without.
  if (exchange.request.httpVersionMinor === 0 || socket === null || socket.writableNeedDrain)
    return;
  socket.write(buildHint(status, rawHeaders), 'latin1');
}

function uncork(socket: Socket): void {
  socket.uncork();
}

/** Header bytes as undici hands them out; HTTP/1 headers are latin1. */
function textOf(raw: Dispatcher.DispatchController['rawHeaders']): string[] {
  if (!Array.isArray(raw)) return [];
  const texts: string[] = [];
  for (const part of raw) texts.push(typeof part === 'string' ? part : part.toString('latin1'));
  return texts;
}
