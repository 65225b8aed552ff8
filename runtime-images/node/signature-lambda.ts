// Signature `lambda`: AWS Lambda's handler(event, context, callback) behind an API Gateway (payload 2.0).

import type { AdapterInput } from './create-adapter.ts';
import type { Invocation, SignatureAdapter } from './invocation.ts';
import { clearHeaders } from './platform-answer.ts';
import type { LambdaContextOrigin } from './lambda-context.ts';
import { buildLambdaAnswer } from './build-lambda-answer.ts';
import type { LambdaAnswer } from './build-lambda-answer.ts';
import { buildLambdaEvent, isTextType } from './build-lambda-event.ts';
import { hiddenMessage, shownError } from './function-error.ts';
import { isStreaming, ResponseStream } from './lambda-stream.ts';
import { LambdaContext } from './lambda-context.ts';
import { LoadFailure } from './derive-load-error.ts';
import { takeBody } from './take-body.ts';

type LambdaHandler = (event: unknown, context: LambdaContext, callback: LambdaCallback) => unknown;
type LambdaCallback = (error?: unknown, result?: unknown) => void;
type StreamingHandler = (event: unknown, stream: ResponseStream, context: LambdaContext) => unknown;

export function createLambdaAdapter(input: AdapterInput): SignatureAdapter {
  const handler = input.found.value;
  if (typeof handler !== 'function') {
    throw new LoadFailure(
      'HandlerNotFound',
      `the export '${input.found.name}' is not a function, which signature lambda needs`,
    );
  }
  const origin: LambdaContextOrigin = {
    functionName: input.bundle.function,
    revision: input.bundle.revision,
    namespace: input.bundle.namespace,
  };
  const run = isStreaming(handler)
    ? (invocation: Invocation, event: unknown) =>
        runStreaming(handler as unknown as StreamingHandler, invocation, event, origin)
    : (invocation: Invocation, event: unknown) =>
        runBuffered(handler as LambdaHandler, invocation, event, origin);
  const withBody = (invocation: Invocation, body: Buffer): Promise<void> => {
    invocation.reachedUserCode = true;
    return run(invocation, buildEvent(invocation, body, input.bundle.function));
  };
  return {
    serve(invocation) {
      const body = takeBody(invocation, input.bodyBytesMax);
      if (Buffer.isBuffer(body)) return withBody(invocation, body);
      return body.then((read) => (read === undefined ? undefined : withBody(invocation, read)));
    },
    fail: writeLambdaError,
  };
}

async function runBuffered(
  handler: LambdaHandler,
  invocation: Invocation,
  event: unknown,
  origin: LambdaContextOrigin,
): Promise<void> {
  const answer = buildLambdaAnswer(await callHandler(handler, event, invocation, origin));
  if (typeof answer === 'string') {
    const error = new Error(`the handler's result is no answer: ${answer}`);
    error.name = 'MalformedResponse';
    throw error;
  }
  writeAnswer(invocation, answer);
}

/**
 * A promise wins over the callback. A handler that takes no callback, returns no promise and has not asked for
 * context.done, succeed or fail is done with what it returned: on Lambda the empty event loop would end it, but
 * this process serves other requests in the same loop.
 */
function callHandler(
  handler: LambdaHandler,
  event: unknown,
  invocation: Invocation,
  origin: LambdaContextOrigin,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const callback: LambdaCallback = (error, result) => {
      if (error === undefined || error === null) resolve(result);
      else reject(error);
    };
    const context = new LambdaContext(invocation, origin, callback);
    const returned = handler(event, context, callback);
    if (isThenable(returned)) returned.then(resolve, reject);
    else if (handler.length < 3 && !context.isDoneByContext) resolve(returned);
  });
}

async function runStreaming(
  handler: StreamingHandler,
  invocation: Invocation,
  event: unknown,
  origin: LambdaContextOrigin,
): Promise<void> {
  const stream = new ResponseStream(invocation.response);
  const context = new LambdaContext(invocation, origin, () => undefined);
  await handler(event, stream, context);
  if (!stream.writableEnded) {
    throw new Error('the streaming handler returned without ending its stream');
  }
}

function buildEvent(invocation: Invocation, body: Buffer, functionName: string): unknown {
  const { request } = invocation;
  return buildLambdaEvent({
    method: request.method ?? 'GET',
    target: request.url ?? '/',
    rawHeaders: request.rawHeaders,
    httpVersion: request.httpVersion,
    remoteAddress: request.socket.remoteAddress ?? '',
    requestId: invocation.id,
    functionName,
    timeMs: Date.now(),
    ...(body.length === 0 ? {} : { body: encodeBody(invocation, body) }),
  });
}

function encodeBody(invocation: Invocation, body: Buffer): { text: string; isBase64: boolean } {
  const { headers } = invocation.request;
  const isText =
    isTextType(headers['content-type'], headers['content-encoding']) &&
    process.getBuiltinModule('node:buffer').isUtf8(body);
  return isText
    ? { text: body.toString('utf8'), isBase64: false }
    : { text: body.toString('base64'), isBase64: true };
}

function writeAnswer(invocation: Invocation, answer: LambdaAnswer): void {
  const { response } = invocation;
  if (response.headersSent || response.destroyed) return;
  const body = Buffer.from(answer.body, answer.encoding);
  for (const [name, value] of answer.headers) response.setHeader(name, value);
  if (answer.status !== 204 && answer.status !== 304) {
    response.setHeader('content-length', body.length);
  }
  response.statusCode = answer.status;
  response.end(body);
}

/** The shape Lambda gives function errors, with the status API Gateway gives them. */
function writeLambdaError(invocation: Invocation, error: unknown): void {
  const body = JSON.stringify(shownError(error) ?? { message: hiddenMessage });
  const { response } = invocation;
  clearHeaders(response);
  response.statusCode = 500;
  response.setHeader('content-type', 'application/json');
  response.setHeader('x-amz-function-error', 'Unhandled');
  response.end(body);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
