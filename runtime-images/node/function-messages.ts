// The request and response classes of the function's port; what a signature adds to them touches no others.

import http from 'node:http';
import type { OutgoingHttpHeader, OutgoingHttpHeaders } from 'node:http';
import { headers } from './contract-names.ts';

/** Express-style properties go on its prototype, so that responses to user code's own calls don't get them. */
export class FunctionRequest extends http.IncomingMessage {}

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
