// Writes the platform's own failure answers: status, X-Rouse-Error and a JSON body by the failure contract.

import { STATUS_CODES } from 'node:http';
import { errorCodes, type ErrorBody, type RouseError } from '../api/errors.ts';
import { hasBody } from './held-bytes.ts';
import type { Exchange } from './exchange.ts';

/**
 * A body up to this is read to its end and thrown away, so that the connection can be used again.
 */
const discardedBodyBytesMax = 256 * 1024;
/** A load error may carry a whole compiler's output. */
const messageLengthMax = 8 * 1024;

/**
 * Gives the status that was sent; once the function's answer has begun nothing is added, the stream
 * just ends.
 */
export function respondError(exchange: Exchange, error: RouseError): number {
  const { response } = exchange;
  const { status } = errorCodes[error.code];
  if (response.headersSent) {
    response.destroy();
    return status;
  }
  const body = buildErrorBody(error.code, error.message, exchange.requestId);
  const headers: Record<string, string | number> = {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Rouse-Error': error.code,
    'X-Request-Id': exchange.requestId,
  };
  if (error.retryAfterSeconds !== undefined) headers['Retry-After'] = error.retryAfterSeconds;
  if (closesConnection(exchange, error)) headers['Connection'] = 'close';
  // Else the words of a function's answer that could not be begun would stand there, and fail again.
  response.statusMessage = STATUS_CODES[status] ?? '';
  response.writeHead(status, headers);
  response.end(body);
  return status;
}

export function buildErrorBody(
  code: RouseError['code'],
  message: string,
  requestId: string,
): string {
  const text =
    message.length > messageLengthMax ? `${message.slice(0, messageLengthMax)}...` : message;
  const body: ErrorBody = { error: { code, message: text, component: 'activator', requestId } };
  return `${JSON.stringify(body)}\n`;
}

/**
 * An upload that nobody wants, or that took all the function's time, must not go on for the sake of the connection; and
 * after a request that may be read in two ways nobody knows where the next one begins.
 */
function closesConnection(exchange: Exchange, error: RouseError): boolean {
  const { request } = exchange;
  if (error.code === 'bad_request') return true;
  if (exchange.upgrade !== undefined || exchange.expectsContinue) return true;
  if (request.complete || !hasBody(request)) return false;
  if (error.code === 'function_timeout') return true;
  return !(Number(request.headers['content-length'] ?? Infinity) <= discardedBodyBytesMax);
}
