// The main job: a Function at zero is woken by its callers, answers them all, and goes back to zero.

import { describe, expect, it } from '@jest/globals';
import { functions } from '../../api/resources.ts';
import { call, errorCode } from '../support/call.ts';
import { condition } from '../support/target.ts';
import { useTarget } from '../support/use-target.ts';
import { waitFor } from '../support/wait-for.ts';

const target = useTarget();
const quickSleep = { idleSeconds: 1 };
const inline =
  "export const handler = async (event) => ({ statusCode: 200, body: 'hello ' + event.rawPath });";
const slow = (ms: number) =>
  `export const handler = async () => { await new Promise((done) => setTimeout(done, ${ms})); return { statusCode: 200, body: 'slow' }; };`;

describe('a Function at zero', () => {
  it('is Ready without a pod, and says where it can be called', async () => {
    const ready = await target().deploy('quiet', { runtime: 'node', source: { inline } });
    expect(ready.status?.url).toMatch(/^http:\/\/quiet\./);
    expect(ready.status?.latestReadyRevision).toBe('quiet-00001');
    expect(ready.status?.traffic).toEqual([{ revision: 'quiet-00001', percent: 100 }]);
    expect(condition(ready, 'RevisionReady')?.status).toBe('True');
    expect(condition(ready, 'RoutesReady')?.status).toBe('True');
    await target().sleeps('quiet');
  });

  it('wakes for one request, serves it, and sleeps again after idleSeconds', async () => {
    await target().deploy('main', { runtime: 'node', source: { inline }, scaling: quickSleep });
    await target().sleeps('main');
    const answer = await target().call('main', { path: '/there' });
    expect([answer.status, answer.text]).toEqual([200, 'hello /there']);
    expect(answer.headers['x-request-id']).toMatch(/\S/);
    expect(answer.headers['x-rouse-error']).toBeUndefined();
    expect(answer.headers['server-timing']).toMatch(/queue;dur=[\d.]+/);
    await target().runningPodsOf('main');
    await waitFor(async () => (await target().get('main')).status?.replicas === 1, {
      what: 'status.replicas of 1',
    });
    await target().sleeps('main');
    expect((await target().call('main')).status).toBe(200);
  });

  it('answers 100 callers at once by one wake', async () => {
    await target().deploy('crowd', { runtime: 'node', source: { inline }, scaling: quickSleep });
    await target().sleeps('crowd');
    const host = await target().hostOf('crowd');
    const { gatewayUrl } = target();
    const calls = Array.from({ length: 100 }, (_, at) =>
      call({ gatewayUrl, host, path: `/${at}` }),
    );
    const answers = await Promise.all(calls);
    expect(answers.map((answer) => answer.text)).toEqual(
      Array.from({ length: 100 }, (_, at) => `hello /${at}`),
    );
    expect(await target().runningPodsOf('crowd')).toHaveLength(1);
  });

  it('serves every request that arrives while its last pod is going away', async () => {
    await target().deploy('ebb', { runtime: 'node', source: { inline }, scaling: quickSleep });
    const host = await target().hostOf('ebb');
    const { gatewayUrl } = target();
    for (let round = 0; round < 3; round += 1) {
      const first = await call({ gatewayUrl, host });
      expect(first.status).toBe(200);
      // The moment matters, not the wait: calls start as soon as the pod is told to go.
      await waitFor(async () => (await target().podsOf('ebb')).length === 0, {
        what: 'the pod to be told to go',
        stepMs: 5,
      });
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => call({ gatewayUrl, host })),
      );
      expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 200));
      expect(Math.max(...answers.map((answer) => answer.totalMs))).toBeLessThan(3_000);
    }
  });
});

