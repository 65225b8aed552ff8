// The node runtime serves Express-style functions, and whole apps of the usual frameworks.

import http from 'node:http';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';
import { WebSocket } from 'ws';
import { prepareNode, RuntimeFleet } from './runtime-process.ts';

const fleet = new RuntimeFleet(prepareNode);
afterEach(() => fleet.stopAll());

/** Bundles code that imports packages of this repository, as a user would before applying it. */
async function bundled(code: string): Promise<Record<string, string>> {
  const result = await build({
    stdin: { contents: code, resolveDir: import.meta.dirname },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    write: false,
    logLevel: 'error',
  });
  return { 'index.cjs': result.outputFiles[0]?.text ?? '' };
}

const json = { 'content-type': 'application/json' };

describe('an http function', () => {
  it('reads query, path, headers and its kind', async () => {
    const pod = await fleet.serve({
      'index.cjs': `module.exports = (req, res) => res.json({
        query: req.query, path: req.path, url: req.originalUrl, method: req.method, host: req.hostname, ip: req.ip,
        protocol: req.protocol, one: req.get('X-One'), ref: req.header('Referrer'), is: req.is('json'), not: req.is('html'),
        accepts: req.accepts('html', 'json'), params: req.params, body: req.body });`,
    });
    const answer = await pod.call('/a/b?x=1&y=2&y=3&__proto__=4', {
      headers: {
        host: 'greeter.default.localhost:8080',
        'x-one': '1',
        referer: 'there',
        'x-forwarded-for': '1.1.1.1, 2.2.2.2',
        'x-forwarded-proto': 'https',
        accept: 'application/json',
        'content-type': 'application/json; charset=utf-8',
      },
    });
    expect(JSON.parse(answer.text)).toEqual({
      query: JSON.parse('{"x":"1","y":["2","3"],"__proto__":"4"}'),
      path: '/a/b',
      url: '/a/b?x=1&y=2&y=3&__proto__=4',
      method: 'GET',
      host: 'greeter.default.localhost',
      ip: '2.2.2.2',
      protocol: 'https',
      one: '1',
      ref: 'there',
      is: 'json',
      not: false,
      accepts: 'json',
      params: { 0: '' },
      body: {},
    });
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  });

  it.each([
    ['JSON', 'application/json', '{"a":[1]}', { a: [1] }],
    ['a form', 'application/x-www-form-urlencoded', 'a=1&b=x+y&a=2', { a: ['1', '2'], b: 'x y' }],
    ['text', 'text/plain', 'grün', 'grün'],
    ['bytes', 'application/octet-stream', 'ab', { type: 'Buffer', data: [97, 98] }],
  ])('gets %s parsed, and the raw bytes', async (_what, type, body, parsed) => {
    const pod = await fleet.serve({
      'index.cjs':
        'module.exports = (req, res) => res.json({ body: req.body, raw: req.rawBody.toString() });',
    });
    const answer = await pod.call('/', { method: 'POST', body, headers: { 'content-type': type } });
    expect(JSON.parse(answer.text)).toEqual({ body: parsed, raw: body });
    const bad = await pod.call('/', { method: 'POST', body: '{"a', headers: json });
    expect(bad).toMatchObject({ status: 400, text: expect.stringContaining('not JSON') });
  });

  it.each([
    ['json', 'res.status(201).json({ a: 1 })', 201, '{"a":1}', 'application/json; charset=utf-8'],
    ['text', "res.send('<p>')", 200, '<p>', 'text/html; charset=utf-8'],
    ['an object', 'res.send({ a: 1 })', 200, '{"a":1}', 'application/json; charset=utf-8'],
    ['bytes', "res.send(Buffer.from('b'))", 200, 'b', 'application/octet-stream'],
    ['a type', "res.type('txt').send('t')", 200, 't', 'text/plain; charset=utf-8'],
    ['a status', 'res.sendStatus(404)', 404, 'Not Found', 'text/plain; charset=utf-8'],
    ['an end', "res.set({ 'content-type': 'a/b' }).status(202).end('e')", 202, 'e', 'a/b'],
    ['nothing', 'res.status(204).send()', 204, '', undefined],
    [
      'a redirect',
      "res.redirect(301, '/there')",
      301,
      'Redirecting to /there',
      'text/plain; charset=utf-8',
    ],
  ])('answers %s', async (...row) => {
    const [, code, status, text, type] = row;
    const pod = await fleet.serve({ 'index.cjs': `module.exports = (req, res) => ${code};` });
    const answer = await pod.call('/');
    expect(answer).toMatchObject({ status, text });
    expect(answer.headers['content-type']).toBe(type);
  });

  it('sets cookies and headers', async () => {
    const pod = await fleet.serve({
      'index.cjs': `module.exports = (req, res) => res.cookie('a', 'b c', { httpOnly: true, sameSite: 'lax' })
        .clearCookie('old').append('x-many', '1').append('x-many', '2').vary('Origin').location('/x y').attachment('f').end();`,
    });
    const { headers } = await pod.call('/');
    expect(headers).toMatchObject({
      'x-many': '1, 2',
      vary: 'Origin',
      location: '/x%20y',
      'content-disposition': 'attachment; filename="f"',
    });
    expect(headers['set-cookie']?.[0]).toBe('a=b%20c; Path=/; HttpOnly; SameSite=lax');
    expect(headers['set-cookie']?.[1]).toContain('Expires=Thu, 01 Jan 1970');
  });

  it.each([
    ['throws', "module.exports = (req, res) => { throw new Error('no'); };"],
    ['rejects', "module.exports = async (req, res) => { throw new Error('no'); };"],
    ['calls next with it', "module.exports = (req, res, next) => next(new Error('no'));"],
    [
      'throws in a timer',
      "module.exports = (req, res) => { setTimeout(() => { throw new Error('no'); }); };",
    ],
    [
      'fails after setting headers',
      "module.exports = (req, res) => { res.set('x-a', '1').status(201); throw new Error('no'); };",
    ],
  ])('that %s gets a 500, and the pod lives', async (_what, code) => {
    const pod = await fleet.serve({ 'index.cjs': code });
    for (let round = 0; round < 2; round += 1) {
      const answer = await pod.call('/');
      expect(answer).toMatchObject({
        status: 500,
        text: 'no',
        headers: { 'x-google-status': 'error' },
      });
      expect(answer.headers['x-a']).toBeUndefined();
    }
  });

  it('that passes the request on gets a 404', async () => {
    const pod = await fleet.serve({ 'index.cjs': 'module.exports = (req, res, next) => next();' });
    expect((await pod.call('/')).status).toBe(404);
  });

  it('streams both ways at once when it turns the body parser off', async () => {
    const pod = await fleet.serve(
      'export const config = { api: { bodyParser: false } }; export default (req, res) => { req.pipe(res); };',
      { signature: 'http' },
    );
    const parts: string[] = [];
    const request = http.request({ host: '127.0.0.1', port: pod.port, path: '/', method: 'POST' });
    request.write('one');
    const response = await new Promise<http.IncomingMessage>((resolve) =>
      request.once('response', resolve),
    );
    for await (const chunk of response) {
      parts.push(String(chunk));
      if (parts.length === 1) request.end('two');
    }
    expect(parts).toEqual(['one', 'two']);
  });

  it('hears of a caller who leaves and of its timeout', async () => {
    const pod = await fleet.serve(
      {
        'index.cjs': `module.exports = (req, res) => {
          req.signal.addEventListener('abort', () => console.log('stop: ' + req.signal.reason.name));
          if (req.path === '/leave') res.write('x');
        };`,
      },
      { timeoutMs: 300 },
    );
    const request = http.get({ host: '127.0.0.1', port: pod.port, path: '/leave' });
    request.on('error', () => undefined);
    await new Promise((resolve) => request.once('response', resolve));
    request.destroy();
    expect(await pod.logged((line) => line['msg'] === 'stop: AbortError')).toHaveProperty(
      'requestId',
    );
    expect((await pod.call('/stay')).status).toBe(504);
    expect(await pod.logged((line) => line['msg'] === 'stop: TimeoutError')).toHaveProperty(
      'requestId',
    );
  });

  it('takes a WebSocket by exporting upgrade, and the drain waits for it', async () => {
    const files = await bundled(`
      import { WebSocketServer } from 'ws';
      const server = new WebSocketServer({ noServer: true });
      server.on('connection', (socket) => socket.on('message', (data) => socket.send('echo ' + data)));
      export const upgrade = (request, socket, head) =>
        server.handleUpgrade(request, socket, head, (one) => server.emit('connection', one));
      export default (req, res) => res.send('plain');`);
    const pod = await fleet.serve(files, { timeoutMs: 10_000 });
    expect((await pod.call('/')).text).toBe('plain');
    const socket = new WebSocket(`ws://127.0.0.1:${pod.port}/`);
    await new Promise((resolve) => socket.once('open', resolve));
    expect((await pod.stats()).inFlight).toBe(1);
    pod.child.kill('SIGTERM');
    await pod.logged(() => true, 400).catch(() => undefined);
    socket.send('still here');
    expect(String(await new Promise((resolve) => socket.once('message', resolve)))).toBe(
      'echo still here',
    );
    socket.close();
    expect(await pod.exited).toEqual({ code: 0, signal: null });
  });
});

