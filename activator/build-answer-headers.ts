// Builds the headers a caller gets from the headers a function answered with.

import { headers as names } from '../api/names.ts';
import { listedInConnection, ownPrefix } from './build-forward-headers.ts';

/** Meant for the connection between pod and activator only. */
const dropped = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'te',
  'transfer-encoding',
  'upgrade',
  names.retrySafe,
]);

/**
 * Name and value in turn. A function's own X-Request-Id wins over ours; Server-Timing stands beside
 * its own.
 */
export function buildAnswerHeaders(
  rawHeaders: readonly string[],
  own: {
    readonly requestId: string;
    readonly serverTiming: string;
    readonly closes: boolean;
    /** Whether one of our runtimes made the answer; it alone may say that a failure is the platform's. */
    readonly hasRuntime: boolean;
    /** Fields may come after the body: it is sent in chunks. Else Node refuses to announce any. */
    readonly mayHaveTrailers: boolean;
  },
): string[] {
  const listed = listedInConnection(rawHeaders);
  const built: string[] = [];
  let hasRequestId = false;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    const lower = name.toLowerCase();
    if (dropped.has(lower) || listed?.has(lower)) continue;
    if (lower === names.error && !own.hasRuntime) continue;
    if (lower === 'trailer' && !own.mayHaveTrailers) continue;
    if (lower === names.requestId) hasRequestId = true;
    built.push(name, rawHeaders[i + 1] as string);
  }
  if (!hasRequestId) built.push('X-Request-Id', own.requestId);
  built.push('Server-Timing', own.serverTiming);
  if (own.closes) built.push('Connection', 'close');
  return built;
}

/** Fields after a body: what frames or routes a message means nothing there, and what is ours is never a function's. */
export function buildTrailers(rawTrailers: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < rawTrailers.length; i += 2) {
    const name = rawTrailers[i] as string;
    if (isPassedOutsideHeaders(name)) pairs.push([name, rawTrailers[i + 1] as string]);
  }
  return pairs;
}

/** The text of an answer before the answer: early hints, for one. */
export function buildHint(status: number, rawHeaders: readonly string[]): string {
  let text = `HTTP/1.1 ${status} ${status === 103 ? 'Early Hints' : 'Processing'}\r\n`;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (isPassedOutsideHeaders(name)) text += `${name}: ${rawHeaders[i + 1]}\r\n`;
  }
  return `${text}\r\n`;
}

const neverOutsideHeaders = new Set(['content-length', 'trailer', 'host', 'set-cookie']);

function isPassedOutsideHeaders(name: string): boolean {
  const lower = name.toLowerCase();
  return !dropped.has(lower) && !neverOutsideHeaders.has(lower) && !lower.startsWith(ownPrefix);
}

const validReason = /^[\t\x20-\x7e\x80-\xff]*$/;

/** The words after the status: of no meaning to anybody, but Node refuses to write some that it has read. */
export function buildReason(message: string | undefined): string {
  return message !== undefined && validReason.test(message) ? message : '';
}
