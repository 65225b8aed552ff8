// Builds the headers a caller gets from the headers a function answered with.

import { headers as names } from '../api/names.ts';
import { listedInConnection } from './build-forward-headers.ts';

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
    if (lower === names.requestId) hasRequestId = true;
    built.push(name, rawHeaders[i + 1] as string);
  }
  if (!hasRequestId) built.push('X-Request-Id', own.requestId);
  built.push('Server-Timing', own.serverTiming);
  if (own.closes) built.push('Connection', 'close');
  return built;
}
