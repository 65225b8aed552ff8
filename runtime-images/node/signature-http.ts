// Signature `http`: Express-style (req, res), and whole apps: Express, Koa, Fastify, a plain http.Server.

import http from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AdapterInput } from './create-adapter.ts';
import type { Invocation, SignatureAdapter } from './invocation.ts';
import { clearHeaders } from './platform-answer.ts';
import { FunctionRequest, FunctionResponse, guardHeaders } from './function-messages.ts';
import { hasBody } from './read-body.ts';
import { hiddenMessage, shownError } from './function-error.ts';
import { LoadFailure } from './derive-load-error.ts';
import { parseFormBody } from './parse-form-body.ts';
import { requestProperties } from './express-request.ts';
import { responseProperties } from './express-response.ts';
import { takeBody } from './take-body.ts';

type Next = (error?: unknown) => void;
type HttpHandler = (request: IncomingMessage, response: ServerResponse, next: Next) => unknown;
type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export async function createHttpAdapter(input: AdapterInput): Promise<SignatureAdapter> {
  const { value, name } = input.found;
  const app = await findApp(value);
  const upgrade = findUpgrade(value, input.module);
  const more = upgrade === undefined ? {} : { upgrade };
  if (app !== undefined) {
    // An app reads its own bodies, so it gets the stream untouched.
    return { serve: (invocation) => serveApp(app, invocation), fail: writeHttpError, ...more };
  }
  if (typeof value !== 'function') {
    throw new LoadFailure(
      'HandlerNotFound',
      `the export '${name}' is no function and no app, which signature http needs`,
    );
  }
  addExpressMethods();
  const handler = value as HttpHandler;
  const wantsStream = isBodyParserOff(input.module);
  return {
    serve: (invocation) =>
      wantsStream
        ? runHandler(handler, invocation)
        : serveParsed(handler, invocation, input.bodyBytesMax),
    fail: writeHttpError,
    ...more,
  };
}

function serveApp(app: RequestListener, invocation: Invocation): void {
  invocation.reachedUserCode = true;
  guardHeaders(invocation.response);
  app(invocation.request as never, invocation.response as never);
}

/** Without a body the handler is called in the same turn. */
function serveParsed(
  handler: HttpHandler,
  invocation: Invocation,
  bytesMax: number,
): void | Promise<void> {
  const request = invocation.request as IncomingMessage & Record<string, unknown>;
  if (!hasBody(request)) {
    request['body'] = {};
    return runHandler(handler, invocation);
  }
  return Promise.resolve(takeBody(invocation, bytesMax)).then((bytes) => {
    if (bytes === undefined) return undefined;
    const parsed = parseFormBody(bytes, request.headers['content-type']);
    if ('malformed' in parsed) {
      invocation.response.writeHead(400, { 'content-type': 'text/plain; charset=utf-8' });
      invocation.response.end(parsed.malformed);
      return undefined;
    }
    request['rawBody'] = bytes;
    request['body'] = parsed.value;
    // Tells body-parser, should the function use it, that its work is done.
    request['_body'] = true;
    return runHandler(handler, invocation);
  });
}

function runHandler(handler: HttpHandler, invocation: Invocation): void | Promise<void> {
  const { request, response } = invocation;
  invocation.reachedUserCode = true;
  Object.defineProperty(request, 'signal', { configurable: true, get: () => invocation.signal });
  (response as unknown as Record<string, unknown>)['locals'] = {};
  let next: Next | undefined;
  const passedOn =
    handler.length > 2
      ? new Promise<void>((resolve, reject) => {
          next = (error) => {
            if (error !== undefined)
              reject(error instanceof Error ? error : new Error(String(error)));
            else resolve(writeNotFound(response));
          };
        })
      : undefined;
  const returned = handler(request, response, next as Next);
  const done = isThenable(returned) ? Promise.resolve(returned).then(() => undefined) : undefined;
  if (passedOn === undefined) return done;
  return done === undefined ? passedOn : Promise.race([passedOn, done.then(() => passedOn)]);
}

/** Middleware that passes the request on has nobody behind it here. */
function writeNotFound(response: ServerResponse): void {
  if (response.headersSent) return;
  response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' });
  response.end('Not Found');
}

function writeHttpError(invocation: Invocation, error: unknown): void {
  const { response } = invocation;
  clearHeaders(response);
  const message = shownError(error)?.errorMessage || hiddenMessage;
  response.writeHead(500, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(message),
    // As the Functions Framework marks a function's own failure.
    'x-google-status': 'error',
  });
  response.end(message);
}

async function findApp(value: unknown): Promise<RequestListener | undefined> {
  const object = value as Record<string, unknown>;
  const isFunction = typeof value === 'function';
  if (isFunction && typeof object['handle'] === 'function') return value as RequestListener;
  if (isFunction) return undefined;
  if (value instanceof http.Server) {
    return (request, response) => void (value as Server).emit('request', request, response);
  }
  if (typeof object['routing'] === 'function' && typeof object['ready'] === 'function') {
    await (object['ready'] as () => Promise<void>).call(value);
    return object['routing'] as RequestListener;
  }
  if (typeof object['callback'] === 'function') {
    return (object['callback'] as () => RequestListener).call(value);
  }
  if (typeof object['handle'] === 'function') {
    return (object['handle'] as RequestListener).bind(value);
  }
  return undefined;
}

/** A server's own listeners, or an export named `upgrade`. */
function findUpgrade(value: unknown, module: unknown): Upgrade | undefined {
  if (value instanceof http.Server && value.listenerCount('upgrade') > 0) {
    return (request, socket, head) => void value.emit('upgrade', request, socket, head);
  }
  const upgrade = (module as Record<string, unknown> | null)?.['upgrade'];
  return typeof upgrade === 'function' ? (upgrade as Upgrade) : undefined;
}

/** `export const config = {api: {bodyParser: false}}`, as in Next: the function wants the stream itself. */
function isBodyParserOff(module: unknown): boolean {
  const config = (module as Record<string, unknown>)['config'] as
    { bodyParser?: unknown; api?: { bodyParser?: unknown } } | undefined;
  return config?.bodyParser === false || config?.api?.bodyParser === false;
}

function addExpressMethods(): void {
  Object.defineProperties(FunctionRequest.prototype, requestProperties);
  Object.defineProperties(FunctionResponse.prototype, responseProperties);
}

function isThenable(value: unknown): boolean {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
