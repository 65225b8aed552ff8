// Signature `fetch`: a Request in, a Response out, as on Cloudflare Workers, Deno, Bun and Vercel.

import type { AdapterInput } from './create-adapter.ts';
import type { Invocation, SignatureAdapter } from './invocation.ts';
import { clearHeaders } from './platform-answer.ts';
import type { ServerResponse } from 'node:http';
import { currentInvocation, describeThrown, logLine } from './log-lines.ts';
import { hasBody } from './read-body.ts';
import { hiddenMessage, shownError } from './function-error.ts';
import { LoadFailure } from './derive-load-error.ts';
import { waitUntilMsMax } from './contract-names.ts';

type FetchHandler = (request: Request, env: unknown, context: FetchContext) => unknown;

/** The third argument: Cloudflare's ExecutionContext, and the request's id. */
export interface FetchContext {
  readonly requestId: string;
  /** Keeps a draining pod until the promise has settled, at most `waitUntilMsMax` after the answer. */
  waitUntil(work: unknown): void;
  passThroughOnException(): void;
}

export function createFetchAdapter(input: AdapterInput): SignatureAdapter {
  const handler = findHandler(input);
  // One object for all requests, as bindings are elsewhere; user code that changes it changes it for itself.
  const env = { ...process.env };
  // Node makes these on first use, which takes 15 ms: now, not within the first request.
  void globalThis.Request;
  return {
    async serve(invocation) {
      const request = buildRequest(invocation);
      invocation.reachedUserCode = true;
      const answer = await handler(request, env, buildContext(invocation));
      if (!isResponse(answer)) throw notResponse(answer);
      await writeResponse(invocation, answer);
    },
    fail: writeFetchError,
  };
}

function findHandler(input: AdapterInput): FetchHandler {
  const { value, name } = input.found;
  if (typeof value === 'function') return value as FetchHandler;
  const object = value as { fetch?: unknown; methods?: Record<string, FetchHandler> };
  if (typeof object.fetch === 'function') return object.fetch.bind(value) as FetchHandler;
  if (object.methods !== undefined) return byMethod(object.methods);
  throw new LoadFailure(
    'HandlerNotFound',
    `the export '${name}' is no function and has no fetch function, which signature fetch needs`,
  );
}

/** `export function GET(request)`: HEAD is served by GET, other methods get 405. */
function byMethod(methods: Record<string, FetchHandler>): FetchHandler {
  const allow = Object.keys(methods).join(', ');
  return (request, env, context) => {
    const handler =
      methods[request.method] ?? (request.method === 'HEAD' ? methods['GET'] : undefined);
    if (handler !== undefined) return handler(request, env, context);
    const status = request.method === 'OPTIONS' ? 204 : 405;
    return new Response(null, { status, headers: { allow } });
  };
}

function buildRequest(invocation: Invocation): Request {
  const { request } = invocation;
  const scheme = String(request.headers['x-forwarded-proto'] ?? 'http')
    .split(',')
    .at(-1)
    ?.trim();
  const authority = request.headers.host ?? 'localhost';
  const headers = new Headers();
  for (let at = 0; at + 1 < request.rawHeaders.length; at += 2) {
    headers.append(request.rawHeaders[at] as string, request.rawHeaders[at + 1] as string);
  }
  const method = request.method ?? 'GET';
  const init: RequestInit & { duplex?: 'half' } = { method, headers, signal: invocation.signal };
  if (method !== 'GET' && method !== 'HEAD' && hasBody(request)) {
    const { Readable } = process.getBuiltinModule('node:stream');
    init.body = Readable.toWeb(request) as ReadableStream;
    init.duplex = 'half';
  }
  return new Request(
    buildUrl(scheme === 'https' ? 'https' : 'http', authority, request.url ?? '/'),
    init,
  );
}

/** A Host that makes no URL is the caller's mistake, not a reason to fail before the function sees the request. */
function buildUrl(scheme: string, authority: string, target: string): string {
  const path = target.startsWith('/') ? target : '/';
  const url = `${scheme}://${authority}${path}`;
  return URL.canParse(url) ? url : `${scheme}://localhost${path}`;
}

function buildContext(invocation: Invocation): FetchContext {
  return {
    requestId: invocation.id,
    waitUntil: (work) => keepUntil(invocation, work),
    passThroughOnException: () => undefined,
  };
}

const waiting = new Set<Promise<unknown>>();

function keepUntil(invocation: Invocation, work: unknown): void {
  const settled = Promise.resolve(work).catch((error: unknown) => {
    currentInvocation.run(
      invocation,
      logLine,
      'error',
      'work given to waitUntil failed',
      describeThrown(error),
    );
  });
  waiting.add(settled);
  void settled.then(() => waiting.delete(settled));
}

/** Resolves when everything given to waitUntil has settled, or its time is over. */
export async function finishWaitUntil(): Promise<void> {
  if (waiting.size === 0) return;
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => (timer = setTimeout(resolve, waitUntilMsMax)));
  await Promise.race([Promise.all(waiting), over]);
  clearTimeout(timer);
}

async function writeResponse(invocation: Invocation, answer: Response): Promise<void> {
  const { response } = invocation;
  if (response.destroyed) {
    await answer.body?.cancel(new Error('the caller has gone away'));
    return;
  }
  response.statusCode = answer.status;
  if (answer.statusText !== '') response.statusMessage = answer.statusText;
  for (const [name, value] of answer.headers) {
    if (name !== 'set-cookie') response.setHeader(name, value);
  }
  const cookies = answer.headers.getSetCookie();
  if (cookies.length > 0) response.setHeader('set-cookie', cookies);
  if (answer.body === null || invocation.request.method === 'HEAD') {
    void answer.body?.cancel();
    response.end();
    return;
  }
  await pump(answer.body, response);
}

/** Reads on only as fast as the caller takes it; a caller who leaves cancels the stream. */
async function pump(body: ReadableStream<Uint8Array>, response: ServerResponse): Promise<void> {
  const reader = body.getReader();
  let isGone = false;
  const onClose = (): void => {
    isGone = true;
    if (!response.writableFinished)
      reader.cancel(new Error('the caller has gone away')).catch(() => undefined);
  };
  response.once('close', onClose);
  // The first chunk is awaited before anything is sent, so that an error in making it still gets a 500.
  for (;;) {
    const { done, value } = await reader.read();
    if (done || isGone) break;
    if (!response.write(value)) await drained(response);
  }
  response.off('close', onClose);
  if (!isGone) response.end();
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}

/** By its parts: a Response may come from a copy of undici that the function brought along. */
function isResponse(value: unknown): value is Response {
  if (typeof value !== 'object' || value === null) return false;
  const response = value as Partial<Response>;
  return (
    typeof response.status === 'number' && typeof response.headers?.getSetCookie === 'function'
  );
}

function notResponse(value: unknown): Error {
  const what =
    value === null ? 'null' : value === undefined ? 'nothing' : `a value of type ${typeof value}`;
  return new TypeError(
    `the handler returned ${what}, not a Response; for (event, context) set spec.signature to lambda, for (req, res) to http`,
  );
}

function writeFetchError(invocation: Invocation, error: unknown): void {
  const { response } = invocation;
  clearHeaders(response);
  const message = shownError(error)?.errorMessage || hiddenMessage;
  response.writeHead(500, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(message),
  });
  response.end(message);
}
