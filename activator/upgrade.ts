// Passes WebSockets and other upgrades through: after the handshake two sockets are joined and left alone.

import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { buildAnswerHeaders, buildReason } from './build-answer-headers.ts';
import type { Endpoint } from './endpoint.ts';
import type { Exchange, Upgrade } from './exchange.ts';
import { buildHeadersFor, serverTimingOf } from './exchange-headers.ts';
import { functionCrashed, functionTimeout } from './function-failure.ts';
import { retryElsewhere, type ForwardPorts } from './try-again.ts';

/**
 * A peer that vanished without a word is noticed by the kernel after this, and never by a timer of
 * ours.
 */
const keepAliveProbeMs = 30_000;

export function forwardUpgrade(exchange: Exchange, upgrade: Upgrade, ports: ForwardPorts): void {
  new UpgradeForwarding(exchange, upgrade, ports).start();
}

class UpgradeForwarding {
  readonly #exchange: Exchange;
  readonly #upgrade: Upgrade;
  readonly #ports: ForwardPorts;
  readonly #endpoint: Endpoint;
  #isConnected = false;
  #hasTimedOut = false;
  #isSettled = false;

  constructor(exchange: Exchange, upgrade: Upgrade, ports: ForwardPorts) {
    this.#exchange = exchange;
    this.#upgrade = upgrade;
    this.#ports = ports;
    this.#endpoint = exchange.endpoint as Endpoint;
  }

  start(): void {
    const exchange = this.#exchange;
    const headers = buildHeadersFor(exchange, undefined);
    headers.push('Connection', 'Upgrade', 'Upgrade', exchange.request.headers.upgrade ?? '');
    const sent = httpRequest({
      ...this.#endpoint.address,
      method: exchange.request.method,
      path: exchange.path,
      headers,
      agent: false,
      setHost: false,
    });
    // The handshake is a request like any other, and so is one that gets an ordinary answer, to the end of that; only
    // what follows a handshake has no time limit.
    const timer = this.#ports.clock.setTimeout(() => {
      this.#hasTimedOut = true;
      sent.destroy(new Error('timeout'));
    }, exchange.revision?.limits.timeoutMs ?? 0);
    exchange.onClientGone = () => sent.destroy(new Error('the caller went away'));
    sent.on('socket', (socket) => socket.once('connect', () => (this.#isConnected = true)));
    sent.on('close', () => timer.cancel());
    sent.on('error', (error) => this.#onError(error));
    sent.on('response', (answer) => this.#refuse(answer));
    sent.on('upgrade', (answer, socket, head) => {
      timer.cancel();
      this.#join(answer, socket, head);
    });
    sent.end();
  }

  #onError(error: Error): void {
    const exchange = this.#exchange;
    if (this.#isSettled || exchange.isOver) return;
    if (exchange.isClientGone) return this.#settle(499);
    if (!this.#isConnected && !this.#hasTimedOut) return retryElsewhere(exchange, this.#ports);
    const failure = this.#hasTimedOut
      ? functionTimeout(exchange)
      : functionCrashed(exchange, error);
    this.#release();
    exchange.fail(failure);
  }

  /** The function answered the handshake with an ordinary answer. */
  #refuse(answer: IncomingMessage): void {
    const exchange = this.#exchange;
    const { response } = exchange;
    const status = answer.statusCode ?? 0;
    if (status < 200) return void answer.destroy(new Error(`status ${status} is no answer`));
    response.writeHead(status, buildReason(answer.statusMessage), this.#answerHeaders(answer));
    answer.pipe(response);
    answer.on('close', () => {
      if (!answer.complete) response.destroy();
      this.#settle(status);
    });
  }

  #join(answer: IncomingMessage, pod: Duplex, podHead: Buffer): void {
    const exchange = this.#exchange;
    const { socket: caller, head: callerHead } = this.#upgrade;
    // The socket is no answer's any more: what happens on it is between the two ends.
    exchange.onClientGone = undefined;
    exchange.response.detachSocket(caller as never);
    caller.write(buildSwitchingAnswer(answer, this.#answerHeaders(answer)), 'latin1');
    if (podHead.length > 0) caller.write(podHead);
    if (callerHead.length > 0) pod.write(callerHead);
    keepAlive(caller);
    keepAlive(pod);
    caller.pipe(pod);
    pod.pipe(caller);
    const end = (): void => {
      caller.destroy();
      pod.destroy();
      this.#settle(101);
    };
    for (const socket of [caller, pod]) {
      socket.on('error', end);
      socket.on('close', end);
    }
  }

  #answerHeaders(answer: IncomingMessage): string[] {
    const exchange = this.#exchange;
    exchange.firstByteAtMs = this.#ports.clock.now();
    return buildAnswerHeaders(answer.rawHeaders, {
      requestId: exchange.requestId,
      serverTiming: serverTimingOf(exchange),
      closes: answer.statusCode !== 101,
      hasRuntime: this.#endpoint.hasRuntime,
      mayHaveTrailers: false,
    });
  }

  #settle(status: number): void {
    if (this.#isSettled) return;
    this.#release();
    this.#exchange.finish(status);
  }

  #release(): void {
    this.#isSettled = true;
    this.#exchange.revision?.releaseSlot(this.#endpoint);
  }
}

function buildSwitchingAnswer(answer: IncomingMessage, headers: readonly string[]): string {
  let text = `HTTP/1.1 101 ${answer.statusMessage ?? 'Switching Protocols'}\r\n`;
  for (let i = 0; i + 1 < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return `${text}Connection: Upgrade\r\nUpgrade: ${answer.headers.upgrade ?? ''}\r\n\r\n`;
}

function keepAlive(socket: Duplex): void {
  const tcp = socket as Duplex & { setKeepAlive?: (on: boolean, afterMs: number) => void };
  tcp.setKeepAlive?.(true, keepAliveProbeMs);
}
