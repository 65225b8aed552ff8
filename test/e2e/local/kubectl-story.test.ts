// The story of the README, line by line, with a real kubectl and the examples.

import { describe, expect, it } from '@jest/globals';
import { resolve } from 'node:path';
import { call, type Answer } from '../../support/call.ts';
import { runKubectl } from '../../support/platform.ts';
import { hasKubectl, useTarget } from '../../support/use-target.ts';
import { waitFor } from '../../support/wait-for.ts';

const target = useTarget({ isLocal: true });
const story = hasKubectl() ? describe : describe.skip;
const example = (name: string) => resolve(import.meta.dirname, `../../../examples/${name}.yaml`);

/** In the namespace default, as the README says it. */
const kubectl = (...args: string[]) => runKubectl({ kubeconfig: target().kubeconfig, args });

/** Through the address that `kubectl get functions` shows. */
async function callHello(): Promise<Answer> {
  const { stdout } = await kubectl('get', 'function', 'hello', '-o', 'jsonpath={.status.url}');
  return call({ gatewayUrl: target().gatewayUrl, host: new URL(stdout).host });
}

story('a newcomer with kubectl', () => {
  it('applies hello, calls it, sees its pod come and go, reads why, and deletes it', async () => {
    await expectReady();
    await expectAtZero();
    await expectAnswerAndPod();
    await expectSleep();
    await expectReasons();
    await expectNothingLeft();
  });

  it('reads what a function wrote, by its Deployment', async () => {
    const inline =
      "export const handler = async () => { console.log('wrote this'); return { statusCode: 200, body: 'x' }; };";
    await target().deploy('writes', { runtime: 'node', source: { inline } });
    expect((await target().call('writes')).status).toBe(200);
    const logs = await waitFor(
      async () => {
        const answer = await target().kubectl('logs', 'deployment/writes-00001');
        // Until the pod that was made beside an adopted one is gone, kubectl says that it found two.
        return answer.stdout.includes('wrote this') && answer.stderr === '' && answer;
      },
      { what: 'the line in the log of one pod' },
    );
    expect([logs.code, logs.stderr]).toEqual([0, '']);
  });
});

async function expectReady(): Promise<void> {
  const applied = await kubectl('apply', '-f', example('hello'));
  expect([applied.stdout.trim(), applied.code]).toEqual(['function.rouse.dev/hello created', 0]);
  const waited = await kubectl(
    ...['wait', '--for=condition=Ready', 'function/hello', '--timeout=20s'],
  );
  expect([waited.code, waited.stdout]).toEqual([0, expect.stringContaining('condition met')]);
}

async function expectAtZero(): Promise<void> {
  const listed = await kubectl('get', 'functions');
  const [head = '', row = ''] = listed.stdout.split('\n');
  expect(head).toMatch(/NAME\s+URL\s+READY\s+REASON\s+REPLICAS\s+REVISION\s+AGE/);
  expect(row).toMatch(/^hello\s+http:\/\/hello\.\S+\s+True\s+\S*\s+0\s+hello-00001/);
}

async function expectAnswerAndPod(): Promise<void> {
  expect((await callHello()).status).toBe(200);
  // READY follows the kubelet's probe; a request waits for neither.
  const pods = await waitFor(
    async () => {
      const listed = await kubectl('get', 'pods', '-l', 'rouse.dev/function=hello');
      return / 1\/1 /.test(listed.stdout) && listed;
    },
    { what: 'kubectl to show the pod as ready' },
  );
  // One from the warm pool keeps the name it had there.
  expect(pods.stdout).toMatch(/(hello-00001|rouse-pool-node)-\S+\s+1\/1\s+Running\s+0/);
}

async function expectSleep(): Promise<void> {
  await kubectl(
    ...['patch', 'fn', 'hello', '--type=merge', '-p', '{"spec":{"scaling":{"idleSeconds":1}}}'],
  );
  await waitFor(
    async () =>
      (await kubectl('get', 'pods', '-l', 'rouse.dev/function=hello')).stderr.includes(
        'No resources found',
      ),
    {
      what: 'no pod',
    },
  );
}

/** An Event for each decision of scaling. */
async function expectReasons(): Promise<void> {
  const described = await waitFor(
    async () => {
      const { stdout } = await kubectl('describe', 'function', 'hello');
      return /Events:[\s\S]*Scal/i.test(stdout) && stdout;
    },
    { what: 'Events of scaling' },
  );
  expect(described).toMatch(/Latest Ready Revision:\s+hello-00001/);
  expect(described).toMatch(/Woke|Scaled/i);
}

/** Everything it owned goes too. */
async function expectNothingLeft(): Promise<void> {
  const deleted = await kubectl('delete', '-f', example('hello'));
  expect([deleted.code, deleted.stdout]).toEqual([0, expect.stringContaining('deleted')]);
  const kinds = 'functions,revisions,deployments,replicasets,pods,services,endpointslices';
  await waitFor(async () => !(await kubectl('get', kinds, '-o', 'name')).stdout.includes('hello'), {
    what: 'nothing to be left of hello',
  });
  const left = await kubectl('get', kinds, '-o', 'name');
  expect(left.stdout).not.toContain('hello');
}
