// The node runtime serves fetch handlers as Cloudflare Workers, Deno, Bun and Vercel do.

import http from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { prepareNode, RuntimeFleet } from './runtime-process.ts';

const fleet = new RuntimeFleet(prepareNode);
afterEach(() => fleet.stopAll());

describe('a fetch function', () => {
  it('gets a Request and answers a Response', async () => {
    const pod = await fleet.serve(
      `export default { async fetch(request, env, ctx) {
        return Response.json({ url: request.url, method: request.method, one: request.headers.get('x-one'),
          text: await request.text(), colour: env.COLOUR, id: ctx.requestId }, { status: 201, headers: [['set-cookie', 'a=1'], ['set-cookie', 'b=2']] });
      } };`,
      { env: { COLOUR: 'blue' } },
    );
    const answer = await pod.call('/a?b=c', {
      method: 'PUT',
      body: 'grün',
      headers: { host: 'f.default.localhost:8080', 'x-one': '1', 'x-request-id': 'id-1' },
    });
    expect(answer.status).toBe(201);
    expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(JSON.parse(answer.text)).toEqual({
      url: 'http://f.default.localhost:8080/a?b=c',
      method: 'PUT',
      one: '1',
      text: 'grün',
      colour: 'blue',
      id: 'id-1',
    });
  });

  it.each([
    ['a default function', 'export default (request) => new Response(request.method)', 'GET'],
    ['a function per method', "export const GET = () => new Response('got')", 'got'],
    [
      'an app with fetch, as Hono',
      "class App { #a = 'app'; fetch() { return new Response(this.#a); } } export default new App()",
      'app',
    ],
  ])('may be %s', async (_what, code, text) => {
    const pod = await fleet.serve(code);
    expect(await pod.call('/')).toMatchObject({ status: 200, text });
  });

  it('answers 405 for a method it has no function for', async () => {
    const pod = await fleet.serve('export const GET = () => new Response("got"), PUT = GET;');
    expect(await pod.call('/', { method: 'POST' })).toMatchObject({
      status: 405,
      headers: { allow: 'GET, PUT' },
    });
    expect(await pod.call('/', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
  });

  it('streams, as fast as the caller takes it, and stops when the caller leaves', async () => {
    const pod = await fleet.serve(`export default () => {
      let made = 0;
      return new Response(new ReadableStream({
        pull(controller) { made += 1; controller.enqueue(new Uint8Array(65536)); },
        cancel() { console.log('cancelled', made); },
      }));
    };`);
    const request = http.get({ host: '127.0.0.1', port: pod.port });
    request.on('error', () => undefined);
    const response = await new Promise<http.IncomingMessage>((resolve) =>
      request.once('response', resolve),
    );
    response.once('data', () => response.pause());
    await new Promise((resolve) => response.once('data', resolve));
    const early = (await pod.stats()).inFlight;
    request.destroy();
    const line = await pod.logged((one) => String(one['msg']).startsWith('cancelled'));
    expect(early).toBe(1);
    // What fits into the two kernels' buffers, and not one chunk without end.
    expect(Number(String(line['msg']).split(' ')[1])).toBeLessThan(2000);
  });

  it('streams the first part before the second exists', async () => {
    const pod = await fleet.serve(`export default (request) => new Response(new ReadableStream({
      async start(controller) {
        controller.enqueue(new TextEncoder().encode('one'));
        await globalThis.second;
        controller.enqueue(new TextEncoder().encode('two')); controller.close();
      } }));
      let go; globalThis.second = new Promise((resolve) => (go = resolve)); 
      process.on('SIGUSR2', () => go());`);
    const request = http.get({ host: '127.0.0.1', port: pod.port });
    const response = await new Promise<http.IncomingMessage>((resolve) =>
      request.once('response', resolve),
    );
    const parts: string[] = [];
    for await (const part of response) {
      parts.push(String(part));
      if (parts.length === 1) pod.child.kill('SIGUSR2');
    }
    expect(parts).toEqual(['one', 'two']);
  });

  it('reads a body of any size as a stream', async () => {
    const pod = await fleet.serve(
      `export default async (request) => { let n = 0; for await (const part of request.body) n += part.length; return new Response(String(n)); };`,
      {},
      { ROUSE_BODY_BYTES_MAX: '1000' },
    );
    const body = Buffer.alloc(8 * 1024 * 1024);
    expect((await pod.call('/', { method: 'POST', body })).text).toBe(String(body.length));
  });

  it.each([
    ['throws', "export default () => { throw new Error('no'); }", 'no'],
    ['rejects', "export default async (request) => { throw new Error('no'); }", 'no'],
    ['answers no Response', 'export default () => ({ a: 1 })', 'type object, not a Response'],
    [
      'has a broken body',
      "export default () => new Response(new ReadableStream({ pull() { throw new Error('no'); } }))",
      'no',
    ],
  ])('that %s gets a 500', async (_what, code, text) => {
    const pod = await fleet.serve(code);
    const answer = await pod.call('/');
    expect(answer.status).toBe(500);
    expect(answer.text).toContain(text);
    expect((await pod.stats()).inFlight).toBe(0);
  });

  it('is cut off, not added to, when its stream fails half-way', async () => {
    const pod =
      await fleet.serve(`export default () => { let n = 0; return new Response(new ReadableStream({
      async pull(c) { if (n++) throw new Error('no'); c.enqueue(new Uint8Array(10)); } })); };`);
    await expect(pod.call('/')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect((await pod.stats()).inFlight).toBe(0);
  });

  it('is told to stop by request.signal, when the caller leaves or the time is up', async () => {
    const pod = await fleet.serve(
      `export default (request) => new Promise(() => {
        request.signal.addEventListener('abort', () => console.log('stop: ' + request.signal.reason.name)); });`,
      { timeoutMs: 400 },
    );
    const request = http.get({ host: '127.0.0.1', port: pod.port });
    request.on('error', () => undefined);
    while ((await pod.stats()).inFlight === 0);
    request.destroy();
    expect(await pod.logged((line) => line['msg'] === 'stop: AbortError')).toHaveProperty(
      'requestId',
    );
    expect((await pod.call('/')).status).toBe(504);
    expect(await pod.logged((line) => line['msg'] === 'stop: TimeoutError')).toHaveProperty(
      'requestId',
    );
  });

  it('may go on after its answer, and a drain waits for that', async () => {
    const pod = await fleet.serve(`export default (request, env, ctx) => {
      ctx.waitUntil(new Promise((resolve) => setTimeout(resolve, 400)).then(() => console.log('afterwards')));
      ctx.waitUntil(Promise.reject(new Error('alone')));
      return new Response('first'); };`);
    expect((await pod.call('/', { headers: { 'x-request-id': 'w' } })).text).toBe('first');
    pod.child.kill('SIGTERM');
    expect(await pod.exited).toEqual({ code: 0, signal: null });
    expect(pod.logLines()).toMatchObject([
      { level: 'error', requestId: 'w', error: { message: 'alone' } },
      { msg: 'afterwards', requestId: 'w' },
    ]);
  });
});
