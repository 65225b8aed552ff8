// The headers of one exchange, in both directions, from what is known of it.

import { buildForwardHeaders } from './build-forward-headers.ts';
import { buildServerTiming } from './build-server-timing.ts';
import { derivePhases } from './derive-phases.ts';
import type { Exchange } from './exchange.ts';

export function buildHeadersFor(exchange: Exchange, contentLength: string | undefined): string[] {
  const { request } = exchange;
  return buildForwardHeaders({
    rawHeaders: request.rawHeaders,
    callerAddress: request.socket.remoteAddress ?? 'unknown',
    protocol: 'http',
    // HTTP/1.0 callers may name no host.
    host: exchange.host || `${exchange.functionName}.${exchange.namespace}`,
    requestId: exchange.requestId,
    timeoutMs: exchange.revision?.limits.timeoutMs ?? 0,
    prefix: exchange.prefix,
    contentLength,
  });
}

export function serverTimingOf(exchange: Exchange): string {
  return buildServerTiming(derivePhases(exchange));
}
