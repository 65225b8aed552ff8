// The API server's HTTP side: the token, the body, and answers written as JSON, as text or as a stream of events.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Log } from '../../platform/process/log.ts';
import type { Clock } from '../../platform/process/clock.ts';
import { bodyBytesMax, bodyTooLarge, decodeBody } from './decode-body.ts';
import { encodeList, encodeObject } from './encode-answer.ts';
import type { BuildTable, Encoding, IncludeObject } from './encode-answer.ts';
import type { ApiRequest } from './api-request.ts';
import { parseAccept } from './parse-accept.ts';
import type { ResourceInfo } from './resource-info.ts';
import type { Answer, ObjectAnswer } from './server-parts.ts';
import { scanDuplicates } from './scan-duplicates.ts';
import { badRequest, buildStatusError, StatusError } from './status-error.ts';
import { sendWatch } from './send-watch.ts';

export interface HttpFrontOptions {
  readonly handle: (request: ApiRequest) => Answer;
  readonly buildTable: BuildTable;
  /** The user a bearer token stands for; undefined for a token nobody has. */
  readonly readUser: (token: string) => string | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

const pathsForEveryone = new Set(['/healthz', '/livez', '/readyz', '/version']);
const streamsOpenType = 'text/plain';

export function createHttpFront(
  options: HttpFrontOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    serve(options, request, response).catch((error: unknown) => {
      options.log.warn({ error, path: request.url }, 'answer could not be sent');
      response.destroy();
    });
  };
}

async function serve(
  options: HttpFrontOptions,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  response.on('error', () => gone.abort());
  const encoding = readEncoding(options, message);
  try {
    const request = await readRequest(options, message, gone.signal);
    refuseUnacceptable(request);
    await send(options, request, encoding, response);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    sendText(response, error.status.code, JSON.stringify(error.status), 'application/json');
  }
}

async function readRequest(
  options: HttpFrontOptions,
  message: IncomingMessage,
  signal: AbortSignal,
): Promise<ApiRequest> {
  const url = splitUrl(message.url ?? '/');
  const user = pathsForEveryone.has(url.path)
    ? 'system:anonymous'
    : authenticate(options, message.headers.authorization);
  const contentType = message.headers['content-type'];
  const bytes = await readBody(message);
  return {
    method: message.method ?? 'GET',
    path: url.path,
    query: url.query,
    body: await decodeBody(bytes, contentType, message.method === 'PATCH'),
    duplicates: findDuplicates(bytes, message.method, contentType),
    contentType,
    accept: message.headers.accept ?? '',
    user,
    userAgent: message.headers['user-agent'],
    signal,
  };
}

