// Calls a function through a gateway by plain node:http, with the Host header that a browser would send.

import { Agent, request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';

export interface CallOptions {
  /** Where the gateway listens. */
  readonly gatewayUrl: string;
  /** The Host header: name and port. */
  readonly host: string;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
  readonly signal?: AbortSignal;
  /** Default 60_000. */
  readonly timeoutMs?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** From the call to the first byte of the body, or to the headers of an empty one. */
  readonly firstByteMs: number;
  readonly totalMs: number;
}

const callTimeoutMsDefault = 60_000;
const socketsMax = 4_000;
const agent = new Agent({ keepAlive: true, maxSockets: socketsMax });

/** Rejects when the connection breaks before the answer is complete, as it must for a cut stream. */
export async function call(options: CallOptions): Promise<Answer> {
  const startedMs = performance.now();
  const response = await openCall(options);
  const chunks: Buffer[] = [];
  let firstByteMs = performance.now() - startedMs;
  response.once('data', () => (firstByteMs = performance.now() - startedMs));
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text: Buffer.concat(chunks).toString('utf8'),
    firstByteMs,
    totalMs: performance.now() - startedMs,
  };
}

/** Resolves with the headers; the body is still to be read. */
export function openCall(options: CallOptions): Promise<IncomingMessage> {
  const { gatewayUrl, host, path = '/', method = 'GET', body, signal } = options;
  const { hostname, port } = new URL(gatewayUrl);
  return new Promise((resolve, reject) => {
    const sent = request({
      agent,
      hostname,
      port,
      path,
      method,
      headers: {
        ...options.headers,
        host,
        ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
      },
      ...(signal && { signal }),
      timeout: options.timeoutMs ?? callTimeoutMsDefault,
    });
    sent.once('timeout', () => sent.destroy(new Error(`no answer from ${host}${path}`)));
    sent.once('response', resolve);
    sent.once('error', reject);
    sent.end(body);
  });
}

/** Code of a failure that the platform made itself; `undefined` for a function's own answer. */
export function errorCode(answer: Answer): string | undefined {
  const header = answer.headers['x-rouse-error'];
  return Array.isArray(header) ? header[0] : header;
}
