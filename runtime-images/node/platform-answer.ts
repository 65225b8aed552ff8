// Answers that the runtime makes itself, marked so that nobody takes them for the function's.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { headers } from './contract-names.ts';
import { markPlatformAnswer } from './function-messages.ts';

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
  markPlatformAnswer(response);
  response.setHeader('content-type', 'application/json');
  response.setHeader('content-length', body.length);
  response.setHeader(headers.error, answer.code);
  response.setHeader(headers.requestId, answer.requestId);
  if (answer.isRetrySafe) response.setHeader(headers.retrySafe, 'true');
  if (answer.status === 503) response.setHeader('retry-after', '1');
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
