// Traces of requests: what a collector sees of them, what pods get, and that nothing depends on it.

import { once } from 'node:events';
import { connect } from 'node:net';
import type { IncomingHttpHeaders } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as conventions from '@opentelemetry/semantic-conventions/incubating';
import { monotonicClock } from '../../../activator/activator.ts';
import { readTracingSettings } from '../../../activator/tracing-settings.ts';
import { startTracing, type Tracing } from '../../../activator/tracing.ts';
import type { Environment } from '../../../platform/process/config.ts';
import { silentLog, type Log } from '../../../platform/process/log.ts';
import { OtlpReceiver, type SeenSpan } from '../../support/otlp-receiver.ts';
import { codeOf, Harness, waitFor } from './harness.ts';

const callerTrace = '4bf92f3577b34da6a3ce929d0e0e4736';
const callerSpan = '00f067aa0ba902b7';
const traceparent = `00-${callerTrace}-${callerSpan}-01`;

let receiver: OtlpReceiver;
let tracing: Tracing | undefined;
let harness: Harness;
let seen: IncomingHttpHeaders[];
let warnings: string[];

beforeEach(async () => {
  receiver = await new OtlpReceiver().start();
  seen = [];
  warnings = [];
});
afterEach(async () => {
  await harness.stop();
  receiver.release();
  await tracing?.stop(5_000);
  await receiver.stop();
});

/** As main.ts does it. Spans wait for a millisecond instead of five seconds. */
async function begin(env: Environment = {}, wakeTimeoutMs = 10_000): Promise<void> {
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '1' };
  const log: Log = {
    ...silentLog,
    warn: ({ why }, what) => void warnings.push(`${what}: ${String(why)}`),
  };
  const ports = { identity: 'test', clock: monotonicClock, log };
  tracing = await startTracing(readTracingSettings({ ...endpoint, ...env }), ports);
  harness = await new Harness({ wakeTimeoutMs }, tracing).start();
}

/** A Function with a warm pod that notes the headers it gets. */
async function serve(status = 200): Promise<void> {
  harness.addFunction();
  harness.cluster.setReplicas('default/hello-00001', 1);
  await harness.addPod({
    handler: (request, response) => {
      seen.push(request.headers);
      response.writeHead(status).end('hello');
    },
  });
  await waitFor('it serves', () => harness.state?.endpoints.length === 1);
}

async function spansOf(count: number): Promise<{ server: SeenSpan; clients: SeenSpan[] }> {
  await waitFor(`${count} spans are here`, () => receiver.spans.length >= count);
  expect(receiver.spans).toHaveLength(count);
  const [server] = receiver.servers();
  if (server === undefined) throw new Error('no server span');
  return { server, clients: receiver.clients() };
}

const phasesOf = (span: SeenSpan) => span.events.map((event) => event.name);

describe('a cold request', () => {
  it('from the pool shows its phases, and where it stands in its caller’s trace', async () => {
    await begin();
    harness.addFunction();
    await harness.offerCode();
    await harness.addParked({
      handler: (request, response) => {
        seen.push(request.headers);
        response.end('hello');
      },
    });
    const answer = await harness.call({
      path: '/a/b?token=secret',
      headers: { traceparent, tracestate: 'vendor=1', baggage: 'user=me', 'user-agent': 'test' },
    });
    expect(answer.status).toBe(200);
    const { server, clients } = await spansOf(2);
    const client = clients[0] as SeenSpan;
    expect(receiver.paths[0]).toBe('POST /v1/traces application/x-protobuf');

    expect(server).toMatchObject({ traceId: callerTrace, parentSpanId: callerSpan });
    expect(server.traceState).toBe('vendor=1');
    expect(client).toMatchObject({ traceId: callerTrace, parentSpanId: server.spanId });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      traceparent: `00-${callerTrace}-${client.spanId}-01`,
      tracestate: 'vendor=1',
      baggage: 'user=me',
    });

    expect(phasesOf(server)).toEqual(['queue', 'claim', 'load', 'ready', 'first_byte']);
    expect(server.name).toBe('GET default/hello');
    expect(server.statusCode).toBe(0);
    expect(server.attributes).toMatchObject({
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'url.path': '/a/b',
      'url.scheme': 'http',
      'server.address': 'hello.default.example.com',
      'user_agent.original': 'test',
      'faas.trigger': 'http',
      'faas.coldstart': true,
      'faas.invoked_name': 'hello',
      'rouse.namespace': 'default',
      'rouse.revision': 'hello-00001',
      'rouse.cold_start.path': 'pool',
      'rouse.request_id': answer.headers['x-request-id'],
    });
    expect(server.attributes).not.toHaveProperty('error.type');
    expect(client.attributes).toMatchObject({
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'server.address': '127.0.0.1',
      'faas.invoked_name': 'hello',
      'faas.invoked_provider': 'rouse',
      'rouse.pod': harness.pods[0]?.name,
    });
    expect(client.attributes['url.full']).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/a\/b$/);
    expect(JSON.stringify(server.attributes)).not.toContain('secret');
    expect(server.resource).toMatchObject({
      'service.name': 'rouse-activator',
      'service.instance.id': 'test',
    });
  });

  it('the ordinary way shows that way’s phases, in order and inside its span', async () => {
    await begin();
    harness.addFunction();
    harness.wakesWith({});
    expect((await harness.call()).status).toBe(200);
    const { server, clients } = await spansOf(2);
    expect(phasesOf(server)).toEqual([
      ...['schedule', 'pull', 'start', 'load', 'ready', 'first_byte'],
    ]);
    const times = server.events.map((event) => event.atNs);
    expect(times).toEqual([...times].sort((a, b) => Number(a - b)));
    expect(times.every((at) => at >= server.startNs && at <= server.endNs)).toBe(true);
    const [client] = clients as [SeenSpan];
    expect(client.startNs >= server.startNs && client.endNs <= server.endNs).toBe(true);
    for (const { attributes } of server.events) {
      expect(attributes['rouse.cold_start.duration_ms']).toBeGreaterThanOrEqual(0);
    }
    expect(server.parentSpanId).toBe('');
    expect(server.attributes['rouse.cold_start.path']).toBe('ordinary');
  });

  it('that gets no pod says why', async () => {
    await begin({}, 50);
    harness.addFunction();
    const answer = await harness.call();
    const { server } = await spansOf(1);
    expect(server.attributes).toMatchObject({
      'http.response.status_code': 504,
      'error.type': codeOf(answer),
      'faas.invoked_name': 'hello',
    });
    expect(server.attributes).not.toHaveProperty('faas.coldstart');
    expect(server.statusCode).toBe(2);
    expect(server.events).toEqual([]);
  });
});

