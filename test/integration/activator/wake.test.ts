// Waking and holding: what callers of a sleeping function get, with real sockets and pods that come and go.

import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { WakeReport } from '../../../api/wire.ts';
import { FakePod } from './fake-pod.ts';
import { codeOf, Harness, waitFor, type Answer } from './harness.ts';

let harness: Harness;
const key = 'default/hello-00001';

beforeEach(async () => {
  harness = await new Harness({ wakeTimeoutMs: 5_000 }).start();
});
afterEach(() => harness.stop());

async function restartWith(limits: ConstructorParameters<typeof Harness>[0]): Promise<void> {
  await harness.stop();
  harness = await new Harness(limits).start();
}

function callMany(count: number): Promise<Answer[]> {
  return Promise.all(Array.from({ length: count }, () => harness.call()));
}

/** A handler that answers when the test says so. */
function gate() {
  const open: (() => void)[] = [];
  return {
    handler: (_: unknown, response: { end(text: string): void }) =>
      void open.push(() => response.end('done')),
    open,
  };
}

describe('a wake', () => {
  it('answers a request that came at zero', async () => {
    harness.addFunction();
    harness.wakesWith({});
    const answer = await harness.call();
    expect(answer.status).toBe(200);
    expect(answer.body).toBe('hello');
    expect(answer.headers['server-timing']).toMatch(
      /^queue;dur=[\d.]+, schedule;dur=[\d.]+.*handler;dur=[\d.]+$/,
    );
  });

  it('happens once for a hundred requests at the same time', async () => {
    harness.addFunction();
    harness.wakesWith({});
    const answers = await callMany(100);
    expect(answers.every((one) => one.status === 200)).toBe(true);
    expect(harness.cluster.raises).toEqual([key]);
    expect(harness.pods).toHaveLength(1);
    expect(harness.pods[0]?.specializeCalls).toBe(1);
    expect(harness.cluster.reads).toBe(1);
  });

  it('that runs out of budget gives 504 and sends nothing, and the next request tries again at once', async () => {
    await restartWith({ wakeTimeoutMs: 100 });
    harness.addFunction();
    const late = await harness.call();
    expect(late.status).toBe(504);
    expect(codeOf(late)).toBe('wake_timeout');
    expect(late.body).toContain('has made no pod yet');
    harness.cluster.setReplicas(key, 0);
    harness.wakesWith({});
    expect((await harness.call()).status).toBe(200);
    expect(harness.cluster.raises).toHaveLength(2);
    expect(harness.pods[0]?.requests).toBe(1);
  });

  it('that fails to load tells every waiting caller the reason at once and is not remembered', async () => {
    harness.addFunction();
    harness.wakesWith({
      load: () => ({
        status: 422,
        answer: { state: 'failed', error: { type: 'SyntaxError', message: 'Unexpected token' } },
      }),
    });
    const answers = await callMany(5);
    for (const answer of answers) {
      expect(answer.status).toBe(502);
      expect(codeOf(answer)).toBe('function_failed_to_load');
      expect(answer.body).toContain('SyntaxError: Unexpected token');
    }
    harness.pods[0]?.setLoad((bundle) => ({
      status: 200,
      answer: { state: 'ready', revision: bundle.revision, codeDigest: bundle.codeDigest },
    }));
    expect((await harness.call()).status).toBe(200);
    expect(harness.pods).toHaveLength(1);
  });

  it("does not eat the function's own time", async () => {
    harness.addFunction('hello', { timeoutMs: 150 });
    harness.cluster.onRaise = () => void setTimeout(() => void harness.addPod(), 300);
    expect((await harness.call()).status).toBe(200);
  });

  it('sees a port that opens late within milliseconds, by knocking', async () => {
    harness.addFunction();
    const pod = await new FakePod().listen();
    const { control } = pod.view();
    pod.control.close();
    harness.cluster.onRaise = () => {
      harness.pods.push(pod);
      harness.activator.applyPod(pod.view());
    };
    const answer = harness.call();
    await waitFor('the pod is known', () => harness.state?.pods.size === 1);
    await new Promise((resolve) => setTimeout(resolve, 60));
    const openedAtMs = performance.now();
    pod.control.listen(control?.port, '127.0.0.1');
    expect((await answer).status).toBe(200);
    expect(performance.now() - openedAtMs).toBeLessThan(100);
  });

  it('goes on with the replacement when the pod dies before it serves', async () => {
    harness.addFunction();
    const answer = harness.call();
    await waitFor('it was raised', () => harness.cluster.raises.length === 1);
    const first = new FakePod();
    harness.activator.applyPod(first.view());
    harness.activator.removePod(first.view());
    await harness.addPod();
    expect((await answer).status).toBe(200);
    expect(harness.cluster.raises).toHaveLength(1);
  });

  it('is issued again when the Deployment is seen at zero while requests wait', async () => {
    harness.addFunction();
    const answer = harness.call();
    await waitFor('it was raised', () => harness.cluster.raises.length === 1);
    harness.wakesWith({});
    harness.cluster.setReplicas(key, 0);
    harness.activator.onScaleChange('default', 'hello-00001');
    expect((await answer).status).toBe(200);
    expect(harness.cluster.raises).toHaveLength(2);
  });

  it('serves a request that arrives while the last pod is going away', async () => {
    harness.addFunction();
    harness.wakesWith({});
    await harness.call();
    harness.cluster.setReplicas(key, 0);
    harness.removePod(harness.pods[0] as FakePod);
    expect((await harness.call()).status).toBe(200);
    expect(harness.pods).toHaveLength(2);
    expect(harness.pods[0]?.requests).toBe(1);
  });

  it('never scales a Deployment that wants pods already', async () => {
    harness.addFunction();
    harness.cluster.setReplicas(key, 3);
    const answer = harness.call();
    await waitFor('it waits', () => harness.state?.queue.length === 1);
    await harness.addPod();
    expect((await answer).status).toBe(200);
    expect(harness.cluster.raises).toEqual([]);
  });

  it('of a plain image is over when its port accepts', async () => {
    harness.addFunction();
    const pod = await new FakePod().listen();
    harness.pods.push(pod);
    harness.cluster.onRaise = () => harness.activator.applyPod(pod.view({ control: undefined }));
    expect((await harness.call()).status).toBe(200);
    expect(pod.specializeCalls).toBe(0);
  });

  it('that the API server refuses is tried again while somebody waits', async () => {
    harness.addFunction();
    let refusals = 2;
    const raise = harness.cluster.raiseFromZero.bind(harness.cluster);
    harness.cluster.raiseFromZero = (namespace, revision) => {
      refusals -= 1;
      return refusals >= 0 ? Promise.reject(new Error('away')) : raise(namespace, revision);
    };
    harness.wakesWith({});
    expect((await harness.call()).status).toBe(200);
  });
});

