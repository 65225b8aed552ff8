// Cold starts from the warm pool: claims over real sockets, of pods that refuse, die, hang and are adopted.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ClaimReport, SampleReport } from '../../../api/wire.ts';
import { loadsWell, type FakePod, type LoadResult } from './fake-pod.ts';
import { codeOf, Harness, waitFor, type Answer } from './harness.ts';

let harness: Harness;
const others: Harness[] = [];
const endings: (() => void)[] = [];
const key = 'default/hello-00001';

beforeEach(async () => {
  harness = await new Harness({ wakeTimeoutMs: 5_000 }).start();
});
afterEach(async () => {
  for (const one of [harness, ...others.splice(0)]) await one.stop();
  for (const end of endings.splice(0)) end();
});

function callMany(count: number): Promise<Answer[]> {
  return Promise.all(Array.from({ length: count }, () => harness.call()));
}

/** What controllers were told last, and how often. */
async function listen(of: Harness = harness) {
  const reports: SampleReport[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      reports.push(JSON.parse(Buffer.concat(chunks).toString()) as SampleReport);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  of.controllers.push(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const stopping = new AbortController();
  of.activator.reporter.start(stopping.signal);
  endings.push(() => {
    stopping.abort();
    server.closeAllConnections();
    server.close();
  });
  const claims = (): readonly ClaimReport[] => reports.at(-1)?.claims ?? [];
  return { reports, claims };
}

async function metric(name: string): Promise<string[]> {
  const text = await harness.activator.metrics.registry.metrics();
  return text.split('\n').filter((line) => line.startsWith(name));
}

const taken = (): LoadResult => ({
  status: 409,
  answer: { state: 'ready', revision: 'other-00001', codeDigest: 'other' },
});
const failing = (): LoadResult => ({
  status: 422,
  answer: { state: 'failed', error: { type: 'SyntaxError', message: 'Unexpected token' } },
});

describe('a wake with a parked pod', () => {
  it('is served by it without a call of the Kubernetes API', async () => {
    harness.cluster.env = [{ name: 'COLOUR', value: 'green' }, { name: 'EMPTY' }];
    harness.addFunction();
    await harness.offerCode();
    const pod = await harness.addParked();
    const answer = await harness.call();
    expect(answer.status).toBe(200);
    expect(answer.headers['server-timing']).toMatch(
      /^queue;dur=[\d.]+, claim;dur=[\d.]+, load;dur=[\d.]+, handler;dur=[\d.]+$/,
    );
    expect(harness.cluster.raises).toEqual([]);
    expect(harness.cluster.reads).toBe(0);
    expect(pod.bundle).toMatchObject({
      ...{ namespace: 'default', function: 'hello', revision: 'hello-00001' },
      env: { COLOUR: 'green', EMPTY: '' },
    });
    expect(await metric('rouse_cold_starts_total')).toEqual([
      'rouse_cold_starts_total{path="pool",result="ok"} 1',
    ]);
    expect(await metric('rouse_pool_claims_total')).toEqual([
      'rouse_pool_claims_total{result="hit"} 1',
    ]);
    for (const phase of ['queue', 'claim', 'load', 'ready', 'first_byte']) {
      expect(await metric(`rouse_cold_start_phase_seconds_count{phase="${phase}"}`)).toEqual([
        `rouse_cold_start_phase_seconds_count{phase="${phase}"} 1`,
      ]);
    }
  });

  it('claims one for a hundred callers at once', async () => {
    harness.addFunction();
    for (let i = 0; i < 3; i += 1) await harness.addParked();
    const answers = await callMany(100);
    expect(answers.every((one) => one.status === 200)).toBe(true);
    expect(harness.pods.filter((pod) => pod.specializeCalls === 1)).toHaveLength(1);
    expect(harness.pods.filter((pod) => pod.specializeCalls > 1)).toEqual([]);
    expect(harness.cluster.raises).toEqual([]);
  });

  it('reads the code once when it is not in memory', async () => {
    harness.addFunction();
    await harness.addParked();
    await callMany(20);
    expect(harness.cluster.reads).toBe(1);
  });

  it('passes by those that are taken', async () => {
    harness.addFunction();
    for (let i = 0; i < 5; i += 1) await harness.addParked({ load: taken });
    // `random` is 0 here: the oldest comes first.
    const free = await harness.addParked();
    expect((await harness.call()).status).toBe(200);
    expect(free.requests).toBe(1);
    expect(harness.cluster.raises).toEqual([]);
    expect(await metric('rouse_pool_claims_total{result="conflict"}')).toEqual([
      'rouse_pool_claims_total{result="conflict"} 5',
    ]);
  });

  it('goes to the next when one dies of the code, and tells the controller', async () => {
    const { claims } = await listen();
    harness.addFunction();
    const dying = await harness.addParked({
      load: () => {
        setImmediate(() => dying.kill());
        return new Promise<LoadResult>(() => {});
      },
    });
    const next = await harness.addParked();
    expect((await harness.call()).status).toBe(200);
    expect(next.requests).toBe(1);
    await waitFor('both are told', () => claims().length === 2);
    expect(claims().map(({ uid, outcome }) => [uid, outcome])).toEqual([
      [dying.uid, 'unknown'],
      [next.uid, 'serving'],
    ]);
  });

  it('that nobody listens in is no loss', async () => {
    harness.addFunction();
    const gone = await harness.addParked();
    gone.kill();
    const next = await harness.addParked();
    expect((await harness.call()).status).toBe(200);
    expect(next.requests).toBe(1);
  });

  it('never picks a pod twice, though it looks free', async () => {
    harness.addFunction('one');
    harness.addFunction('two');
    const pod = await harness.addParked();
    expect((await harness.call({ host: 'one.default.example.com' })).status).toBe(200);
    harness.activator.applyParked(pod.parkedView());
    harness.wakesWith({ revision: 'two-00001' });
    expect((await harness.call({ host: 'two.default.example.com' })).status).toBe(200);
    expect(pod.specializeCalls).toBe(1);
  });
});

describe('code that a parked pod can not load', () => {
  it('is told to all who wait and to the controller, and uses up one pod', async () => {
    const { claims } = await listen();
    harness.addFunction();
    const load = async (): Promise<LoadResult> => {
      await waitFor('all wait', () => harness.state?.queue.length === 5);
      return failing();
    };
    const pods = [await harness.addParked({ load }), await harness.addParked()];
    for (const answer of await callMany(5)) {
      expect(answer.status).toBe(502);
      expect(codeOf(answer)).toBe('function_failed_to_load');
      expect(answer.body).toContain('SyntaxError: Unexpected token');
    }
    await waitFor('it is told', () => claims()[0]?.outcome === 'failed');
    harness.wakesWith({});
    expect((await harness.call()).status).toBe(200);
    expect(harness.cluster.raises).toEqual([key]);
    expect(pods.map((pod) => pod.specializeCalls)).toEqual([1, 0]);
    expect(await metric('rouse_cold_starts_total{path="failed"')).toEqual([
      'rouse_cold_starts_total{path="failed",result="failed"} 1',
    ]);
  });
});

describe('an empty pool', () => {
  it('means the ordinary way at once, and the gate of the pod is lifted', async () => {
    harness.addFunction();
    const answer = harness.call();
    await waitFor('it was raised', () => harness.cluster.raises.length === 1);
    const pod = await harness.addPod();
    harness.removePod(pod);
    const gated = pod.view({ uid: 'gated', http: undefined, control: undefined, gateIndex: 0 });
    harness.activator.applyPod(gated);
    harness.activator.applyPod(gated);
    await waitFor('the gate is lifted', () => harness.cluster.lifted.length > 0);
    harness.activator.applyPod(pod.view({ uid: 'gated' }));
    expect((await answer).status).toBe(200);
    expect(await metric('rouse_pool_claims_total')).toEqual([
      'rouse_pool_claims_total{result="miss"} 1',
    ]);
  });

  it('is looked at again: whichever pod comes first serves', async () => {
    harness.addFunction();
    const answers = callMany(10);
    await waitFor('it was raised', () => harness.cluster.raises.length === 1);
    const parked = await harness.addParked();
    expect((await answers).every((one) => one.status === 200)).toBe(true);
    expect(parked.requests).toBe(10);
    const ordinary = await harness.addPod();
    await waitFor('both serve', () => harness.state?.endpoints.length === 2);
    expect(ordinary.bundle?.revision).toBe('hello-00001');
  });

  it('gives pods that come to those who came first, one each', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `f${index}`);
    const served: string[] = [];
    const answers: Promise<unknown>[] = [];
    for (const name of names) {
      harness.addFunction(name);
      const answer = harness.call({ host: `${name}.default.example.com` });
      answers.push(answer.then(() => served.push(name)));
      await waitFor('it was raised', () =>
        harness.cluster.raises.includes(`default/${name}-00001`),
      );
    }
    for (const name of names) {
      await harness.addParked();
      await waitFor('the next is served', () => served.at(-1) === name);
    }
    await Promise.all(answers);
  });

  it('lifts no gate while a claim serves, since the pod is to be replaced', async () => {
    harness.addFunction();
    const pod = await harness.addParked();
    expect((await harness.call()).status).toBe(200);
    harness.cluster.setReplicas(key, 1);
    const gated = { uid: 'gated', name: 'gated', gateIndex: 0 };
    harness.activator.applyPod(pod.view({ ...gated, http: undefined, control: undefined }));
    expect((await harness.call()).status).toBe(200);
    expect(harness.cluster.lifted).toEqual([]);
  });
});

