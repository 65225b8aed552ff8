// The headers of one exchange, in both directions, from what is known of it.

import { buildForwardHeaders } from './build-forward-headers.ts';
import { buildServerTiming } from './build-server-timing.ts';
import { derivePhases } from './derive-phases.ts';
import type { Exchange } from './exchange.ts';

export function buildHeadersFor(exchange: Exchange, contentLength: string | undefined): string[] {
  const { request } = exchange;
  return buildForwardHeaders({
    rawHeaders: request.rawHeaders,
    callerAddress: addressOf(request.socket.remoteAddress),
    protocol: 'http',
    // HTTP/1.0 callers may name no host.
    host: exchange.host || `${exchange.functionName}.${exchange.namespace}`,
    requestId: exchange.requestId,
    timeoutMs: exchange.revision?.limits.timeoutMs ?? 0,
    prefix: exchange.prefix,
    contentLength,
    traceHeaders: exchange.trace?.startAttempt(),
  });
}

export function serverTimingOf(exchange: Exchange): string {
  return buildServerTiming(derivePhases(exchange));
}

/**
 * An IPv4 caller of a socket that listens on both families comes as ::ffff:1.2.3.4; functions
 * expect the plain form.
 */
function addressOf(remote: string | undefined): string {
  if (remote === undefined) return 'unknown';
  return remote.startsWith('::ffff:') ? remote.slice(7) : remote;
}