describe('an app', () => {
  let express: Record<string, string>;
  beforeAll(async () => {
    express = await bundled(`
      import express from 'express';
      const app = express();
      app.use(express.json());
      app.get('/hello/:name', (req, res) => res.json({ name: req.params.name, q: req.query.q }));
      app.post('/sum', (req, res) => res.send(String(req.body.a + req.body.b)));
      app.get('/fail', () => { throw new Error('no'); });
      app.get('/reserved', (req, res) => res.set('x-rouse-retry-safe', '1').set('x-mine', '1').end());
      export default app;`);
  });

  it('of Express works unchanged', async () => {
    const pod = await fleet.serve(express);
    expect((await pod.ready()).answer.signature).toBe('http');
    expect((await pod.call('/hello/Ada?q=1')).text).toBe('{"name":"Ada","q":"1"}');
    expect(
      (await pod.call('/sum', { method: 'POST', body: '{"a":1,"b":2}', headers: json })).text,
    ).toBe('3');
    expect((await pod.call('/nowhere')).status).toBe(404);
    expect((await pod.call('/fail')).status).toBe(500);
    const reserved = await pod.call('/reserved');
    expect([reserved.headers['x-mine'], reserved.headers['x-rouse-retry-safe']]).toEqual([
      '1',
      undefined,
    ]);
    expect((await pod.call('/hello/Eve')).status).toBe(200);
  });

  it('that is an http.Server works, upgrades too', async () => {
    const pod = await fleet.serve(`
      import http from 'node:http';
      const server = http.createServer((req, res) => res.end('served ' + req.url));
      server.on('upgrade', (req, socket) => socket.end('HTTP/1.1 101 Switching Protocols\\r\\nconnection: upgrade\\r\\nupgrade: x\\r\\n\\r\\n'));
      export default server;`);
    expect((await pod.call('/a')).text).toBe('served /a');
    const request = http.get({
      host: '127.0.0.1',
      port: pod.port,
      headers: { connection: 'upgrade', upgrade: 'x' },
    });
    await new Promise((resolve) => request.once('upgrade', resolve));
    request.destroy();
  });

  it('with the shape of Koa or Fastify works', async () => {
    const koa = await fleet.serve(
      "export default { callback: () => (req, res) => res.end('koa') };",
    );
    expect((await koa.call('/')).text).toBe('koa');
    const fastify = await fleet.serve(
      "export default { ready: async () => {}, routing: (req, res) => res.end('fastify') };",
    );
    expect((await fastify.call('/')).text).toBe('fastify');
  });
});
