// The request and response classes of the function's port; what a signature adds to them touches no others.

import http from 'node:http';
import type { OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { headers } from './contract-names.ts';

/** Express-style properties go on its prototype, so that responses to user code's own calls don't get them. */
export class FunctionRequest extends http.IncomingMessage {}

type Headers = OutgoingHttpHeaders | OutgoingHttpHeader[];
type WriteHead = (
  this: ServerResponse,
  status: number,
  reason?: string | Headers,
  extra?: Headers,
) => ServerResponse;

/** Only the platform may say these; on a function's answer they would make a caller send a request twice. */
const reserved: readonly string[] = [headers.error, headers.retrySafe];
const platformAnswers = new WeakSet<ServerResponse>();

/** A response on which a function can't set the platform's own headers. */
export class FunctionResponse extends http.ServerResponse {
  override writeHead(status: number, reason?: string | Headers, extra?: Headers): this {
    writeGuarded.call(this, status, reason, extra);
    return this;
  }
}

/** For frameworks that give a response another prototype, as Express does. */
export function guardHeaders(response: ServerResponse): void {
  response.writeHead = writeGuarded as typeof response.writeHead;
}

/** This answer is the runtime's own and may carry the platform's headers. */
export function markPlatformAnswer(response: ServerResponse): void {
  platformAnswers.add(response);
}

/** Every answer passes here, also one that never calls writeHead itself. */
function writeGuarded(
  this: ServerResponse,
  status: number,
  reason?: string | Headers,
  extra?: Headers,
): ServerResponse {
  const { writeHead } = http.ServerResponse.prototype as { writeHead: WriteHead };
  if (platformAnswers.has(this)) return writeHead.call(this, status, reason, extra);
  for (const name of reserved) if (this.hasHeader(name)) this.removeHeader(name);
  return typeof reason === 'string'
    ? writeHead.call(this, status, reason, withoutReserved(extra))
    : writeHead.call(this, status, withoutReserved(reason ?? extra));
}

function isReserved(name: unknown): boolean {
  return typeof name === 'string' && reserved.includes(name.toLowerCase());
}

function withoutReserved(given: Headers | undefined): Headers | undefined {
  if (given === undefined) return given;
  if (Array.isArray(given)) {
    const flat = given.flat() as OutgoingHttpHeader[];
    if (!flat.some((one, index) => index % 2 === 0 && isReserved(one))) return given;
    return flat.filter((_, index) => !isReserved(flat[index - (index % 2)]));
  }
  if (!Object.keys(given).some(isReserved)) return given;
  return Object.fromEntries(Object.entries(given).filter(([name]) => !isReserved(name)));
}