describe('a Function under load', () => {
  it('scales out over its target and back in, and loses no request to either', async () => {
    await target().deploy('tide', {
      runtime: 'node',
      source: { inline: slow(200) },
      concurrency: { target: 1 },
      scaling: { idleSeconds: 2, stableWindowSeconds: 6, maxReplicas: 4 },
    });
    const host = await target().hostOf('tide');
    const { gatewayUrl } = target();
    let isOver = false;
    const statuses: number[] = [];
    const caller = async () => {
      while (!isOver) statuses.push((await call({ gatewayUrl, host })).status);
    };
    const callers = Array.from({ length: 4 }, caller);
    await waitFor(async () => (await target().podsOf('tide')).length >= 3, {
      what: 'three pods or more',
      deadlineMs: 20_000,
    });
    isOver = true;
    await Promise.all(callers);
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    expect((await target().podsOf('tide')).length).toBeLessThanOrEqual(4);
    await target().sleeps('tide');
  });

  it('never sends a pod more at once than concurrency.limit, and serves the rest as slots free up', async () => {
    const counting =
      'let now = 0; let most = 0; export const handler = async () => { now += 1; most = Math.max(most, now); ' +
      'await new Promise((done) => setTimeout(done, 50)); now -= 1; return { statusCode: 200, body: String(most) }; };';
    await target().deploy('narrow', {
      runtime: 'node',
      source: { inline: counting },
      concurrency: { target: 40, limit: 40 },
      scaling: { idleSeconds: 2, maxReplicas: 1 },
    });
    const host = await target().hostOf('narrow');
    const { gatewayUrl } = target();
    const answers = await Promise.all(
      Array.from({ length: 150 }, () => call({ gatewayUrl, host })),
    );
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 200));
    const most = Math.max(...answers.map((answer) => Number(answer.text)));
    expect(most).toBeLessThanOrEqual(40);
    // The limit is used, too: a queue that hands out one at a time would pass the line above.
    expect(most).toBeGreaterThan(20);
  });

  it('keeps minReplicas awake', async () => {
    await target().deploy('awake', {
      runtime: 'node',
      source: { inline },
      scaling: { minReplicas: 1, idleSeconds: 1 },
    });
    await waitFor(async () => (await target().get('awake')).status?.replicas === 1, {
      what: 'one replica that nobody called for',
    });
    const answer = await target().call('awake');
    expect(answer.status).toBe(200);
  });
});

describe('the address of a Function', () => {
  it('is its host name, or /function/NAMESPACE/NAME on any host', async () => {
    await target().deploy('found', { runtime: 'node', source: { inline } });
    const { gatewayUrl, namespace } = target();
    const path = `/function/${namespace}/found/deep/path?x=1`;
    const answer = await call({ gatewayUrl, host: 'anything.example', path });
    expect([answer.status, answer.text]).toEqual([200, 'hello /deep/path']);
  });

  it('leads to 404 function_not_found when there is no such Function', async () => {
    const { gatewayUrl, namespace } = target();
    const byPath = await call({ gatewayUrl, host: 'x', path: `/function/${namespace}/nobody/` });
    const byHost = await call({ gatewayUrl, host: `nobody.${namespace}.localhost` });
    for (const answer of [byPath, byHost]) {
      expect([answer.status, errorCode(answer)]).toEqual([404, 'function_not_found']);
      const { error } = JSON.parse(answer.text) as { error: Record<string, string> };
      expect(error).toMatchObject({ code: 'function_not_found', component: 'activator' });
      expect(error['requestId']).toBe(answer.headers['x-request-id']);
    }
  });

  it('is gone as soon as the Function is', async () => {
    await target().deploy('brief', { runtime: 'node', source: { inline } });
    const host = await target().hostOf('brief');
    const { gatewayUrl, namespace, kube } = target();
    expect((await call({ gatewayUrl, host })).status).toBe(200);
    await kube.delete(functions, { name: 'brief', namespace });
    await waitFor(async () => (await call({ gatewayUrl, host })).status === 404, { what: '404' });
    await waitFor(async () => (await target().podsOf('brief')).length === 0, {
      what: 'its pods to be collected',
    });
  });
});

describe('a request id', () => {
  it('that the caller gives comes back, and reaches the function', async () => {
    const echo =
      "export const handler = async (event) => ({ statusCode: 200, body: event.headers['x-request-id'] });";
    await target().deploy('named', { runtime: 'node', source: { inline: echo } });
    const answer = await target().call('named', { headers: { 'x-request-id': 'mine-1' } });
    expect([answer.text, answer.headers['x-request-id']]).toEqual(['mine-1', 'mine-1']);
  });
});
