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

/** Version, trace, parent and flags of W3C Trace Context; ids of zeros are none. Later versions may add to it. */
const traceparentForm =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:$|-)/;

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
  /** As it came: user code may change the request's headers. */
  readonly #traceparent: string | string[] | undefined;

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
    this.#traceparent = options.request.headers['traceparent'];
  }

  /** Fires when the caller leaves or the time is up. Made when first asked for: most functions never do. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#abortReason !== undefined) this.#controller.abort(this.#abortReason);
    }
    return this.#controller.signal;
  }

  /** Of the trace that the request is part of. Read only for log lines: most requests write none. */
  get traceId(): string | undefined {
    const given = this.#traceparent;
    return typeof given === 'string' ? traceparentForm.exec(given)?.[1] : undefined;
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