describe('the queue', () => {
  it('never gives a pod more than its limit, and hands out the rest as slots free up', async () => {
    harness.addFunction('hello', { podRequestsMax: 40 });
    const { handler, open } = gate();
    harness.wakesWith({ handler });
    const answers = callMany(150);
    await waitFor('the pod is full', () => open.length === 40);
    let answered = 0;
    const opening = setInterval(() => {
      open.shift()?.();
      answered += 1;
    }, 1);
    expect((await answers).every((one) => one.status === 200)).toBe(true);
    clearInterval(opening);
    expect(harness.pods[0]?.inFlightMax).toBe(40);
    expect(answered).toBeGreaterThanOrEqual(150);
  });

  it('gives those who wait to other pods as they come', async () => {
    harness.addFunction('hello', { podRequestsMax: 40 });
    const first = gate();
    harness.wakesWith({ handler: first.handler });
    const answers = callMany(100);
    await waitFor('the first pod is full', () => first.open.length === 40);
    const second = gate();
    await harness.addPod({ handler: second.handler });
    await waitFor('the second pod is full', () => second.open.length === 40);
    await waitFor('the rest waits', () => harness.state?.queue.length === 20);
    const opening = setInterval(() => (first.open.shift()?.(), second.open.shift()?.()), 1);
    await answers;
    clearInterval(opening);
    for (const pod of harness.pods) expect(pod.inFlightMax).toBe(40);
  });

  it('does not give everything to the first pod, even without a limit', async () => {
    harness.addFunction('hello', { target: 10 });
    const first = gate();
    const answers = callMany(20);
    await waitFor('all wait', () => harness.state?.queue.length === 20);
    await harness.addPod({ handler: first.handler });
    await waitFor('the first pod has its share', () => first.open.length === 10);
    const second = gate();
    await harness.addPod({ handler: second.handler });
    await waitFor('the second pod has the rest', () => second.open.length === 10);
    for (const one of [...first.open, ...second.open]) one();
    await answers;
  });

  it('stops holding out for a second pod after a while', async () => {
    harness.addFunction('hello', { target: 10 });
    const { handler, open } = gate();
    const answers = callMany(20);
    await waitFor('all wait', () => harness.state?.queue.length === 20);
    await harness.addPod({ handler });
    await waitFor('the only pod has all', () => open.length === 20);
    for (const one of open) one();
    await answers;
  });

  it('never lets a request wait behind a busy pod while another idles', async () => {
    harness.addFunction('hello', { podRequestsMax: 1 });
    const { handler, open } = gate();
    await harness.addPod({ handler });
    await harness.addPod({ handler });
    await waitFor('both serve', () => harness.state?.endpoints.length === 2);
    const answers = callMany(2);
    await waitFor('both have one', () => open.length === 2);
    for (const one of open) one();
    await answers;
    expect(harness.pods.map((pod) => pod.inFlightMax)).toEqual([1, 1]);
  });

  it('refuses a flood beyond its bound with Retry-After, and serves those it took', async () => {
    await restartWith({ queueRequestsMax: 10 });
    harness.addFunction();
    let refusals = 0;
    const answers = Promise.all(
      Array.from({ length: 30 }, async () => {
        const answer = await harness.call();
        if (answer.status === 429) refusals += 1;
        return answer;
      }),
    );
    await waitFor('all came', () => harness.state?.queue.length === 10 && refusals === 20);
    await harness.addPod();
    const all = await answers;
    const refused = all.filter((one) => one.status === 429);
    expect(refused).toHaveLength(20);
    expect(all.filter((one) => one.status === 200)).toHaveLength(10);
    for (const one of refused) {
      expect(codeOf(one)).toBe('queue_full');
      expect(Number(one.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    }
  });

  it('is bounded in bytes too', async () => {
    await restartWith({ queueBytesMax: 200_000 });
    harness.addFunction();
    const body = Buffer.alloc(100_000);
    const answers = Array.from({ length: 10 }, () => harness.call({ method: 'POST', body }));
    const first = await Promise.race(answers);
    expect(first.status).toBe(429);
    expect(harness.state?.queue.bytes).toBeLessThanOrEqual(200_000);
    await harness.addPod();
    await Promise.allSettled(answers);
    expect(harness.activator.revisions.waitingBytes.held).toBe(0);
  });

  it('frees the place of a caller who goes away', async () => {
    harness.addFunction();
    const leaving = new AbortController();
    const gone = harness.call({ signal: leaving.signal }).catch(() => 'gone');
    await waitFor('it waits', () => harness.state?.queue.length === 1);
    leaving.abort();
    expect(await gone).toBe('gone');
    await waitFor('the place is free', () => harness.state?.queue.length === 0);
    expect(harness.state?.meter.current).toBe(0);
    expect(harness.activator.revisions.waitingBytes.held).toBe(0);
  });

  it('says no_capacity and not wake_timeout when pods are there but stay busy', async () => {
    await restartWith({ wakeTimeoutMs: 100 });
    harness.addFunction('hello', { podRequestsMax: 1 });
    const { handler, open } = gate();
    await harness.addPod({ handler });
    const first = harness.call();
    await waitFor('the pod is busy', () => open.length === 1);
    const second = await harness.call();
    expect(second.status).toBe(503);
    expect(codeOf(second)).toBe('no_capacity');
    expect(Number(second.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    open[0]?.();
    expect((await first).status).toBe(200);
  });
});

describe('pods', () => {
  it('get the code as soon as they are there, whether or not anybody waits', async () => {
    harness.addFunction();
    const pod = await harness.addPod();
    await waitFor('it is specialized', () => pod.bundle !== undefined);
    expect(pod.bundle?.revision).toBe('hello-00001');
  });

  it('get the code again after their container restarted', async () => {
    harness.addFunction();
    const pod = await harness.addPod();
    await waitFor('it serves', () => harness.state?.endpoints.length === 1);
    pod.bundle = undefined;
    pod.restarts = 1;
    harness.activator.applyPod(pod.view());
    await waitFor('it has the code again', () => pod.bundle !== undefined);
    expect((await harness.call()).status).toBe(200);
  });

  it('that another activator specialized serve as well', async () => {
    harness.addFunction();
    const pod = await new FakePod().listen();
    harness.pods.push(pod);
    pod.bundle = { revision: 'hello-00001', codeDigest: 'digest' } as never;
    harness.activator.applyPod(pod.view());
    expect((await harness.call()).status).toBe(200);
  });

  it('that are ready when first seen need no code', async () => {
    harness.addFunction();
    const pod = await new FakePod().listen();
    harness.pods.push(pod);
    harness.activator.applyPod(pod.view({ isReady: true }));
    expect((await harness.call()).status).toBe(200);
    expect(pod.specializeCalls).toBe(0);
    expect(harness.cluster.reads).toBe(0);
  });

  it('are not quarantined for one connection failure, not even the only one', async () => {
    harness.addFunction();
    harness.cluster.setReplicas(key, 1);
    const pod = await harness.addPod();
    await harness.call();
    const { http } = pod.view();
    pod.server.close();
    pod.server.closeAllConnections();
    const answer = harness.call();
    await waitFor(
      'it was tried',
      () => harness.state?.queue.length === 1 || pod.specializeCalls > 1,
    );
    pod.server.listen(http?.port, '127.0.0.1');
    expect((await answer).status).toBe(200);
    expect(harness.cluster.raises).toEqual([]);
  });

  it('that leave finish what they have and get nothing more', async () => {
    harness.addFunction();
    const { handler, open } = gate();
    const pod = await harness.addPod({ handler });
    const first = harness.call();
    await waitFor('it is busy', () => open.length === 1);
    harness.removePod(pod);
    const other = await harness.addPod();
    expect((await harness.call()).body).toBe('hello');
    open[0]?.();
    expect((await first).body).toBe('done');
    expect(pod.requests).toBe(1);
    expect(other.requests).toBe(1);
  });
});

describe('a Function that is not ready', () => {
  it('holds its callers until it is', async () => {
    const name = 'default/hello';
    harness.cluster.functions.set(name, {
      traffic: [],
      revisionReady: { status: 'Unknown' },
      isObserved: true,
    });
    const answer = harness.call({ path: '/kept?a=1' });
    await waitFor('it is held', () => harness.activator.server.listening);
    harness.addFunction();
    harness.wakesWith({ handler: (request, response) => response.end(request.url) });
    harness.activator.onFunctionChange('default', 'hello');
    expect((await answer).body).toBe('/kept?a=1');
  });

  it('answers at once with the reason when its code does not load', async () => {
    harness.cluster.functions.set('default/hello', {
      traffic: [],
      revisionReady: { status: 'False', message: "SyntaxError: Unexpected token '}'" },
      isObserved: true,
    });
    const answer = await harness.call();
    expect(answer.status).toBe(502);
    expect(codeOf(answer)).toBe('function_failed_to_load');
    expect(answer.body).toContain('Unexpected token');
  });

  it('holds its callers when the verdict is about an older spec', async () => {
    await restartWith({ wakeTimeoutMs: 60 });
    harness.cluster.functions.set('default/hello', {
      traffic: [],
      revisionReady: { status: 'False', message: 'old news' },
      isObserved: false,
    });
    const answer = await harness.call();
    expect(answer.status).toBe(504);
    expect(codeOf(answer)).toBe('wake_timeout');
  });
});

describe('reports', () => {
  it('tell the controller at once of a call at zero, and why a wake failed', async () => {
    const reports: { revisions: { inFlight: number }[]; wakes: WakeReport[] }[] = [];
    const controller = createServer((request, response) => {
      expect(request.headers.authorization).toBe('Bearer token');
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        reports.push(JSON.parse(Buffer.concat(chunks).toString()) as (typeof reports)[0]);
        response.end();
      });
    });
    await new Promise<void>((resolve) => controller.listen(0, '127.0.0.1', resolve));
    const { port } = controller.address() as { port: number };
    harness.controllers.push('http://127.0.0.1:1', `http://127.0.0.1:${port}`);
    harness.addFunction();
    const answer = harness.call();
    await waitFor('a report came', () => reports.length === 1);
    expect(reports[0]?.revisions[0]?.inFlight).toBe(1);
    await harness.addPod({
      load: () => ({
        status: 422,
        answer: { state: 'failed', error: { type: 'TypeError', message: 'boom' } },
      }),
    });
    expect((await answer).status).toBe(502);
    await waitFor('the failure came', () => reports.some((one) => one.wakes.length > 0));
    const { wakes } = reports.find((one) => one.wakes.length > 0) ?? { wakes: [] };
    expect(wakes[0]?.failure).toEqual({
      code: 'function_failed_to_load',
      message: 'TypeError: boom',
    });
    controller.closeAllConnections();
    controller.close();
  });
});