describe('many Functions at once', () => {
  it('have no more than 64 claims under way, and all are served', async () => {
    let loading = 0;
    let loadingMax = 0;
    const letGo: (() => void)[] = [];
    const load = async (bundle: Parameters<typeof loadsWell>[0]): Promise<LoadResult> => {
      loading += 1;
      loadingMax = Math.max(loadingMax, loading);
      await new Promise<void>((resolve) => letGo.push(resolve));
      loading -= 1;
      return loadsWell(bundle);
    };
    const answers: Promise<Answer>[] = [];
    for (let i = 0; i < 100; i += 1) {
      harness.addFunction(`f${i}`);
      await harness.addParked({ load });
    }
    for (let i = 0; i < 100; i += 1) {
      answers.push(harness.call({ host: `f${i}.default.example.com` }));
    }
    await waitFor('claims are under way', () => letGo.length === 64);
    // Those who wait in line for long go the ordinary way as well.
    await waitFor('the rest is raised', () => harness.cluster.raises.length === 36);
    const opening = setInterval(() => letGo.shift()?.(), 1);
    endings.push(() => clearInterval(opening));
    expect((await Promise.all(answers)).every((one) => one.status === 200)).toBe(true);
    expect(loadingMax).toBe(64);
  });

  it('lose nothing when two activators race for the same pods', async () => {
    const other = await new Harness({ wakeTimeoutMs: 5_000 }).start();
    others.push(other);
    const pods: FakePod[] = [];
    for (let i = 0; i < 5; i += 1) {
      const pod = await harness.addParked();
      other.activator.applyParked(pod.parkedView());
      pods.push(pod);
    }
    for (const [one, prefix] of [
      [harness, 'a'],
      [other, 'b'],
    ] as const) {
      one.cluster.onRaise = (raised) => {
        const revision = raised.split('/')[1] ?? '';
        void one.addPod({ revision });
      };
      for (let i = 0; i < 5; i += 1) one.addFunction(`${prefix}${i}`);
    }
    const answers = await Promise.all(
      Array.from({ length: 5 }, (_, index) => [
        harness.call({ host: `a${index}.default.example.com` }),
        other.call({ host: `b${index}.default.example.com` }),
      ]).flat(),
    );
    expect(answers.every((one) => one.status === 200)).toBe(true);
    // Each parked pod serves one Function, and five of the ten had to go the ordinary way.
    expect(new Set(pods.map((pod) => pod.bundle?.revision)).size).toBe(5);
    expect(pods.every((pod) => pod.requests === 1)).toBe(true);
    expect(harness.cluster.raises.length + other.cluster.raises.length).toBeGreaterThanOrEqual(5);
  });

  it('share a pod that two activators claim for the same Revision', async () => {
    const other = await new Harness().start();
    others.push(other);
    const pod = await harness.addParked();
    other.activator.applyParked(pod.parkedView());
    for (const one of [harness, other]) one.addFunction();
    const answers = await Promise.all([harness.call(), other.call()]);
    expect(answers.map((one) => one.status)).toEqual([200, 200]);
    expect(pod.requests).toBe(2);
    expect([...harness.cluster.raises, ...other.cluster.raises]).toEqual([]);
  });
});

