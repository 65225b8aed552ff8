// Waking and holding: what callers of a sleeping function get, with real sockets and pods that come and go.

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FakePod } from './fake-pod.ts';
import { codeOf, Harness, until } from './harness.ts';

let harness: Harness;

beforeEach(async () => {
  harness = await new Harness({ wakeTimeoutMs: 5_000 }).start();
});
afterEach(() => harness.stop());

describe('a wake', () => {
  it('answers a request that came at zero', async () => {
    harness.addFunction();
    harness.wakesWith({});
    const answer = await harness.call();
    expect(answer.status).toBe(200);
    expect(answer.body).toBe('hello');
    expect(answer.headers['server-timing']).toMatch(
      /^queue;dur=[\d.]+, claim;dur=[\d.]+.*handler;dur=[\d.]+$/,
    );
  });

  it('happens once for a hundred requests at the same time', async () => {
    harness.addFunction();
    harness.wakesWith({});
    const answers = await Promise.all(Array.from({ length: 100 }, () => harness.call()));
    expect(answers.every((one) => one.status === 200)).toBe(true);
    expect(harness.cluster.raises).toEqual(['default/hello-00001']);
    expect(harness.pods).toHaveLength(1);
    expect((harness.pods[0] as FakePod).specializeCalls).toBe(1);
    expect(harness.cluster.reads).toBe(1);
  });

  it('that runs out of budget gives 504 and sends nothing, and the next request tries again at once', async () => {
    await harness.stop();
    harness = await new Harness({ wakeTimeoutMs: 100 }).start();
    harness.addFunction();
    const late = await harness.call();
    expect(late.status).toBe(504);
    expect(codeOf(late)).toBe('wake_timeout');
    harness.cluster.setReplicas('default/hello-00001', 0);
    harness.wakesWith({});
    expect((await harness.call()).status).toBe(200);
    expect(harness.cluster.raises).toHaveLength(2);
    expect(harness.pods[0]?.requests).toBe(1);
  });
});

it('waits for conditions only', async () => {
  await until('it holds', () => true);
  expect(true).toBe(true);
});
