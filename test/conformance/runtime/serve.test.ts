// Every runtime image serves, counts, limits, times, logs and drains as the contract says.

import http from 'node:http';
import net from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { bundleOf, call, RuntimeFleet } from './runtime-process.ts';
import type { RuntimeProcess } from './runtime-process.ts';
import { runtimesUnderTest } from './runtimes-under-test.ts';

describe.each(runtimesUnderTest)('the $name runtime, serving', (runtime) => {
  const fleet = new RuntimeFleet(runtime.prepare);
  const { behaviours } = runtime.sources;
  afterEach(() => fleet.stopAll());

  it('passes any method, path and body', async () => {
    const pod = await fleet.serve(behaviours);
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND']) {
      const answer = await pod.call('/echo', { method, body: `by ${method}` });
      expect(answer).toMatchObject({ status: 200, text: `by ${method}` });
    }
    expect(await pod.stats()).toMatchObject({ total: 5, inFlight: 0 });
  });

  it('answers an error of user code with 500, logs it with the request id, and lives', async () => {
    const pod = await fleet.serve(behaviours);
    const answer = await pod.call('/throw', { headers: { 'x-request-id': 'one-2' } });
    expect(answer.status).toBe(500);
    expect(answer.headers['x-rouse-error']).toBeUndefined();
    expect(JSON.parse(answer.text)).toEqual({ errorType: 'TypeError', errorMessage: 'asked to' });
    const line = await pod.logged((one) => one['requestId'] === 'one-2');
    expect(line).toMatchObject({
      level: 'error',
      function: 'hello',
      revision: 'hello-00001',
      error: { type: 'TypeError', message: 'asked to' },
    });
    expect(Date.parse(String(line['time']))).not.toBeNaN();
    expect((await pod.call('/echo')).status).toBe(200);
  });

  it('outlives an error that belongs to no request any more', async () => {
    const pod = await fleet.serve(behaviours);
    expect((await pod.call('/late', { headers: { 'x-request-id': 'late-1' } })).text).toBe('ok');
    expect(await pod.logged((one) => one['requestId'] === 'late-1')).toMatchObject({
      level: 'error',
      error: { message: 'too late' },
    });
    expect((await pod.call('/echo')).status).toBe(200);
  });

  it('makes one log line of what a function logs', async () => {
    const pod = await fleet.serve(behaviours);
    await pod.call('/log', { headers: { 'x-request-id': 'r' } });
    const line = await pod.logged((one) => one['requestId'] === 'r');
    expect(line).toMatchObject({ level: 'warn', msg: 'seen { deep: [ 1 ] }' });
  });

  it('names the trace in log lines where the caller names one', async () => {
    const pod = await fleet.serve(behaviours, { timeoutMs: 100 });
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const contexts = [
      [`00-${trace}-00f067aa0ba902b7-01`, trace],
      [`cc-${trace}-00f067aa0ba902b7-00-more`, trace],
      [`00-${trace.toUpperCase()}-00f067aa0ba902b7-01`, undefined],
      [`00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, undefined],
      [`00-${trace}-${'0'.repeat(16)}-01`, undefined],
      ['x", "function": "other', undefined],
    ] as const;
    for (const [at, [traceparent, id]] of contexts.entries()) {
      await pod.call('/log', { headers: { 'x-request-id': `t-${at}`, traceparent } });
      expect((await pod.logged((one) => one['requestId'] === `t-${at}`))['trace_id']).toBe(id);
    }
    // Nothing of the function's runs when its time is up.
    await pod.call('/never', { headers: { 'x-request-id': 'n', traceparent: contexts[0][0] } });
    expect(await pod.logged((one) => one['requestId'] === 'n')).toMatchObject({ trace_id: trace });
  });

  it('names the request in the answer when nobody in front has', async () => {
    const pod = await fleet.serve(behaviours);
    expect((await pod.call('/echo')).headers['x-request-id']).toMatch(/^[\x21-\x7e]{8,}$/);
    const named = await pod.call('/echo', { headers: { 'x-request-id': 'mine' } });
    expect(named.headers['x-request-id']).toBeUndefined();
  });

  it('never has more requests in flight than its limit; the rest may go elsewhere', async () => {
    const pod = await fleet.serve(behaviours, { concurrencyLimit: 2 });
    const held = [pod.call('/wait'), pod.call('/wait')];
    await until(async () => (await pod.stats()).inFlight === 2);
    const refused = await pod.call('/echo');
    expect(refused.status).toBe(503);
    expect(refused.headers).toMatchObject({
      'x-rouse-error': 'concurrency_limited',
      'x-rouse-retry-safe': 'true',
    });
    expect(await pod.stats()).toMatchObject({ inFlight: 2, total: 2 });
    for (const one of held.splice(0)) void one.catch(() => undefined);
    await pod.kill();
  });

  it('gives a slot back before the caller has the whole answer', async () => {
    const pod = await fleet.serve(behaviours, { concurrencyLimit: 1 });
    const body = 'x'.repeat(300_000);
    for (let round = 0; round < 30; round += 1) {
      // A new connection each time: the next request must find the slot free whichever socket it comes on.
      expect((await pod.call('/echo', { method: 'POST', body })).status).toBe(200);
    }
  });

  it('gives a slot back when the caller leaves', async () => {
    const pod = await fleet.serve(behaviours, { concurrencyLimit: 1 });
    const request = http.get({ host: '127.0.0.1', port: pod.port, path: '/never' });
    request.on('error', () => undefined);
    await until(async () => (await pod.stats()).inFlight === 1);
    request.destroy();
    await until(async () => (await pod.stats()).inFlight === 0);
    expect((await pod.call('/echo')).status).toBe(200);
  });

  it('lets nobody but the platform say that a request may be sent again', async () => {
    const pod = await fleet.serve(behaviours);
    const { headers } = await pod.call('/reserved');
    expect(headers['x-mine']).toBe('1');
    expect(headers['x-rouse-error']).toBeUndefined();
    expect(headers['x-rouse-retry-safe']).toBeUndefined();
  });

  it('knows how long it may take: the timeout, or less when the activator says so', async () => {
    const pod = await fleet.serve(behaviours, { timeoutMs: 4000 });
    const whole = Number((await pod.call('/remaining')).text);
    expect(whole).toBeGreaterThan(3000);
    expect(whole).toBeLessThanOrEqual(4000);
    const asked = async (deadlineMs: string): Promise<number> =>
      Number(
        (await pod.call('/remaining', { headers: { 'x-rouse-deadline-ms': deadlineMs } })).text,
      );
    expect(await asked('1500')).toBeLessThanOrEqual(1500);
    expect(await asked('9000')).toBeLessThanOrEqual(4000);
    expect(await asked('soon')).toBeGreaterThan(3000);
  });

  it('answers 504 itself, a second late, when nobody in front has', async () => {
    const pod = await fleet.serve(behaviours, { timeoutMs: 100, concurrencyLimit: 1 });
    const answer = await pod.call('/never');
    expect(answer.status).toBe(504);
    expect(answer.headers).toMatchObject({ 'x-rouse-error': 'function_timeout' });
    expect(answer.headers['x-rouse-retry-safe']).toBeUndefined();
    expect((await pod.call('/echo')).status).toBe(200);
  });

  it('refuses a body that is larger than the signature takes whole', async () => {
    const pod = await fleet.serve(behaviours, {}, { ROUSE_BODY_BYTES_MAX: '1000' });
    const send = (headers: http.OutgoingHttpHeaders) =>
      pod.call('/echo', { method: 'POST', body: 'x'.repeat(1001), headers });
    expect(await send({})).toMatchObject({
      status: 413,
      headers: { 'x-rouse-error': 'body_too_large' },
    });
    expect((await send({ 'transfer-encoding': 'chunked' })).status).toBe(413);
    expect((await pod.call('/echo', { method: 'POST', body: 'x'.repeat(1000) })).status).toBe(200);
  });

  it('keeps idle connections for longer than the activator does', async () => {
    const pod = await fleet.serve(behaviours);
    const agent = new http.Agent({ keepAlive: true });
    const { headers } = await pod.call('/echo', { agent });
    agent.destroy();
    expect(Number(/timeout=(\d+)/.exec(String(headers['keep-alive']))?.[1])).toBeGreaterThanOrEqual(
      75,
    );
  });
});

describe.each(runtimesUnderTest)('the $name runtime, leaving', (runtime) => {
  const fleet = new RuntimeFleet(runtime.prepare);
  const { behaviours } = runtime.sources;
  afterEach(() => fleet.stopAll());

  it('exits 0 at once on SIGTERM when it holds no function', async () => {
    const pod = await fleet.start({ ROUSE_LAME_DUCK_MS: '60000' });
    await pod.ready();
    pod.child.kill('SIGTERM');
    expect(await pod.exited).toEqual({ code: 0, signal: null });
  });

  it('still serves for the lame-duck time, closing connections, then exits 0', async () => {
    const pod = await fleet.serve(behaviours, {}, { ROUSE_LAME_DUCK_MS: '700' });
    const agent = new http.Agent({ keepAlive: true });
    await pod.call('/echo', { agent });
    pod.child.kill('SIGTERM');
    await until(async () => (await pod.ready()).answer.state === 'draining');
    expect((await pod.ready()).status).toBe(503);
    const late = await pod.call('/echo', { agent });
    expect(late).toMatchObject({ status: 200, headers: { connection: 'close' } });
    agent.destroy();
    expect(await pod.exited).toEqual({ code: 0, signal: null });
  });

  it('finishes what is in flight before it exits', async () => {
    const pod = await fleet.serve(behaviours);
    const held = pod.call('/wait');
    await until(async () => (await pod.stats()).inFlight === 1);
    const slow = openHalfRequest(pod, '/release');
    pod.child.kill('SIGTERM');
    await until(async () => (await pod.ready()).answer.state === 'draining');
    // The lame-duck time is over when new connections are refused; what is already open is served.
    await until(() =>
      call(pod.port, '/echo').then(
        () => false,
        () => true,
      ),
    );
    slow.write('\r\n');
    expect(await held).toMatchObject({ status: 200, text: 'waited' });
    expect(await pod.exited).toEqual({ code: 0, signal: null });
  });

  it('waits for a function no longer than its timeout', async () => {
    const pod = await fleet.serve(behaviours, { timeoutMs: 200 });
    const stuck = pod.call('/never').catch(() => undefined);
    await until(async () => (await pod.stats()).inFlight === 1);
    pod.child.kill('SIGTERM');
    expect(await pod.exited).toEqual({ code: 0, signal: null });
    await stuck;
  });

  it('drains when told to, takes no function any more, and stays until SIGTERM', async () => {
    const pod = await fleet.serve(behaviours);
    const answer = await pod.control('/drain', {});
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([202, { state: 'draining' }]);
    expect((await pod.call('/echo')).headers.connection).toBe('close');
    expect((await pod.control('/drain', {})).status).toBe(202);
    expect(pod.child.exitCode).toBeNull();
    pod.child.kill('SIGTERM');
    expect(await pod.exited).toEqual({ code: 0, signal: null });
    const empty = await fleet.start();
    await empty.control('/drain', {});
    expect((await empty.specialize(bundleOf(behaviours))).status).toBe(409);
  });
});

/** A request whose last line is still to come: its connection is not idle. */
function openHalfRequest(pod: RuntimeProcess, path: string): net.Socket {
  const socket = net.connect(pod.port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n`);
  return socket;
}

async function until(condition: () => Promise<boolean>, waitMsMax = 5000): Promise<void> {
  const endMs = performance.now() + waitMsMax;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error('the condition did not come true');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
