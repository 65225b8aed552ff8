// One request on its way through user code: its id, its time, the signal that tells it to stop.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** How a signature serves. Both functions are called inside the request's asynchronous context. */
export interface SignatureAdapter {
  /** May throw or reject: the request is then given to `fail`. */
  serve(invocation: Invocation): void | Promise<void>;
  /** Answers in the signature's own shape, when nothing has been sent yet. */
  fail(invocation: Invocation, error: unknown): void;
  /** Takes a connection that asked to become something else, a WebSocket say. */
  upgrade?(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

export class Invocation {
  readonly id: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Unix time in milliseconds at which the function should have answered. */
  readonly deadlineAtMs: number;
  /** Whether user code has been called: before that, a refusal is safe to repeat elsewhere. */
  reachedUserCode = false;
  #controller: AbortController | undefined;
  #abortReason: Error | undefined;

  constructor(options: {
    id: string;
    request: IncomingMessage;
    response: ServerResponse;
    deadlineAtMs: number;
  }) {
    this.id = options.id;
    this.request = options.request;
    this.response = options.response;
    this.deadlineAtMs = options.deadlineAtMs;
  }

  /** Fires when the caller leaves or the time is up. Made when first asked for: most functions never do. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#abortReason !== undefined) this.#controller.abort(this.#abortReason);
    }
    return this.#controller.signal;
  }

  get isAborted(): boolean {
    return this.#abortReason !== undefined;
  }

  abort(reason: Error): void {
    if (this.#abortReason !== undefined) return;
    this.#abortReason = reason;
    this.#controller?.abort(reason);
  }

  remainingMs(): number {
    return Math.max(0, this.deadlineAtMs - Date.now());
  }
}

/** An error named as the platform's own AbortSignal reasons are. */
export function abortError(name: 'AbortError' | 'TimeoutError', message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}