describe('a warm request', () => {
  it('is no cold start, and has no phases', async () => {
    await begin();
    await serve();
    await harness.call();
    const { server } = await spansOf(2);
    expect(server.attributes['faas.coldstart']).toBe(false);
    expect(server.events).toEqual([]);
  });

  it('uses no name that the conventions do not know, but for its own', async () => {
    await begin();
    await serve(500);
    await harness.call({ method: 'POST', headers: { 'x-forwarded-for': '1.2.3.4, 5.6.7.8' } });
    const { server, clients } = await spansOf(2);
    const known = new Set<unknown>(Object.values(conventions));
    const names = [server, ...clients].flatMap((span) => Object.keys(span.attributes));
    expect(names.filter((name) => !name.startsWith('rouse.') && !known.has(name))).toEqual([]);
    expect(server.attributes['client.address']).toBe('1.2.3.4');
  });

  it('that the function fails is an error of both spans', async () => {
    await begin();
    await serve(503);
    await harness.call();
    const { server, clients } = await spansOf(2);
    for (const span of [server, ...clients]) {
      expect(span.statusCode).toBe(2);
      expect(span.attributes).toMatchObject({
        'error.type': '503',
        'http.response.status_code': 503,
      });
    }
  });

  it('that the caller got wrong is an error of the client span alone', async () => {
    await begin();
    await serve(404);
    await harness.call();
    const { server, clients } = await spansOf(2);
    expect([server.statusCode, clients[0]?.statusCode]).toEqual([0, 2]);
    expect(clients[0]?.attributes['error.type']).toBe('404');
  });

  it('with a method of its own making gets a name all the same', async () => {
    await begin();
    await serve();
    await harness.call({ method: 'PROPFIND' });
    const { server } = await spansOf(2);
    expect(server.name).toBe('HTTP default/hello');
    expect(server.attributes).toMatchObject({
      'http.request.method': '_OTHER',
      'http.request.method_original': 'PROPFIND',
    });
  });

  it('shows each pod that it was sent to', async () => {
    await begin();
    harness.addFunction();
    const dead = await harness.addPod();
    await waitFor('it serves', () => harness.state?.endpoints.length === 1);
    dead.kill();
    await harness.addPod({ handler: (_request, response) => response.end('second') });
    const answer = await harness.call();
    expect(answer.body).toBe('second');
    const { server, clients } = await spansOf(3);
    const [first, second] = clients as [SeenSpan, SeenSpan];
    expect(clients.map((one) => one.parentSpanId)).toEqual([server.spanId, server.spanId]);
    expect(first.attributes['error.type']).toBe('pod_unavailable');
    expect(second.attributes).toMatchObject({
      'http.request.resend_count': 1,
      'http.response.status_code': 200,
    });
  });

  it('whose caller leaves has no status, and says so', async () => {
    await begin();
    harness.addFunction();
    const abort = new AbortController();
    await harness.addPod({ handler: () => abort.abort() });
    await harness.call({ signal: abort.signal }).catch(() => undefined);
    const { server } = await spansOf(2);
    expect(server.attributes['error.type']).toBe('caller_gone');
    expect(server.attributes).not.toHaveProperty('http.response.status_code');
    expect(server.statusCode).toBe(0);
  });

  it('that becomes a WebSocket ends with it', async () => {
    await begin();
    await serve();
    harness.pods[0]?.server.on('upgrade', (request, socket) => {
      seen.push(request.headers);
      socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    });
    const socket = connect(harness.port, '127.0.0.1');
    socket.end(
      'GET / HTTP/1.1\r\nHost: hello.default.example.com\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
    );
    socket.resume();
    await once(socket, 'close');
    const { server, clients } = await spansOf(2);
    expect(server.attributes['http.response.status_code']).toBe(101);
    expect(seen[0]?.['traceparent']).toContain(clients[0]?.spanId);
  });
});

