// What the spans of a request say of it, by OpenTelemetry's conventions for HTTP and for functions.

import { deriveWakeSpans, type Span, type WakeTimeline } from './derive-phases.ts';
import type { Exchange } from './exchange.ts';

export type Attributes = Record<string, string | number | boolean>;

export interface PhaseEvent {
  readonly phase: Span['phase'] | 'ready' | 'first_byte';
  /** When it ended, on the clock of the requests. */
  readonly atMs: number;
  readonly durationMs: number;
}

/** Those the conventions know; anything else a caller makes up must not become a name. */
const methods = new Set(
  ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', 'QUERY'], //
);
/** What a caller that left before the end gets; it was never sent. */
const callerGone = 499;

/** HTTP, in the names of spans, for methods that nobody knows. */
export function buildSpanMethod(method: string | undefined): string {
  return method !== undefined && methods.has(method) ? method : 'HTTP';
}

/** Known when a request arrives, so that a sampler can go by them. Queries may hold secrets, so they are left out. */
export function buildArrivalAttributes(exchange: Exchange): Attributes {
  const { request, path, host } = exchange;
  const authority = parseAuthority(host);
  const peer = request.socket.remoteAddress;
  const forwarded = request.headers['x-forwarded-for'];
  const client = typeof forwarded === 'string' ? forwarded.split(',', 1)[0]?.trim() : peer;
  const agent = request.headers['user-agent'];
  return {
    ...buildMethod(request.method),
    'url.scheme': request.headers['x-forwarded-proto'] === 'https' ? 'https' : 'http',
    'url.path': withoutQuery(path),
    'network.protocol.version': request.httpVersion,
    'faas.trigger': 'http',
    'rouse.request_id': exchange.requestId,
    ...(authority && { 'server.address': authority.host }),
    ...(authority?.port !== undefined && { 'server.port': authority.port }),
    ...(client && { 'client.address': client }),
    ...(agent !== undefined && { 'user_agent.original': agent }),
  };
}

/** Of a request that is over. */
export function buildEndAttributes(exchange: Exchange, sentStatus: number | undefined): Attributes {
  const { functionName, namespace, revision, grantedAtMs } = exchange;
  const errorType = buildErrorType(exchange);
  return {
    ...(functionName !== '' && { 'faas.invoked_name': functionName, 'rouse.namespace': namespace }),
    ...(revision !== undefined && { 'rouse.revision': revision.name }),
    // Where no pod was found nothing was started.
    ...(grantedAtMs > 0 && { 'faas.coldstart': findColdStart(exchange) !== undefined }),
    ...(sentStatus !== undefined && { 'http.response.status_code': sentStatus }),
    ...(errorType !== undefined && { 'error.type': errorType }),
  };
}

export function buildAttemptAttributes(exchange: Exchange): Attributes {
  const { endpoint, request, attempts } = exchange;
  const address = endpoint?.address;
  return {
    ...buildMethod(request.method),
    'faas.invoked_name': exchange.functionName,
    'faas.invoked_provider': 'rouse',
    'rouse.namespace': exchange.namespace,
    ...(endpoint && { 'rouse.pod': endpoint.podName }),
    ...(address && {
      'server.address': address.host,
      'server.port': address.port,
      'url.full': `http://${hostOf(address.host)}:${address.port}${withoutQuery(exchange.path)}`,
    }),
    ...(attempts > 1 && { 'http.request.resend_count': attempts - 1 }),
  };
}

/** A code of docs/ERRORS.md, the status of an answer that says of itself that it failed, or `caller_gone`. */
export function buildErrorType(exchange: Exchange): string | undefined {
  const { failure, status, isClientGone } = exchange;
  if (failure !== undefined) return failure.code;
  if (isClientGone && status === callerGone) return 'caller_gone';
  return status >= 500 ? String(status) : undefined;
}

/** The wake that the request waited for; `wake` may also be one that was over before it came. */
export function findColdStart(exchange: Exchange): WakeTimeline | undefined {
  const { wake, arrivedAtMs } = exchange;
  return wake !== undefined && arrivedAtMs <= wake.readyAtMs ? wake : undefined;
}

/** The phases of its cold start that the request was there for, in order. */
export function buildPhaseEvents(exchange: Exchange): PhaseEvent[] {
  const wake = findColdStart(exchange);
  if (wake === undefined) return [];
  const { arrivedAtMs, grantedAtMs, firstByteAtMs } = exchange;
  const events: PhaseEvent[] = [];
  const add = (phase: PhaseEvent['phase'], fromMs: number, untilMs: number): void => {
    const durationMs = untilMs - Math.max(fromMs, arrivedAtMs);
    if (durationMs >= 0) events.push({ phase, atMs: untilMs, durationMs });
  };
  for (const { phase, fromMs, untilMs } of deriveWakeSpans(wake)) add(phase, fromMs, untilMs);
  add('ready', wake.readyAtMs, grantedAtMs);
  if (firstByteAtMs > 0) add('first_byte', grantedAtMs, firstByteAtMs);
  return events;
}

function buildMethod(method = ''): Attributes {
  if (methods.has(method)) return { 'http.request.method': method };
  return { 'http.request.method': '_OTHER', 'http.request.method_original': method };
}

function withoutQuery(path: string): string {
  const at = path.search(/[?#]/);
  return at < 0 ? path : path.slice(0, at);
}

function parseAuthority(host: string): { host: string; port: number | undefined } | undefined {
  const match = /^(\[[^\]]+\]|[^:]+)(?::(\d{1,5}))?$/.exec(host);
  if (match === null) return undefined;
  return { host: match[1] as string, port: match[2] === undefined ? undefined : Number(match[2]) };
}

function hostOf(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
