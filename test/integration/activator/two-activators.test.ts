// Two activators over the same pods: a pod's own limit holds, and nobody queues behind a busy pod while another idles.

import type { RequestListener } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { attemptsMax } from '../../../activator/try-again.ts';
import { Harness, waitFor } from './harness.ts';

let harnesses: Harness[] = [];

beforeEach(async () => {
  harnesses = [await new Harness().start(), await new Harness().start()];
  for (const harness of harnesses) {
    harness.addFunction('hello', { podRequestsMax: 1 });
    harness.cluster.setReplicas('default/hello-00001', 2);
  }
});
afterEach(() => Promise.all(harnesses.map((harness) => harness.stop())));

/** As a runtime with limit 1: refuses a second request before user code sees it. */
class LimitedPod {
  readonly open: (() => void)[] = [];
  served = 0;
  refused = 0;
  inCode = 0;
  inCodeMax = 0;
  isHolding = false;

  readonly handler: RequestListener = (_request, response) => {
    if (this.inCode >= 1) {
      this.refused += 1;
      const headers = { 'x-rouse-error': 'concurrency_limited', 'x-rouse-retry-safe': 'true' };
      response.writeHead(429, headers).end('{}');
      return;
    }
    this.served += 1;
    this.inCode += 1;
    this.inCodeMax = Math.max(this.inCodeMax, this.inCode);
    const answer = (): void => {
      this.inCode -= 1;
      response.end('fine');
    };
    if (this.isHolding) this.open.push(answer);
    else setImmediate(answer);
  };
}

async function addPods(): Promise<LimitedPod[]> {
  const [first, second] = harnesses as [Harness, Harness];
  const pods = [new LimitedPod(), new LimitedPod()];
  for (const { handler } of pods) {
    const pod = await first.addPod({ handler });
    second.activator.applyPod(pod.view());
  }
  await waitFor('both serve from both', () =>
    harnesses.every((harness) => harness.state?.endpoints.length === 2),
  );
  return pods;
}

describe('two activators with limit 1', () => {
  it('serve by the idle pod while the other one is busy with a request of the other activator', async () => {
    const pods = await addPods();
    const [first, second] = harnesses as [Harness, Harness];
    for (const pod of pods) pod.isHolding = true;
    const long = first.call();
    await waitFor('one pod is busy', () => pods.some((pod) => pod.inCode === 1));
    const [busy, idle] = pods[0]?.inCode === 1 ? pods : pods.toReversed();
    if (busy === undefined || idle === undefined) throw new Error('there are two pods');
    idle.isHolding = false;
    for (const _ of [1, 2, 3, 4]) expect((await second.call()).status).toBe(200);
    expect([idle.served, busy.served]).toEqual([4, 1]);
    busy.open[0]?.();
    expect((await long).status).toBe(200);
  });

  it('hold a request as long as it may wait, however often the pods were full', async () => {
    const pods = await addPods();
    const [first, second] = harnesses as [Harness, Harness];
    for (const pod of pods) pod.isHolding = true;
    const long = [first.call(), first.call()];
    await waitFor('both pods are busy', () => pods.every((pod) => pod.inCode === 1));
    const patient = second.call();
    const refused = () => pods.reduce((sum, pod) => sum + pod.refused, 0);
    await waitFor('it was refused often', () => refused() > attemptsMax + 1);
    for (const pod of pods) {
      pod.isHolding = false;
      for (const answer of pod.open) answer();
    }
    expect((await patient).status).toBe(200);
    for (const answer of await Promise.all(long)) expect(answer.status).toBe(200);
  });

  it('never bring two requests into one pod, and lose none', async () => {
    const pods = await addPods();
    const calls = harnesses.flatMap((harness) => Array.from({ length: 20 }, () => harness.call()));
    const answers = await Promise.all(calls);
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(40);
    expect(pods.map((pod) => pod.inCodeMax)).toEqual([1, 1]);
    expect(pods.reduce((sum, pod) => sum + pod.served, 0)).toBe(40);
  });
});
