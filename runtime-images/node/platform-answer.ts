// Answers that the runtime makes itself, marked so that nobody takes them for the function's.

import http from 'node:http';
import type {
  IncomingMessage,
  OutgoingHttpHeader,
  OutgoingHttpHeaders,
  ServerResponse,
} from 'node:http';
import { headers } from './contract-names.ts';

/** Only the platform may say these; on a function's answer they would make a caller send a request twice. */
const reserved = new Set<string>([headers.error, headers.retrySafe]);

/** A response on which a function can't set the platform's own headers. */
export class FunctionResponse extends http.ServerResponse {
  override setHeader(name: string, value: number | string | readonly string[]): this {
    if (isReserved(name)) return this;
    return super.setHeader(name, value);
  }

  override appendHeader(name: string, value: string | readonly string[]): this {
    if (isReserved(name)) return this;
    return super.appendHeader(name, value);
  }

  override writeHead(
    status: number,
    reason?: string | OutgoingHttpHeaders | OutgoingHttpHeader[],
    extra?: OutgoingHttpHeaders | OutgoingHttpHeader[],
  ): this {
    if (typeof reason === 'string') return super.writeHead(status, reason, withoutReserved(extra));
    return super.writeHead(status, withoutReserved(reason ?? extra));
  }
}

function isReserved(name: unknown): boolean {
  return typeof name === 'string' && name.length > 8 && reserved.has(name.toLowerCase());
}

function withoutReserved<T extends OutgoingHttpHeaders | OutgoingHttpHeader[] | undefined>(
  given: T,
): T {
  if (given === undefined) return given;
  if (Array.isArray(given)) {
    const flat = given.flat() as OutgoingHttpHeader[];
    if (!flat.some((one, index) => index % 2 === 0 && isReserved(one))) return given;
    return flat.filter((_, index) => !isReserved(flat[index - (index % 2)])) as T;
  }
  const names = Object.keys(given);
  if (!names.some(isReserved)) return given;
  return Object.fromEntries(Object.entries(given).filter(([name]) => !isReserved(name))) as T;
}

export interface PlatformAnswer {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly requestId: string;
  /** Whether user code has surely not seen the request. */
  readonly isRetrySafe: boolean;
}

/** Ends the response; does nothing when an answer has already begun. */
export function writePlatformAnswer(response: ServerResponse, answer: PlatformAnswer): void {
  if (response.headersSent || response.destroyed) return;
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  const error = {
    code: answer.code,
    message: answer.message,
    component: 'runtime',
    requestId: answer.requestId,
  };
  const body = Buffer.from(JSON.stringify({ error }));
  const set = http.ServerResponse.prototype.setHeader;
  set.call(response, 'content-type', 'application/json');
  set.call(response, 'content-length', body.length);
  set.call(response, headers.error, answer.code);
  set.call(response, headers.requestId, answer.requestId);
  if (answer.isRetrySafe) set.call(response, headers.retrySafe, 'true');
  if (answer.status === 503) set.call(response, 'retry-after', '1');
  response.statusCode = answer.status;
  response.end(body);
}

/** The caller's id, or a new one when it has none or one that can't be logged. */
export function readRequestId(request: IncomingMessage): string | undefined {
  const given = request.headers[headers.requestId];
  return typeof given === 'string' && /^[\x21-\x7e]{1,128}$/.test(given) ? given : undefined;
}
