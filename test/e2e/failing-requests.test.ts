// What callers get when a function throws, hangs, dies or is asked for more than it can do.

import { describe, expect, it } from '@jest/globals';
import { pods } from '../../api/resources.ts';
import { call, errorCode, openCall } from '../support/call.ts';
import { useTarget } from '../support/use-target.ts';
import { waitFor } from '../support/wait-for.ts';

const target = useTarget();
const sleepOn =
  'export const handler = async (event) => { const { wait } = event.queryStringParameters ?? {}; ' +
  "if (wait) await new Promise((done) => setTimeout(done, Number(wait))); return { statusCode: 200, body: 'ok' }; };";

const countInFlight =
  'let now = 0; export const handler = async (event) => { now += 1; const { wait } = event.queryStringParameters ?? {}; ' +
  'if (wait) await new Promise((done) => setTimeout(done, Number(wait))); ' +
  'const body = String(now); now -= 1; return { statusCode: 200, body }; };';

const throwers = [
  {
    signature: 'lambda',
    code: "export const handler = async (event) => { if (event.rawPath === '/bad') throw new Error('ouch'); return { statusCode: 200, body: 'fine' }; };",
  },
  {
    signature: 'http',
    code: "export const handler = (req, res) => { if (req.url === '/bad') throw new Error('ouch'); res.end('fine'); };",
  },
  {
    signature: 'fetch',
    code: "export default { fetch(request) { if (request.url.endsWith('/bad')) throw new Error('ouch'); return new Response('fine'); } };",
  },
];

describe('a handler that throws', () => {
  it.each(throwers)(
    'gives 500 in the shape of $signature, and its pod lives on',
    async ({ signature, code }) => {
      const name = `throws-${signature}`;
      await target().deploy(name, { runtime: 'node', signature, source: { inline: code } });
      expect((await target().call(name)).text).toBe('fine');
      const before = (await target().runningPodsOf(name)).map((pod) => pod.metadata.name);
      const bad = await target().call(name, { path: '/bad' });
      expect([bad.status, errorCode(bad)]).toEqual([500, undefined]);
      expect((await target().call(name)).text).toBe('fine');
      const after = (await target().podsOf(name)).map((pod) => pod.metadata.name);
      expect(after).toEqual(before);
    },
  );
});

describe('a handler that never answers', () => {
  it('gives 504 at timeoutSeconds and frees its slot', async () => {
    await target().deploy('hangs', {
      runtime: 'node',
      source: { inline: sleepOn },
      timeoutSeconds: 1,
      concurrency: { target: 1, limit: 1 },
      scaling: { maxReplicas: 1 },
    });
    expect((await target().call('hangs')).status).toBe(200);
    const late = await target().call('hangs', { path: '/?wait=30000' });
    expect([late.status, errorCode(late)]).toEqual([504, 'function_timeout']);
    expect(late.totalMs).toBeGreaterThanOrEqual(950);
    expect(late.totalMs).toBeLessThan(2_500);
    const next = await target().call('hangs');
    expect(next.status).toBe(200);
    expect(next.totalMs).toBeLessThan(2_000);
  });

  it('does not pay for the cold start out of its own time', async () => {
    const startSlowly = `await new Promise((done) => setTimeout(done, 900)); ${sleepOn}`;
    await target().deploy('late', {
      runtime: 'node',
      source: { inline: startSlowly },
      timeoutSeconds: 1,
      scaling: { idleSeconds: 1 },
    });
    await target().sleeps('late');
    const answer = await target().call('late', { path: '/?wait=600' });
    expect(answer.status).toBe(200);
  });

  it('has its stream ended, never text added to a 200, when the time is up after the first byte', async () => {
    const drip =
      "export const handler = (req, res) => { res.writeHead(200, { 'content-type': 'text/plain' }); " +
      "res.write('first'); };";
    await target().deploy('drips', {
      runtime: 'node',
      signature: 'http',
      source: { inline: drip },
      timeoutSeconds: 1,
    });
    const response = await openCall({
      gatewayUrl: target().gatewayUrl,
      host: await target().hostOf('drips'),
    });
    let body = '';
    let error: unknown;
    try {
      for await (const chunk of response) body += String(chunk);
    } catch (caught) {
      error = caught;
    }
    expect([response.statusCode, body]).toEqual([200, 'first']);
    expect(error).toBeDefined();
  });
});

