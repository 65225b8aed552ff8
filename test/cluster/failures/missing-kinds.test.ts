// The CustomResourceDefinitions are deleted and put back: the platform says so, stays up, and goes on by itself.

import { describe, expect, it } from '@jest/globals';
import type { KubeObject } from '../../../api/kubernetes.ts';
import { labels } from '../../../api/names.ts';
import { customResourceDefinitions, deployments, pods } from '../../../api/resources.ts';
import { call, errorCode } from '../../support/call.ts';
import { useTarget } from '../../support/use-target.ts';
import { waitFor } from '../../support/wait-for.ts';
import { namespace as system } from '../helm-release.ts';

const target = useTarget();
const inline = "export const handler = async () => ({ statusCode: 200, body: 'hello' });";
const spec = { runtime: 'node', source: { inline } };
const names = ['functions.rouse.dev', 'revisions.rouse.dev'];
const deadlineMs = 180_000;
const adminPorts = { controller: 9091, activator: 9090 } as const;
type Part = keyof typeof adminPorts;

/** Of each pod of that part, by the API server's proxy. */
async function ask(part: Part, path: string): Promise<string[]> {
  const labelSelector = `app.kubernetes.io/component=${part}`;
  const { items } = await target().kube.list(pods, { namespace: system, labelSelector });
  const running = items.filter((pod) => pod.metadata.deletionTimestamp === undefined);
  const answers = running.map(async ({ metadata }) => {
    const url = `/api/v1/namespaces/${system}/pods/${metadata.name}:${adminPorts[part]}/proxy${path}`;
    return (await target().kubectl('get', '--raw', url)).stdout;
  });
  return Promise.all(answers);
}

function allSay(part: Part, path: string, text: RegExp): Promise<boolean> {
  const look = async (): Promise<boolean> => {
    const said = await ask(part, path);
    return said.length > 0 && said.every((one) => text.test(one));
  };
  return waitFor(look, { what: `every ${part} to say ${text} at ${path}`, deadlineMs });
}

/** How often the containers of the platform have started again, by pod. */
async function readRestarts(): Promise<Map<string, number>> {
  const labelSelector = 'app.kubernetes.io/name=rouse';
  const { items } = await target().kube.list(pods, { namespace: system, labelSelector });
  return new Map(
    items.map(({ metadata, status }) => {
      const counts = status?.containerStatuses?.map((one) => one.restartCount) ?? [];
      return [metadata.name, Math.max(0, ...counts)];
    }),
  );
}

/** Every Function of the cluster goes with them. */
async function takeAway(): Promise<KubeObject[]> {
  const { kube } = target();
  const found = names.map((name) => kube.get(customResourceDefinitions, { name }));
  const taken = await Promise.all(found);
  for (const name of names) await kube.delete(customResourceDefinitions, { name });
  const areGone = async (): Promise<boolean> => {
    const left = names.map((name) => kube.getOrUndefined(customResourceDefinitions, { name }));
    return (await Promise.all(left)).every((one) => one === undefined);
  };
  await waitFor(areGone, { what: 'the definitions to be gone', deadlineMs });
  return taken;
}

/** As they were, with what Helm knows them by. */
async function putBack(taken: readonly KubeObject[]): Promise<void> {
  for (const one of taken) {
    const { apiVersion, kind, metadata } = one;
    const { name, annotations = {} } = metadata;
    const { spec: definition } = one as { spec?: unknown };
    const made = {
      apiVersion,
      kind,
      metadata: { name, labels: metadata.labels ?? {}, annotations },
      spec: definition,
    };
    await target().kube.create(customResourceDefinitions, made as KubeObject);
  }
}

describe('CustomResourceDefinitions that are deleted', () => {
  it('are missed by name, take their Functions along, and all is well when they are back', async () => {
    const { kube, namespace, gatewayUrl } = target();
    await target().deploy('before', { ...spec, scaling: { minReplicas: 1 } });
    const host = await target().hostOf('before');
    const callBefore = () => call({ gatewayUrl, host });
    await waitFor(async () => (await callBefore()).status === 200, { what: 'an answer' });
    const restarts = await readRestarts();
    const taken = await takeAway();
    try {
      for (const part of ['controller', 'activator'] as const) {
        const sentence = /does not serve \w+\.rouse\.dev: its CustomResourceDefinition is missing/;
        await allSay(part, '/readyz', sentence);
        await allSay(part, '/metrics', /_kubernetes_api_problems\{kind="not-served",[^}]*\} 1/);
      }
      await waitFor(async () => (await callBefore()).status === 404, {
        ...{ what: 'the Function to be gone for callers', deadlineMs },
      });
      expect(errorCode(await callBefore())).toBe('function_not_found');
      const ofRevisions = { namespace, labelSelector: labels.revision };
      const isEmpty = async () => (await kube.list(deployments, ofRevisions)).items.length === 0;
      await waitFor(isEmpty, { what: 'its Deployments to be collected', deadlineMs });
    } finally {
      await putBack(taken);
    }
    for (const part of ['controller', 'activator'] as const) {
      await allSay(part, '/readyz', /^ok\s*$/);
    }
    // Not known anew for a moment: the API server has just begun to serve the kind.
    await waitFor(async () => (await target().apply('before', spec)) !== undefined, {
      ...{ what: 'the Function to be taken again', deadlineMs },
    });
    await waitFor(async () => (await callBefore()).status === 200, {
      ...{ what: 'an answer again', deadlineMs },
    });
    await waitFor(
      async () => (await target().becomes('before', { status: 'True' })) !== undefined,
      {
        ...{ what: 'the Function to be Ready', deadlineMs },
      },
    );
    // A pod of an earlier release may have gone meanwhile.
    const after = [...(await readRestarts())];
    expect(after.filter(([pod, count]) => count > (restarts.get(pod) ?? 0))).toEqual([]);
  }, 900_000);
});