describe('what a caller sends as trace context', () => {
  it('is left behind when it is none', async () => {
    await begin();
    await serve();
    const bad = '00-00000000000000000000000000000000-00f067aa0ba902b7-01';
    await harness.call({ headers: { traceparent: bad, tracestate: 'vendor=1' } });
    const { server, clients } = await spansOf(2);
    expect(server.parentSpanId).toBe('');
    expect(seen[0]?.['traceparent']).toBe(`00-${server.traceId}-${clients[0]?.spanId}-01`);
    expect(seen[0]).not.toHaveProperty('tracestate');
  });

  it('says that it is not sampled: nothing is exported, and it goes on untouched', async () => {
    await begin();
    await serve();
    const headers = { traceparent: `00-${callerTrace}-${callerSpan}-00`, tracestate: 'a=1,b=2' };
    await harness.call({ headers });
    expect(seen[0]).toMatchObject(headers);
    // A second one that is exported shows that the first was not.
    await harness.call({ headers: { traceparent } });
    expect((await spansOf(2)).server.parentSpanId).toBe(callerSpan);
  });

  it('goes on untouched where no request is traced', async () => {
    tracing = undefined;
    harness = await new Harness().start();
    await serve();
    const headers = { traceparent: 'whatever', tracestate: 'a=1', baggage: 'c=d' };
    await harness.call({ headers });
    await harness.call();
    expect(seen[0]).toMatchObject(headers);
    expect(seen[1]).not.toHaveProperty('traceparent');
  });
});

describe('a sampler', () => {
  it('that takes nothing tells the functions so', async () => {
    await begin({ OTEL_TRACES_SAMPLER: 'always_off' });
    await serve();
    await harness.call();
    expect(seen[0]?.['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    await tracing?.stop(5_000);
    expect(receiver.requests).toBe(0);
  });

  it('by ratio takes about so many, and the parent’s word first', async () => {
    await begin({ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' });
    await serve();
    await harness.call();
    await harness.call({ headers: { traceparent } });
    expect((await spansOf(2)).server.traceId).toBe(callerTrace);
  });
});

describe('a collector', () => {
  const calls = 60;

  async function callMany(): Promise<void> {
    const answers = await Promise.all(Array.from({ length: calls }, () => harness.call()));
    expect(answers.every((one) => one.status === 200)).toBe(true);
  }

  it('that refuses costs spans, a few lines of log and nothing else', async () => {
    receiver.mode = 'refuse';
    await begin({ OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '2' });
    await serve();
    await callMany();
    await waitFor('it refused some', () => receiver.requests >= 20);
    expect(warnings.length).toBeGreaterThan(0);
    expect(warnings.length).toBeLessThanOrEqual(5);
    receiver.mode = 'take';
    await harness.call({ headers: { traceparent } });
    await waitFor('it takes again', () =>
      receiver.servers().some((one) => one.parentSpanId !== ''),
    );
  });

  it('that hangs costs no more memory than the queue has room for', async () => {
    receiver.mode = 'hang';
    await begin({ OTEL_BSP_MAX_QUEUE_SIZE: '8', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '4' });
    await serve();
    await callMany();
    await waitFor('it was asked', () => receiver.requests === 1);
    receiver.mode = 'take';
    receiver.release();
    await tracing?.stop(10_000);
    // Of 120 spans: those that hung are lost, those in the queue come.
    expect(receiver.spans).toHaveLength(8);
  });

  it('that nobody listens for is news with a reason, and the last spans are given up', async () => {
    await begin({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
      OTEL_EXPORTER_OTLP_TIMEOUT: '50',
    });
    await serve();
    await callMany();
    await waitFor('it was noticed', () => warnings.length > 0);
    expect(warnings.join()).toContain('ECONNREFUSED');
    await tracing?.stop(5_000);
  });

  it('that hangs does not hold an activator that stops', async () => {
    receiver.mode = 'hang';
    await begin();
    await serve();
    await harness.call();
    await waitFor('it was asked', () => receiver.requests === 1);
    await tracing?.stop(1);
    expect(warnings.join()).toContain('not exported in time');
  });
});
