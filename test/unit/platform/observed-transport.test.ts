// What is told of an API server that refuses, does not know a kind, or is not there.

import { describe, expect, it } from '@jest/globals';
import { KubeError } from '../../../platform/kube/kube-error.ts';
import { ObservedTransport } from '../../../platform/kube/observed-transport.ts';
import type { KubeResponse, Transport } from '../../../platform/kube/transport.ts';
import type { Log } from '../../../platform/process/log.ts';

const scalePath = '/apis/apps/v1/namespaces/shop/deployments/a/scale';
const rbac =
  'deployments.apps "a" is forbidden: User "x" cannot patch resource "deployments/scale" in API group "apps"';

function forbidden(message: string): KubeResponse {
  return { status: 403, body: { kind: 'Status', status: 'Failure', message, code: 403 } };
}

function observe(answer: () => Promise<KubeResponse>) {
  const lines: string[] = [];
  const write = (_: unknown, message: string): void => void lines.push(message);
  const log: Log = { debug() {}, info: write, warn: write, error: write };
  const inner: Transport = {
    request: answer,
    watch: async (request, _, onOpen) => {
      const { status, body } = await answer();
      if (status !== 200) throw new KubeError(status, body, `watch ${request.path}`);
      onOpen?.();
    },
  };
  return { transport: new ObservedTransport(inner, log), lines };
}

describe('ObservedTransport', () => {
  it('names verb, resource, namespace and next step of a missing right, once, and takes it back', async () => {
    let answer = forbidden(rbac);
    const { transport, lines } = observe(() => Promise.resolve(answer));
    const patch = () => transport.request({ method: 'PATCH', path: scalePath });
    await patch();
    await patch();
    expect(transport.problems).toMatchObject([
      { kind: 'forbidden', verb: 'patch', resource: 'deployments.apps/scale' },
    ]);
    expect(transport.problemText).toMatch(
      /not allowed to patch deployments\.apps\/scale in namespace "shop": .*cannot patch.*helm upgrade/,
    );
    expect(lines).toHaveLength(1);
    answer = { status: 503, body: undefined };
    await patch();
    expect(transport.problems).toHaveLength(1);
    answer = { status: 200, body: {} };
    await patch();
    expect(transport.problemText).toBeUndefined();
    expect(lines).toHaveLength(2);
  });

  it('tells nothing of a quota: that is one object’s problem, not the installation’s', async () => {
    const message = 'pods "a" is forbidden: exceeded quota: small, requested: pods=1';
    const { transport } = observe(() => Promise.resolve(forbidden(message)));
    await transport.request({ method: 'POST', path: '/api/v1/namespaces/shop/pods' });
    expect(transport.problems).toEqual([]);
  });

  it('names a kind that is not served, from a list and from a watch', async () => {
    let answer: KubeResponse = { status: 404, body: undefined };
    const { transport } = observe(() => Promise.resolve(answer));
    const path = '/apis/rouse.dev/v1alpha1/functions';
    await transport.request({ method: 'GET', path });
    await expect(transport.watch({ method: 'GET', path }, () => {})).rejects.toThrow();
    expect(transport.problems.map((one) => one.verb)).toEqual(['list', 'watch']);
    expect(transport.problemText).toMatch(
      /does not serve functions\.rouse\.dev.*CustomResourceDefinition.*helm upgrade --install/,
    );
    answer = { status: 200, body: {} };
    await transport.request({ method: 'GET', path });
    await transport.watch({ method: 'GET', path }, () => {});
    expect(transport.problems).toEqual([]);
  });

  it('does not take a missing object for a missing kind', async () => {
    const { transport } = observe(() => Promise.resolve({ status: 404, body: undefined }));
    await transport.request({ method: 'GET', path: '/api/v1/namespaces/shop/pods/a' });
    expect(transport.problems).toEqual([]);
  });

  it('tells that nobody answers until somebody does, and not when the caller gave up', async () => {
    let fails = true;
    const { transport } = observe(() =>
      fails ? Promise.reject(new Error('refused')) : Promise.resolve({ status: 404, body: {} }),
    );
    const get = (signal?: AbortSignal) =>
      transport.request({ method: 'GET', path: '/api/v1/pods', ...(signal && { signal }) });
    await expect(get(AbortSignal.abort())).rejects.toThrow();
    expect(transport.isUnreachable).toBe(false);
    await expect(get()).rejects.toThrow();
    expect(transport.problemText).toMatch(/can't be reached: refused/);
    fails = false;
    await get();
    expect(transport.isUnreachable).toBe(false);
  });
});
