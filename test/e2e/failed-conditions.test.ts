// What keeps a Function from running lies in the cluster: it is named on the Function, callers are told, and it heals.

import { describe, expect, it } from '@jest/globals';
import type { Resource } from '../../api/kubernetes.ts';
import type { KubeEvent, KubeObject } from '../../api/kubernetes.ts';
import { events, functions } from '../../api/resources.ts';
import { errorCode } from '../support/call.ts';
import { condition } from '../support/target.ts';
import { useTarget } from '../support/use-target.ts';
import { waitFor } from '../support/wait-for.ts';

const target = useTarget();
const inline = "export const handler = async () => ({ statusCode: 200, body: 'hello' });";
const nodes: Resource = {
  ...{ group: '', version: 'v1', plural: 'nodes', kind: 'Node', namespaced: false },
};

/** Kubernetes needs a while for some of it: the kubelet pulls twice before it backs off. */
const deadlineMs = 45_000;

async function isNotReady(name: string, reason: RegExp): Promise<string> {
  let last: unknown;
  try {
    return await waitFor(
      async () => {
        const found = await target().get(name);
        const ready = condition(found, 'Ready');
        last = ready;
        return ready?.status === 'False' && reason.test(ready.reason ?? '') && ready.message;
      },
      { what: `${name} to be not Ready for ${reason.source}`, deadlineMs },
    );
  } catch (error) {
    throw new Error(`${(error as Error).message}; it says ${JSON.stringify(last)}`, {
      cause: error,
    });
  }
}

async function hasEvent(name: string, reason: RegExp): Promise<string> {
  return waitFor(
    async () => {
      const { items } = await target().kube.list<KubeEvent>(events, {
        namespace: target().namespace,
      });
      const found = items.find(
        (one) => one.involvedObject.name === name && reason.test(one.reason ?? ''),
      );
      return found?.message;
    },
    { what: `an Event of ${name} with ${reason.source}`, deadlineMs },
  );
}

async function answersAgain(name: string): Promise<void> {
  await waitFor(async () => (await target().call(name)).status === 200, {
    what: `${name} to answer`,
    deadlineMs: 60_000,
  });
}

describe('an image that can not be pulled', () => {
  it('is told with the kubelet’s words, fails callers with 502 at once, and heals by another image', async () => {
    await target().apply('unpulled', { image: 'registry.invalid/no/such:image' });
    const message = await isNotReady('unpulled', /^(ErrImagePull|ImagePullBackOff)$/);
    expect(message).toContain('registry.invalid/no/such');
    expect(await hasEvent('unpulled', /ImagePull/)).toContain('unpulled-00001');
    const answer = await target().call('unpulled');
    expect([answer.status, errorCode(answer)]).toEqual([502, 'function_failed_to_load']);
    expect(answer.text).toContain('registry.invalid/no/such');
    await target().apply('unpulled', { runtime: 'node', source: { inline } });
    await target().becomes('unpulled', { status: 'True' });
    await answersAgain('unpulled');
  }, 120_000);
});

describe('a pod that no node takes', () => {
  it('is told with the scheduler’s words, gives callers 503 with Retry-After, and heals by a node', async () => {
    const { kube } = target();
    const label = `rouse.dev/e2e-${target().namespace}`;
    await target().apply('homeless', {
      runtime: 'node',
      source: { inline },
      podTemplate: { nodeSelector: { [label]: 'yes' } },
    });
    const message = await isNotReady('homeless', /^Unschedulable$/);
    expect(message).toMatch(/nodes are available/);
    expect(await hasEvent('homeless', /^Unschedulable$/)).toMatch(/nodes are available/);
    const answer = await target().call('homeless');
    expect([answer.status, errorCode(answer)]).toEqual([503, 'no_capacity']);
    expect(answer.headers['retry-after']).toBeDefined();
    expect(answer.text).toMatch(/Unschedulable.*nodes are available/);
    const [node] = (await kube.list<KubeObject>(nodes)).items;
    if (node === undefined) throw new Error('a cluster without a node');
    const setLabel = (value: string | null) =>
      kube.patch(nodes, { name: node.metadata.name }, { metadata: { labels: { [label]: value } } });
    await setLabel('yes');
    try {
      await waitFor(
        async () => condition(await target().get('homeless'), 'Ready')?.status === 'True',
        {
          what: 'homeless to be Ready',
          deadlineMs: 60_000,
        },
      );
      await answersAgain('homeless');
    } finally {
      await setLabel(null);
      await kube.delete(functions, { name: 'homeless', namespace: target().namespace });
    }
  }, 180_000);
});
