// The API server goes away, refusing or swallowing connections, and comes back: what is warm is served all the time.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deployments, functions, leases } from '../../../api/resources.ts';
import { system } from '../../../api/names.ts';
import { readKubeconfig } from '../../../platform/kube/kubeconfig.ts';
import { startActivator, type ActivatorProcess } from '../../support/activator-process.ts';
import {
  inlineFunction,
  startControllerCluster,
  waitForCondition,
  type ControllerCluster,
  type TestController,
} from '../../support/controller-cluster.ts';
import { TcpProxy, type ProxyMode } from '../../support/tcp-proxy.ts';
import { waitFor } from '../../support/wait-for.ts';

let cluster: ControllerCluster;
let proxy: TcpProxy;
let controller: TestController;
let activator: ActivatorProcess;

/** Longer than a leader holds on without a renewal, 10 s. */
const awayMs = 13_000;
const wakeTimeoutMs = 3_000;

beforeAll(async () => {
  cluster = await startControllerCluster();
  const { hostname, port } = new URL(readKubeconfig(cluster.kubeconfig).server);
  proxy = await new TcpProxy({ host: hostname, port: Number(port) }).start();
  const server = `https://127.0.0.1:${proxy.port}`;
  controller = await cluster.startController({ server });
  activator = await startActivator({
    ...{ kubeconfig: cluster.kubeconfig, server },
    env: { ROUSE_WAKE_TIMEOUT_MS: String(wakeTimeoutMs) },
  });
}, 60_000);

afterAll(async () => {
  await proxy?.set('pass');
  await activator?.stop();
  await controller?.stop();
  await proxy?.stop();
  await cluster?.stop();
}, 60_000);

interface Answer {
  readonly status: number;
  readonly code: string | null;
  readonly retryAfter: string | null;
  readonly text: string;
}

async function call(name: string): Promise<Answer> {
  const answer = await fetch(`${activator.gatewayUrl}/function/default/${name}/`);
  const { status, headers } = answer;
  const text = await answer.text();
  return {
    ...{ status, text, code: headers.get('x-rouse-error') },
    retryAfter: headers.get('retry-after'),
  };
}

const answers = (name: string): Promise<unknown> =>
  waitFor(async () => (await call(name)).status === 200, {
    what: `${name} to answer`,
    deadlineMs: 40_000,
  });

async function replicasOf(revision: string): Promise<number | undefined> {
  const ref = { namespace: 'default', name: revision };
  return (await cluster.client.get(deployments, ref)).spec.replicas;
}

describe('while the API server is away', () => {
  it.each<ProxyMode>(['refuse', 'swallow'])(
    'warm Functions are served, sleeping ones answered by contract, and all heals: %s',
    async (mode) => {
      const { client } = cluster;
      const spec = { scaling: { idleSeconds: 3600 } };
      await client.create(functions, inlineFunction(`warm-${mode}`, spec));
      await client.create(functions, inlineFunction(`asleep-${mode}`, spec));
      for (const name of ['warm', 'asleep']) {
        await waitForCondition(client, `${name}-${mode}`, { status: 'True' });
      }
      await answers(`warm-${mode}`);
      await proxy.set(mode);
      const untilMs = performance.now() + awayMs;
      const warm: number[] = [];
      const asleep = call(`asleep-${mode}`);
      await waitFor(
        async () => {
          warm.push((await call(`warm-${mode}`)).status);
          return performance.now() > untilMs;
        },
        { what: 'the time to be over', deadlineMs: awayMs + 5_000 },
      );
      expect(new Set(warm)).toEqual(new Set([200]));
      const refused = await asleep;
      expect(refused).toMatchObject({ status: 504, code: 'wake_timeout', retryAfter: '1' });
      expect(refused.text).toMatch(/could not be scaled up: /);
      const ready = await fetch(`${activator.adminUrl}/readyz`);
      expect([ready.status, await ready.text()]).toEqual([
        ...[200, expect.stringContaining("the Kubernetes API can't be reached")],
      ]);
      await proxy.set('pass');
      await answers(`asleep-${mode}`);
      await client.create(functions, inlineFunction(`later-${mode}`, spec));
      await waitForLeader();
      await waitForCondition(client, `later-${mode}`, { status: 'True' });
      await answers(`later-${mode}`);
      // Nobody lost a pod because a leader came and went.
      expect(await replicasOf(`warm-${mode}-00001`)).toBe(1);
    },
    120_000,
  );
});

/** A swallowed request is given up after 30 s at the latest. */
function waitForLeader(): Promise<unknown> {
  const ref = { namespace: system.namespaceDefault, name: system.controllerLease };
  const startedMs = Date.now();
  return waitFor(
    async () => {
      const { spec } = await cluster.client.get(leases, ref);
      return spec.holderIdentity !== '' && Date.parse(spec.renewTime ?? '') > startedMs;
    },
    { what: 'a leader', deadlineMs: 40_000 },
  );
}
