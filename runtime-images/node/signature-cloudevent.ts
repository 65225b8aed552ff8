// Signature `cloudevent`: handler(cloudevent[, callback]), as in the Functions Framework.

import type { AdapterInput } from './create-adapter.ts';
import type { Invocation, SignatureAdapter } from './invocation.ts';
import type { CloudEvent } from './parse-cloudevent.ts';
import { hiddenMessage, shownError } from './function-error.ts';
import { LoadFailure } from './derive-load-error.ts';
import { parseCloudevent } from './parse-cloudevent.ts';
import { takeBody } from './take-body.ts';

type Callback = (error?: unknown, result?: unknown) => void;
type EventHandler = (event: CloudEvent, callback?: Callback) => unknown;

const textType = 'text/plain; charset=utf-8';

export function createCloudeventAdapter(input: AdapterInput): SignatureAdapter {
  const { value, name } = input.found;
  if (typeof value !== 'function') {
    throw new LoadFailure(
      'HandlerNotFound',
      `the export '${name}' is not a function, which signature cloudevent needs`,
    );
  }
  const handler = value as EventHandler;
  return {
    async serve(invocation) {
      if (answerHandshake(invocation)) return;
      const body = await takeBody(invocation, input.bodyBytesMax);
      if (body === undefined) return;
      const parsed = parseCloudevent({ headers: invocation.request.headers, body });
      if ('status' in parsed) {
        write(invocation, parsed.status, textType, parsed.message);
        return;
      }
      invocation.reachedUserCode = true;
      writeResult(invocation, await callHandler(handler, parsed.event));
    },
    fail(invocation, error) {
      const message = shownError(error)?.errorMessage || hiddenMessage;
      invocation.response.setHeader('x-google-status', 'error');
      write(invocation, 500, textType, message);
    },
  };
}

function callHandler(handler: EventHandler, event: CloudEvent): unknown {
  if (handler.length < 2) return handler(event);
  return new Promise((resolve, reject) => {
    const callback: Callback = (error, result) => {
      if (error === undefined || error === null) resolve(result);
      else reject(error);
    };
    const returned = handler(event, callback);
    if (typeof (returned as { then?: unknown } | undefined)?.then === 'function') {
      Promise.resolve(returned).then(resolve, reject);
    }
  });
}

/** The abuse protection of the CloudEvents webhook specification: a sender asks whether it may. */
function answerHandshake(invocation: Invocation): boolean {
  const { request, response } = invocation;
  const origin = request.headers['webhook-request-origin'];
  if (request.method !== 'OPTIONS' || typeof origin !== 'string') return false;
  response.writeHead(200, {
    allow: 'POST',
    'webhook-allowed-origin': origin,
    'webhook-allowed-rate': '*',
  });
  response.end();
  return true;
}

/** Nothing: 204. An event: the reply event in binary mode. Text: as it is. Anything else: JSON. */
function writeResult(invocation: Invocation, result: unknown): void {
  if (result === undefined || result === null) {
    invocation.response.statusCode = 204;
    invocation.response.end();
  } else if (isEvent(result)) {
    writeEvent(invocation, result);
  } else if (typeof result === 'string') {
    write(invocation, 200, textType, result);
  } else if (result instanceof Uint8Array) {
    write(invocation, 200, 'application/octet-stream', result);
  } else {
    write(invocation, 200, 'application/json', JSON.stringify(result) ?? 'null');
  }
}

function isEvent(value: unknown): value is CloudEvent {
  if (typeof value !== 'object' || value === null) return false;
  const event = value as Record<string, unknown>;
  return ['id', 'source', 'type', 'specversion'].every((name) => typeof event[name] === 'string');
}

function writeEvent(invocation: Invocation, event: CloudEvent): void {
  const { data, datacontenttype, ...attributes } = event;
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || typeof value === 'function') continue;
    if (/^[a-z0-9]+$/.test(name))
      invocation.response.setHeader(`ce-${name}`, encodeHeader(String(value)));
  }
  const isText = typeof data === 'string';
  const isBytes = data instanceof Uint8Array;
  const type =
    datacontenttype ??
    (isText ? textType : isBytes ? 'application/octet-stream' : 'application/json');
  // A text under a JSON type is a JSON string, not the JSON itself.
  const isRaw = isBytes || (isText && !/json/.test(type));
  const body =
    data === undefined ? '' : isRaw ? (data as string | Uint8Array) : JSON.stringify(data);
  write(invocation, 200, type, body);
}

/** Space, quote, percent and all that is not printable ASCII, percent-encoded as UTF-8. */
function encodeHeader(value: string): string {
  return value
    .toWellFormed()
    .replace(/[^\x21\x23\x24\x26-\x7e]+/gu, (part) =>
      encodeURIComponent(part).replace(
        /[!'()*]/g,
        (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
      ),
    );
}

function write(
  invocation: Invocation,
  status: number,
  type: string,
  body: string | Uint8Array,
): void {
  const { response } = invocation;
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
