// Answers that the runtime makes itself, marked so that nobody takes them for the function's.

import http from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { headers } from './contract-names.ts';

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
  clearHeaders(response);
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

/** Forgets what user code has set so far; the request's id stays. */
export function clearHeaders(response: ServerResponse): void {
  for (const name of response.getHeaderNames()) {
    if (name !== headers.requestId) response.removeHeader(name);
  }
}

/** The caller's id, or a new one when it has none or one that can't be logged. */
export function readRequestId(request: IncomingMessage): string | undefined {
  const given = request.headers[headers.requestId];
  return typeof given === 'string' && /^[\x21-\x7e]{1,128}$/.test(given) ? given : undefined;
}
