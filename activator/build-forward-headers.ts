// Builds the headers a function gets from the headers a caller sent: hop-by-hop out, the platform's own in.

import { headers as names } from '../api/names.ts';

export interface ForwardOptions {
  /** The caller's headers, name and value in turn, as they came. */
  readonly rawHeaders: readonly string[];
  /** Address of whoever connected to us. */
  readonly callerAddress: string;
  readonly protocol: 'http' | 'https';
  readonly host: string;
  readonly requestId: string;
  readonly timeoutMs: number;
  /** Set for /function/NAMESPACE/NAME addresses. */
  readonly prefix: string | undefined;
  /** Of a body that follows; `undefined` leaves framing to the sender. */
  readonly contentLength: string | undefined;
  /** Name and value in turn, instead of the caller's; `undefined` passes those on untouched. */
  readonly traceHeaders?: readonly string[] | undefined;
}

/**
 * Meant for one connection only (RFC 9110, 7.6.1), or answered by us (expect), or set by us below.
 */
const dropped = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'expect',
  'host',
  'content-length',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-prefix',
  names.requestId,
]);
/** Of headers that only the platform's parts may send each other. */
export const ownPrefix = 'x-rouse-';
/** W3C Trace Context; `baggage` beside them is not ours to change. */
const traceNames = new Set(['traceparent', 'tracestate']);

/** Name and value in turn. Order and spelling of what is passed on are the caller's. */
export function buildForwardHeaders(options: ForwardOptions): string[] {
  const { rawHeaders, traceHeaders } = options;
  const listed = listedInConnection(rawHeaders);
  const built: string[] = ['host', options.host];
  const forwarded: Forwarded = { for: '', proto: '', host: '' };
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    const value = rawHeaders[i + 1] as string;
    const lower = name.toLowerCase();
    if (lower.startsWith('x-')) noteForwarded(forwarded, lower, value);
    if (isDropped(lower) || listed?.has(lower)) continue;
    if (traceHeaders !== undefined && traceNames.has(lower)) continue;
    built.push(name, value);
  }
  if (traceHeaders !== undefined) built.push(...traceHeaders);
  built.push('x-forwarded-for', forwarded.for + options.callerAddress);
  // Whoever stands before us and ended TLS knows these better; without anybody they are what we
  // see.
  built.push('x-forwarded-proto', forwarded.proto || options.protocol);
  built.push('x-forwarded-host', forwarded.host || options.host);
  if (options.prefix !== undefined) built.push('x-forwarded-prefix', options.prefix);
  built.push(names.requestId, options.requestId);
  built.push(names.deadlineMs, String(options.timeoutMs));
  if (options.contentLength !== undefined) built.push('content-length', options.contentLength);
  return built;
}

/** Many programs read underscores in a name as dashes, so what is dropped is dropped in both spellings. */
function isDropped(lower: string): boolean {
  if (dropped.has(lower) || lower.startsWith(ownPrefix)) return true;
  return lower.includes('_') && isDropped(lower.replaceAll('_', '-'));
}

/** Fields after a request's body: what may not stand before it may not stand there either. */
export function buildForwardTrailers(rawTrailers: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < rawTrailers.length; i += 2) {
    const name = rawTrailers[i] as string;
    if (!isDropped(name.toLowerCase())) pairs.push([name, rawTrailers[i + 1] as string]);
  }
  return pairs;
}

/** What proxies before us said about the caller. */
interface Forwarded {
  for: string;
  proto: string;
  host: string;
}

function noteForwarded(forwarded: Forwarded, name: string, value: string): void {
  if (name === 'x-forwarded-for') forwarded.for += `${value}, `;
  else if (name === 'x-forwarded-proto') forwarded.proto = value;
  else if (name === 'x-forwarded-host') forwarded.host = value;
}

/** Header names, in lower case, that the Connection header declares to be for this hop only. */
export function listedInConnection(rawHeaders: readonly string[]): Set<string> | undefined {
  let listed: Set<string> | undefined;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (name.length !== 10 || name.toLowerCase() !== 'connection') continue;
    const value = (rawHeaders[i + 1] as string).toLowerCase();
    if (value === 'keep-alive' || value === 'close') continue;
    listed ??= new Set();
    for (const token of value.split(',')) listed.add(token.trim());
  }
  return listed;
}
