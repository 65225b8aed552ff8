// The node runtime serves Lambda handlers, of all ages, as API Gateway and Lambda would.

import { afterEach, describe, expect, it } from '@jest/globals';
import { prepareNode, RuntimeFleet } from './runtime-process.ts';
import type { CallOptions } from './runtime-process.ts';

const fleet = new RuntimeFleet(prepareNode);
afterEach(() => fleet.stopAll());

/** Serves one CommonJS handler and calls it once. */
async function ask(code: string, options: CallOptions & { path?: string } = {}) {
  const pod = await fleet.serve({ 'index.cjs': code }, { signature: 'lambda', timeoutMs: 3000 });
  return pod.call(options.path ?? '/', options);
}

describe('a lambda handler', () => {
  it.each([
    ['async', 'exports.handler = async () => ({ statusCode: 201, body: "x" })'],
    ['with a promise', 'exports.handler = () => Promise.resolve({ statusCode: 201, body: "x" })'],
    [
      'with a callback',
      'exports.handler = (e, c, done) => { setTimeout(done, 1, null, { statusCode: 201, body: "x" }); }',
    ],
    [
      'with a callback at once',
      'exports.handler = (e, c, done) => done(null, { statusCode: 201, body: "x" })',
    ],
    [
      'with context.succeed',
      'exports.handler = (e, c) => c.succeed({ statusCode: 201, body: "x" })',
    ],
    [
      'with context.done, later',
      'exports.handler = (e, { done }) => { setTimeout(() => done(null, { statusCode: 201, body: "x" }), 1); }',
    ],
    ['that simply returns', 'exports.handler = () => ({ statusCode: 201, body: "x" })'],
    [
      'with a callback that loses to its promise',
      'exports.handler = async (e, c, done) => { setTimeout(done, 50, null, { statusCode: 500 }); return { statusCode: 201, body: "x" }; }',
    ],
  ])('may be %s', async (_what, code) => {
    expect(await ask(code)).toMatchObject({ status: 201, text: 'x' });
  });

  it.each([
    ['throws', 'exports.handler = () => { throw new RangeError("no"); }', 'RangeError', 'no'],
    [
      'rejects',
      'exports.handler = async () => { throw new RangeError("no"); }',
      'RangeError',
      'no',
    ],
    [
      'calls back an error',
      'exports.handler = (e, c, done) => done(new RangeError("no"))',
      'RangeError',
      'no',
    ],
    [
      'calls context.fail',
      'exports.handler = (e, c) => c.fail(new RangeError("no"))',
      'RangeError',
      'no',
    ],
    ['calls back a text', 'exports.handler = (e, c, done) => done("no")', 'string', 'no'],
    [
      'throws nothing',
      'exports.handler = async () => { throw undefined; }',
      'undefined',
      'undefined',
    ],
    [
      'throws a trap',
      'exports.handler = async () => { throw new Proxy({}, { get() { throw 1; } }); }',
      'Error',
      '',
    ],
    [
      'throws in a timer',
      'exports.handler = () => new Promise(() => setTimeout(() => { throw new RangeError("no"); }))',
      'RangeError',
      'no',
    ],
    [
      'leaves a rejection behind',
      'exports.handler = () => new Promise(() => { Promise.reject(new RangeError("no")); })',
      'RangeError',
      'no',
    ],
    [
      'answers with no status',
      'exports.handler = async () => ({ statusCode: 99 })',
      'MalformedResponse',
      "the handler's result is no answer: statusCode 99 is not a whole number from 200 to 599",
    ],
    [
      'answers with a cycle',
      'exports.handler = async () => { const a = {}; a.a = a; return a; }',
      'MalformedResponse',
      "the handler's result is no answer: the returned value can not be written as JSON",
    ],
  ])("that %s gets a 500 in Lambda's shape", async (_what, code, errorType, errorMessage) => {
    const answer = await ask(code);
    expect(answer).toMatchObject({ status: 500, headers: { 'x-amz-function-error': 'Unhandled' } });
    expect(JSON.parse(answer.text)).toEqual({ errorType, errorMessage });
  });

  it('tells callers nothing of its errors in production', async () => {
    const pod = await fleet.serve(
      { 'index.cjs': 'exports.handler = async () => { throw new Error("secret"); }' },
      { env: { NODE_ENV: 'production' } },
    );
    expect(JSON.parse((await pod.call('/')).text)).toEqual({ message: 'Internal Server Error' });
  });

  it.each([
    ['an object', '({ a: 1 })', '{"a":1}'],
    ['a text', '"hi"', '"hi"'],
    ['a list', '[1]', '[1]'],
    ['nothing', 'undefined', 'null'],
    ['a number', '0', '0'],
  ])('that returns %s without a status answers 200 and JSON', async (_what, value, text) => {
    const answer = await ask(`exports.handler = async () => ${value}`);
    expect(answer).toMatchObject({
      status: 200,
      text,
      headers: { 'content-type': 'application/json' },
    });
  });

  it('sets headers, cookies and bytes', async () => {
    const answer = await ask(`exports.handler = async () => ({
      statusCode: '202', headers: { 'X-One': 1, 'Content-Type': 'image/png', 'content-length': 999 },
      multiValueHeaders: { 'x-many': ['a', 'b'] }, cookies: ['a=1; Path=/', 'b=2'],
      isBase64Encoded: true, body: Buffer.from('bytes').toString('base64') })`);
    expect(answer).toMatchObject({ status: 202, text: 'bytes' });
    expect(answer.headers).toMatchObject({
      'x-one': '1',
      'x-many': 'a, b',
      'content-type': 'image/png',
      'content-length': '5',
      'set-cookie': ['a=1; Path=/', 'b=2'],
    });
  });

  it('gets the event of API Gateway, payload 2.0', async () => {
    const pod = await fleet.serve({
      'index.mjs': 'export const handler = async (event) => event;',
    });
    const answer = await pod.call('/a%20b/c?x=1&x=2&y=%26&z', {
      method: 'POST',
      body: '{"a":1}',
      headers: {
        host: 'hello.default.example.com:8080',
        'content-type': 'application/json',
        cookie: 'k=v; l=w',
        'x-many': ['1', '2'],
        'x-request-id': 'id-1',
        'x-forwarded-for': '6.6.6.6, 10.0.0.9',
        'user-agent': 'test',
      },
    });
    const event = JSON.parse(answer.text) as Record<string, unknown>;
    const { headers, requestContext, ...rest } = event;
    expect(rest).toEqual({
      version: '2.0',
      routeKey: '$default',
      rawPath: '/a%20b/c',
      rawQueryString: 'x=1&x=2&y=%26&z',
      cookies: ['k=v', 'l=w'],
      queryStringParameters: { x: '1,2', y: '&', z: '' },
      body: '{"a":1}',
      isBase64Encoded: false,
    });
    expect(headers).toMatchObject({ 'x-many': '1,2', 'content-type': 'application/json' });
    expect(requestContext).toMatchObject({
      apiId: 'hello',
      domainName: 'hello.default.example.com',
      domainPrefix: 'hello',
      http: {
        method: 'POST',
        path: '/a%20b/c',
        protocol: 'HTTP/1.1',
        sourceIp: '10.0.0.9',
        userAgent: 'test',
      },
      requestId: 'id-1',
      stage: '$default',
      time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
    });
    const bare = JSON.parse((await pod.call('/')).text) as Record<string, unknown>;
    expect(Object.keys(bare)).not.toEqual(
      expect.arrayContaining(['body', 'cookies', 'queryStringParameters']),
    );
  });

  it('gets bytes and forms in base64', async () => {
    const pod = await fleet.serve({
      'index.mjs': 'export const handler = async (event) => event;',
    });
    const sent = async (type: string, body: Buffer): Promise<[boolean, string]> => {
      const answer = await pod.call('/', {
        method: 'POST',
        body,
        headers: { 'content-type': type },
      });
      const event = JSON.parse(answer.text) as { isBase64Encoded: boolean; body: string };
      return [event.isBase64Encoded, event.body];
    };
    const bytes = Buffer.from([0, 255, 1]);
    expect(await sent('application/octet-stream', bytes)).toEqual([true, bytes.toString('base64')]);
    expect(await sent('application/json', bytes)).toEqual([true, bytes.toString('base64')]);
    expect(await sent('application/x-www-form-urlencoded', Buffer.from('a=1'))).toEqual([
      true,
      'YT0x',
    ]);
    expect(await sent('text/plain', Buffer.from('grün'))).toEqual([false, 'grün']);
    expect(await sent('application/cloudevents+json', Buffer.from('{}'))).toEqual([false, '{}']);
  });

  it('gets the context Lambda gives', async () => {
    const answer = await ask(
      'exports.handler = async (e, c) => ({ ...c, memory: c.memoryLimitInMB, left: c.getRemainingTimeInMillis(), name: process.env.AWS_LAMBDA_FUNCTION_NAME })',
      { headers: { 'x-request-id': 'id-9', 'x-rouse-deadline-ms': '2000' } },
    );
    const context = JSON.parse(answer.text) as Record<string, unknown>;
    expect(context).toMatchObject({
      functionName: 'hello',
      functionVersion: 'hello-00001',
      awsRequestId: 'id-9',
      callbackWaitsForEmptyEventLoop: true,
      memory: expect.stringMatching(/^\d+$/),
      name: 'hello',
      invokedFunctionArn: expect.stringMatching(/^arn:[^:]+:lambda:.*:function:hello$/),
    });
    expect(context['left']).toBeLessThanOrEqual(2000);
  });

  it('may stream its answer', async () => {
    const answer =
      await ask(`exports.handler = awslambda.streamifyResponse(async (event, stream, context) => {
      stream = awslambda.HttpResponseStream.from(stream, { statusCode: 203, headers: { 'x-a': 'b' }, cookies: ['c=d'] });
      stream.write('one '); await new Promise((r) => setTimeout(r, 5)); stream.write('two'); stream.end();
    })`);
    expect(answer).toMatchObject({ status: 203, text: 'one two' });
    expect(answer.headers).toMatchObject({
      'x-a': 'b',
      'set-cookie': ['c=d'],
      'transfer-encoding': 'chunked',
    });
  });

  it('has its stream cut, never lengthened, when it fails half-way', async () => {
    const code = `exports.handler = awslambda.streamifyResponse(async (event, stream) => {
      stream.write('part'); await new Promise((r) => setTimeout(r, 20)); throw new Error('oh');
    })`;
    await expect(ask(code)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});