describe('a claimed pod', () => {
  it('is reported until it shows as adopted, and serves all the while', async () => {
    const { reports, claims } = await listen();
    harness.addFunction();
    const pod = await harness.addParked();
    await harness.call();
    const inVain = () => reports.filter((one) => one.claims?.[0]?.uid === pod.uid).length;
    await waitFor('it is told again and again', () => inVain() >= 3);
    expect(claims()).toEqual([
      {
        ...{ namespace: 'default', revision: 'hello-00001', pod: pod.name, uid: pod.uid },
        outcome: 'serving',
      },
    ]);
    harness.adopt(pod);
    const told = inVain();
    expect((await harness.call()).status).toBe(200);
    const count = reports.length;
    await waitFor('there is another report', () => reports.length > count);
    expect(inVain()).toBe(told);
    expect(pod.specializeCalls).toBe(1);
    expect(harness.state?.endpoints).toHaveLength(1);
  });

  it('goes on serving between the two watches, in whatever order they speak', async () => {
    harness.addFunction();
    const pod = await harness.addParked();
    await harness.call();
    harness.activator.removeParked(pod.parkedView());
    expect((await harness.call()).status).toBe(200);
    harness.activator.applyPod(
      pod.view({ revision: 'hello-00001', isReady: true, isAdopted: true }),
    );
    expect((await harness.call()).status).toBe(200);
    expect(pod.requests).toBe(3);
    expect(pod.specializeCalls).toBe(1);
  });

  it('is asked when it leaves the pool and shows up nowhere: it stays while it answers', async () => {
    harness.addFunction();
    const pod = await harness.addParked();
    await harness.call();
    harness.activator.removeParked(pod.parkedView());
    await waitFor('it is asked', () => pod.specializeCalls > 1);
    expect((await harness.call()).status).toBe(200);
    pod.kill();
    await waitFor('it is given up', () => harness.state?.pods.size === 0);
  });

  it('that is deleted before it is adopted gets no more requests; the next wake has another', async () => {
    harness.addFunction();
    const pod = await harness.addParked();
    await harness.call();
    harness.activator.applyParked(pod.parkedView({ isLeaving: true }));
    const next = await harness.addParked();
    expect((await harness.call()).status).toBe(200);
    expect([pod.requests, next.requests]).toEqual([1, 1]);
    harness.activator.removeParked(pod.parkedView());
  });

  it('serves nobody any more when its Revision was deleted, though one of the same name is there', async () => {
    harness.addFunction();
    await harness.offerCode();
    const pod = await harness.addParked();
    await harness.call();
    const remake = async (): Promise<void> => {
      harness.bundles.drop('default', 'hello-00001');
      harness.activator.onRevisionGone('default', 'hello-00001');
      await harness.offerCode();
    };
    await remake();
    // The second one is deleted while it is being claimed.
    const second = await harness.addParked({
      load: async (bundle) => {
        await remake();
        return loadsWell(bundle);
      },
    });
    const third = await harness.addParked();
    expect((await harness.call()).status).toBe(503);
    expect((await harness.call()).status).toBe(200);
    expect([pod.requests, second.requests, third.requests]).toEqual([1, 0, 1]);
  });

  it('that dies before it is adopted loses no request that it has not seen', async () => {
    harness.addFunction();
    const pod = await harness.addParked();
    await harness.call();
    pod.kill();
    const next = await harness.addParked();
    const answers = await callMany(20);
    expect(answers.filter((one) => one.status === 200)).toHaveLength(20);
    expect(next.requests).toBe(20);
  });

  it('adopted through another activator is asked before it gets requests, whatever its probe says', async () => {
    harness.addFunction();
    const pod = await harness.addParked();
    harness.adopt(pod);
    await waitFor('it is asked', () => pod.specializeCalls === 1);
    expect((await harness.call()).status).toBe(200);
  });
});
