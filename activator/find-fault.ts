// What Node's HTTP parser lets through, but two servers in a row could read in two ways: such a request is refused.

import type { IncomingMessage } from 'node:http';
import { isAuthority } from './parse-host.ts';

export interface FaultLimits {
  /** Headers of a request. */
  readonly headersMax: number;
}

/** What is wrong with it, to be read after "the request is refused: "; `undefined` when nothing is. */
export function findFault(request: IncomingMessage, limits: FaultLimits): string | undefined {
  const { rawHeaders, httpVersionMajor, httpVersionMinor } = request;
  // The parser also takes 0.9 and 2.0, which have no headers, or not these.
  if (httpVersionMajor !== 1) return 'its version is not HTTP/1.1 or HTTP/1.0';
  if (rawHeaders.length / 2 > limits.headersMax) {
    return `it has more than ${limits.headersMax} headers`;
  }
  return findHostFault(rawHeaders, httpVersionMinor) ?? findFramingFault(request);
}

function findHostFault(rawHeaders: readonly string[], minorVersion: number): string | undefined {
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (name.length !== 4 || name.toLowerCase() !== 'host') continue;
    hosts += 1;
    if (hosts > 1) return 'it has more than one Host header';
    if (!isAuthority(rawHeaders[i + 1] as string)) {
      return 'its Host header is no host name with or without a port';
    }
  }
  return hosts === 0 && minorVersion > 0 ? 'it has no Host header' : undefined;
}

function findFramingFault(request: IncomingMessage): string | undefined {
  const length = request.headers['content-length'];
  // Up to 2^64 is a number for the parser; beyond this it would be forwarded as another one.
  if (length !== undefined && Number(length) > Number.MAX_SAFE_INTEGER) {
    return 'its Content-Length is too large';
  }
  const coding = request.headers['transfer-encoding'];
  if (coding === undefined) return undefined;
  if (coding.toLowerCase() !== 'chunked') return 'its Transfer-Encoding is not "chunked"';
  return request.httpVersionMinor === 0 ? 'HTTP/1.0 has no Transfer-Encoding' : undefined;
}