describe('a pod that is killed in the middle of a request', () => {
  it('costs that request a 502 function_crashed, and no other', async () => {
    await target().deploy('mortal', { runtime: 'node', source: { inline: countInFlight } });
    expect((await target().call('mortal')).status).toBe(200);
    const [pod] = await target().runningPodsOf('mortal');
    const lost = target().call('mortal', { path: '/?wait=20000' });
    const { kube, namespace } = target();
    await waitForInFlight('mortal');
    const name = pod?.metadata.name ?? '';
    await kube.delete(pods, { name, namespace }, { gracePeriodSeconds: 0 });
    const answer = await lost;
    expect([answer.status, errorCode(answer)]).toEqual([502, 'function_crashed']);
    expect((await target().call('mortal')).status).toBe(200);
  });

  it('happens to a handler that exits the process, and the next request is served', async () => {
    const suicide =
      "export const handler = async (event) => { if (event.rawPath === '/exit') process.exit(3); return { statusCode: 200, body: 'alive' }; };";
    await target().deploy('exits', { runtime: 'node', source: { inline: suicide } });
    expect((await target().call('exits')).text).toBe('alive');
    const dead = await target().call('exits', { path: '/exit' });
    expect([dead.status, errorCode(dead)]).toEqual([502, 'function_crashed']);
    const next = await target().call('exits');
    expect([next.status, next.text]).toEqual([200, 'alive']);
  });
});

describe('a full queue', () => {
  it('refuses with 429 and Retry-After, and serves all it took', async () => {
    await target().deploy('full', {
      runtime: 'node',
      // A wake that finds the pool empty may get a parked pod beside one of its own, and this is about one slot.
      pool: false,
      source: { inline: sleepOn },
      concurrency: { target: 1, limit: 1 },
      scaling: { maxReplicas: 1 },
    });
    const host = await target().hostOf('full');
    const { gatewayUrl } = target();
    const slowest = call({ gatewayUrl, host, path: '/?wait=4000' });
    await waitForBusySlot('full');
    // The only slot is taken, so the queue takes its 1,000 and refuses the rest at once.
    const answers = await Promise.all(
      Array.from({ length: 1_100 }, () => call({ gatewayUrl, host })),
    );
    expect((await slowest).status).toBe(200);
    const refused = answers.filter((answer) => answer.status === 429);
    expect(refused).toHaveLength(100);
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1_000);
    for (const answer of refused) {
      expect(errorCode(answer)).toBe('queue_full');
      expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    }
  }, 60_000);
});

describe('a caller who goes away', () => {
  it('frees its slot and its place in the queue', async () => {
    await target().deploy('fickle', {
      runtime: 'node',
      pool: false,
      source: { inline: sleepOn },
      concurrency: { target: 1, limit: 1 },
      scaling: { maxReplicas: 1 },
    });
    expect((await target().call('fickle')).status).toBe(200);
    const leaving = new AbortController();
    const path = '/?wait=15000';
    const gone = Array.from({ length: 3 }, () =>
      target()
        .call('fickle', { path, signal: leaving.signal })
        .catch(() => 'gone'),
    );
    await waitForBusySlot('fickle');
    leaving.abort();
    expect(await Promise.all(gone)).toEqual(['gone', 'gone', 'gone']);
    const next = await target().call('fickle');
    expect(next.status).toBe(200);
    expect(next.totalMs).toBeLessThan(5_000);
  });
});

/** Until the function itself says that somebody else's request is in it. */
async function waitForInFlight(name: string): Promise<void> {
  await waitFor(async () => Number((await target().call(name, { path: '/' })).text) > 1, {
    what: `a request in ${name}`,
  });
}

/** A short caller who gets no answer shows that the only slot is taken. */
async function waitForBusySlot(name: string): Promise<void> {
  const isBusy = async () => {
    try {
      await target().call(name, { signal: AbortSignal.timeout(300) });
      return false;
    } catch {
      return true;
    }
  };
  await waitFor(isBusy, { what: `the slot of ${name} to be taken` });
}