function checkInclude(value: string): void {
  if (['', 'None', 'Metadata', 'Object'].includes(value)) return;
  const shown = JSON.stringify(value);
  throw badRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: ${shown}: must be 'Metadata', 'Object', 'None', or empty`,
  );
}

/** Of patches nothing is known here: they are no objects. */
function findDuplicates(
  bytes: Buffer,
  method: string | undefined,
  contentType: string | undefined,
): string[] {
  const isJson = /^\s*application\/json\s*(;|$)/i.test(contentType ?? 'application/json');
  const isWrite = method === 'POST' || method === 'PUT';
  return isJson && isWrite && bytes.length > 0 ? scanDuplicates(bytes.toString()) : [];
}

/** Only of objects: the other documents come in one form, whatever is asked for. */
function refuseUnacceptable({ path, accept, query }: ApiRequest): void {
  if (!/^\/apis?\//.test(path) || path.endsWith('/log')) return;
  const form = parseAccept(accept);
  if (form === 'table') checkInclude(query.get('includeObject') ?? '');
  if (form !== undefined) return;
  const kinds = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
  const isKnown = /^\s*application\/json/.test(accept);
  throw buildStatusError({
    code: 406,
    reason: 'NotAcceptable',
    message: isKnown
      ? `only the following media types are accepted: ${kinds}`
      : `406: Not Acceptable\n\nAvailable representations: ${kinds}`,
    ...(isKnown ? {} : { details: {} }),
  });
}

/** Throws 406 where metadata was asked for in the form of a list, and it is none, or the other way round. */
function refuseFormOf(info: ResourceInfo | undefined, { form }: Encoding, isList: boolean): void {
  if (info === undefined || form !== (isList ? 'metadata' : 'metadata-list')) return;
  const type = `*${info.group.split('.')[0] || 'core'}.${isList ? info.listKind : info.kind}`;
  const what = isList ? `a list (${type})` : `not a list (${type})`;
  throw buildStatusError({
    code: 406,
    reason: 'NotAcceptable',
    message: `you requested PartialObjectMetadata${isList ? '' : 'List'}, but the requested object is ${what}`,
  });
}

function splitUrl(url: string): { path: string; query: URLSearchParams } {
  const at = url.indexOf('?');
  if (at < 0) return { path: url, query: new URLSearchParams() };
  return { path: url.slice(0, at), query: new URLSearchParams(url.slice(at + 1)) };
}

function authenticate(options: HttpFrontOptions, header: string | undefined): string {
  const token = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1];
  const user = token === undefined ? undefined : options.readUser(token);
  if (user !== undefined) return user;
  throw buildStatusError({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' });
}

/** Compares without telling by its duration how much of the token was right. */
export function equalSecret(given: string, secret: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}

async function readBody(message: IncomingMessage): Promise<Buffer> {
  if (Number(message.headers['content-length'] ?? 0) > bodyBytesMax) throw bodyTooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) throw bodyTooLarge();
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

function readEncoding(options: HttpFrontOptions, message: IncomingMessage): Encoding {
  const include = /[?&]includeObject=(None|Metadata|Object)(&|$)/.exec(message.url ?? '')?.[1];
  return {
    form: parseAccept(message.headers.accept ?? '') ?? 'json',
    includeObject: (include as IncludeObject | undefined) ?? 'Metadata',
    nowMs: options.clock.now(),
    buildTable: options.buildTable,
  };
}

async function send(
  options: HttpFrontOptions,
  request: ApiRequest,
  encoding: Encoding,
  response: ServerResponse,
): Promise<void> {
  const answer = options.handle(request);
  switch (answer.kind) {
    case 'object':
      refuseFormOf(answer.info, encoding, false);
      addWarnings(response, answer);
      sendText(
        response,
        answer.status,
        encodeObject(answer, encoding),
        answer.contentType ?? 'application/json',
      );
      return;
    case 'list':
      refuseFormOf(answer.info, encoding, true);
      sendText(response, 200, encodeList(answer, encoding), 'application/json');
      return;
    case 'text':
      sendText(response, answer.status, answer.text, answer.contentType ?? 'text/plain');
      return;
    case 'watch':
      sendWatch(answer, encoding, response);
      return;
    case 'stream':
      await sendStream(response, answer.chunks, request.signal);
  }
}

function addWarnings(response: ServerResponse, answer: ObjectAnswer): void {
  const warnings = (answer.warnings ?? []).map(
    (one) => `299 - ${JSON.stringify(one.replace(/[^\x20-\x7e]/g, '?'))}`,
  );
  if (warnings.length > 0) response.setHeader('Warning', warnings);
}

function sendText(
  response: ServerResponse,
  status: number,
  text: string | Uint8Array,
  type: string,
): void {
  if (status === 204) {
    response.writeHead(status).end();
    return;
  }
  const body = typeof text === 'string' ? Buffer.from(text) : text;
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': body.length,
    'Cache-Control': 'no-cache, private',
    // The rest of a body that wasn't read would be taken for the next request.
    ...(status === 413 || status === 401 ? { Connection: 'close' } : {}),
  });
  response.end(body);
}

async function sendStream(
  response: ServerResponse,
  chunks: AsyncIterable<Buffer>,
  signal: AbortSignal | undefined,
): Promise<void> {
  response.writeHead(200, { 'Content-Type': streamsOpenType, 'Cache-Control': 'no-cache' });
  response.flushHeaders();
  try {
    for await (const chunk of chunks) {
      if (signal?.aborted === true) break;
      if (response.write(chunk)) continue;
      await new Promise<void>((resolve) => {
        response.once('drain', resolve);
        response.once('close', resolve);
      });
    }
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
  response.end();
}
