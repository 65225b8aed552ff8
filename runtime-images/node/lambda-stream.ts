// Lambda's response streaming: globalThis.awslambda, and the stream its handlers write to.

import type { ServerResponse } from 'node:http';
import { Writable } from 'node:stream';

const streamingMark = Symbol.for('aws.lambda.runtime.handler.streaming');

interface Prelude {
  statusCode?: number;
  headers?: Record<string, string | string[]>;
  cookies?: string[];
}

/** What the handler writes to; the status line waits for the first byte, so that a prelude can still set it. */
export class ResponseStream extends Writable {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    super();
    this.#response = response;
    response.setHeader('content-type', 'application/octet-stream');
    response.once('close', () => this.destroy());
  }

  setContentType(type: string): void {
    this.#response.setHeader('content-type', type);
  }

  setPrelude(prelude: Prelude): void {
    this.#response.statusCode = prelude.statusCode ?? 200;
    for (const [name, value] of Object.entries(prelude.headers ?? {})) {
      this.#response.setHeader(name, value);
    }
    if (prelude.cookies !== undefined && prelude.cookies.length > 0) {
      this.#response.setHeader('set-cookie', prelude.cookies);
    }
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: () => void): void {
    if (this.#response.write(chunk, encoding)) done();
    else this.#response.once('drain', done);
  }

  override _final(done: () => void): void {
    this.#response.end(done);
  }
}

/** Puts `awslambda` where handlers look for it, before any of their code loads. */
export function installStreaming(): void {
  const target = globalThis as unknown as Record<string, unknown>;
  target['awslambda'] ??= {
    streamifyResponse(handler: Record<symbol, unknown>): unknown {
      handler[streamingMark] = 'response';
      return handler;
    },
    HttpResponseStream: {
      from(stream: ResponseStream, prelude: Prelude): ResponseStream {
        stream.setPrelude(prelude);
        return stream;
      },
    },
  };
}

export function isStreaming(handler: unknown): boolean {
  return (handler as Record<symbol, unknown>)[streamingMark] === 'response';
}
