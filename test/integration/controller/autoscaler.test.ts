// Scaling by what activators report, against real Deployments and pods.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RouseFunction } from '../../../api/function.ts';
import type { Pod } from '../../../api/kubernetes.ts';
import { annotations, system } from '../../../api/names.ts';
import { deployments, functions, pods, secrets } from '../../../api/resources.ts';
import type { RevisionSample, WakeReport } from '../../../api/wire.ts';
import {
  inlineFunction,
  startControllerCluster,
  waitForCondition,
  waitForEvent,
  waitForRevision,
  type ControllerCluster,
  type TestController,
} from '../../support/controller-cluster.ts';
import { waitFor } from '../../support/wait-for.ts';

let cluster: ControllerCluster;
let controller: TestController;
let token: string;

beforeAll(async () => {
  cluster = await startControllerCluster();
  controller = await cluster.startController();
  const ref = { namespace: system.namespaceDefault, name: system.keySecret };
  const secret = await cluster.client.get(secrets, ref);
  token = Buffer.from(secret.data?.['internalToken'] ?? '', 'base64').toString();
});

afterAll(async () => {
  await controller?.stop();
  await cluster?.stop();
});

const url = (path: string): string => `http://127.0.0.1:${controller.port}${path}`;

/** Posts as an activator does. */
async function report(
  samples: readonly Partial<RevisionSample>[],
  wakes: readonly Partial<WakeReport>[] = [],
): Promise<void> {
  const trivial = { namespace: 'default', concurrency: 0, requests: 0, inFlight: 0, pods: {} };
  const body = {
    activator: 'test',
    sentAtMs: Date.now(),
    revisions: samples.map((one) => ({ ...trivial, ...one })),
    wakes: wakes.map((one) => ({ namespace: 'default', durationMs: 1, ...one })),
  };
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(url('/v1/samples'), {
    ...{ method: 'POST', headers, body: JSON.stringify(body) },
  });
  expect(response.status).toBe(204);
}

async function apply(name: string, spec: object): Promise<RouseFunction> {
  await cluster.client.create(functions, inlineFunction(name, spec));
  return waitForCondition(cluster.client, name, { status: 'True' });
}

const at = (name: string) => ({ namespace: 'default', name });

/** As an activator wakes it. */
async function wake(revision: string): Promise<void> {
  const body = { spec: { replicas: 1 } };
  await cluster.client.patch(deployments, at(revision), body, { subresource: 'scale' });
}

async function replicasOf(revision: string): Promise<number | undefined> {
  return (await cluster.client.get(deployments, at(revision))).spec.replicas;
}

/** Reports once per look, until the Deployment wants that many. */
async function reportUntil(sample: Partial<RevisionSample>, replicas: number): Promise<void> {
  await waitFor(
    async () => {
      await report([sample]);
      return (await replicasOf(sample.revision ?? '')) === replicas;
    },
    { what: `${sample.revision} at ${replicas}`, stepMs: 50, deadlineMs: 15_000 },
  );
}

async function podsOf(revision: string): Promise<Pod[]> {
  const list = await cluster.client.list(pods, { labelSelector: `rouse.dev/revision=${revision}` });
  return list.items.filter((one) => one.metadata.deletionTimestamp === undefined);
}

describe('the autoscaler', () => {
  it('grows under load, says why, and sleeps when nothing is in flight', async () => {
    await apply('busy', { scaling: { idleSeconds: 2 }, concurrency: { target: 10 } });
    await wake('busy-00001');
    const load = { revision: 'busy-00001', concurrency: 20, requests: 20, inFlight: 20 };
    await reportUntil(load, 3);
    await waitForEvent(
      cluster.client,
      'busy',
      /^ScaledUp: busy-00001 from 1 to 3: 20 concurrent, target 7/,
    );
    await reportUntil({ revision: 'busy-00001' }, 0);
    const idle = /^ScaledToZero: busy-00001 from 3 to 0: nothing in flight for 2 s/;
    await waitForEvent(cluster.client, 'busy', idle);
    await waitFor(async () => (await podsOf('busy-00001')).length === 0, { what: 'no pods' });
    const found = await waitForCondition(cluster.client, 'busy', { status: 'True' });
    expect(found.status?.replicas ?? 0).toBe(0);
  });

  it('puts to sleep what woke and was never heard of again', async () => {
    await apply('lost', { scaling: { idleSeconds: 1 } });
    await wake('lost-00001');
    await waitFor(async () => (await replicasOf('lost-00001')) === 0, { what: 'lost at 0' });
  });

  it('keeps minReplicas without a call, and follows when they change', async () => {
    await apply('kept', { scaling: { minReplicas: 2, idleSeconds: 1 } });
    await waitFor(async () => (await podsOf('kept-00001')).length === 2, { what: 'two pods' });
    await cluster.client.patch(functions, at('kept'), { spec: { scaling: { minReplicas: 0 } } });
    await waitFor(async () => (await replicasOf('kept-00001')) === 0, { what: 'kept at 0' });
  });

  it('moves minReplicas to the Revision that has the traffic', async () => {
    await apply('moved', { scaling: { minReplicas: 1 } });
    await waitFor(async () => (await replicasOf('moved-00001')) === 1, { what: 'the first at 1' });
    const source = { inline: 'export const handler = () => 2' };
    await cluster.client.patch(functions, at('moved'), { spec: { source } });
    await waitForRevision(cluster.client, 'moved', 'moved-00002');
    await waitFor(async () => (await replicasOf('moved-00002')) === 1, { what: 'the second at 1' });
    await waitFor(async () => (await replicasOf('moved-00001')) === 0, { what: 'the first at 0' });
  });

  it('marks busy pods before it scales in, so that idle ones go first', async () => {
    const scaling = { minReplicas: 3, idleSeconds: 600 };
    await apply('marked', { scaling });
    const up = await waitFor(
      async () => {
        const all = await podsOf('marked-00001');
        return all.length === 3 && all;
      },
      { what: 'three pods' },
    );
    const busy = up[1]?.metadata.name ?? '';
    await report([
      { revision: 'marked-00001', concurrency: 4, requests: 4, inFlight: 4, pods: { [busy]: 4 } },
    ]);
    await cluster.client.patch(functions, at('marked'), {
      spec: { scaling: { minReplicas: 0, maxReplicas: 1 } },
    });
    await waitFor(async () => (await podsOf('marked-00001')).length === 1, { what: 'one pod' });
    const [left] = await podsOf('marked-00001');
    expect(left?.metadata.name).toBe(busy);
    expect(left?.metadata.annotations?.[annotations.podDeletionCost]).toBe('4');
  });

  it('tells of a failed wake on the Function, until one succeeds', async () => {
    await apply('stuck', {});
    const failure = { code: 'wake_timeout', message: 'no node has room' };
    await report([], [{ revision: 'stuck-00001', failure }]);
    const reason = 'WakeFailed';
    const failed = await waitForCondition(cluster.client, 'stuck', { status: 'False', reason });
    const ready = failed.status?.conditions?.find((one) => one.type === 'Ready');
    expect(ready?.message).toContain('no node has room');
    const revision = failed.status?.conditions?.find((one) => one.type === 'RevisionReady');
    expect(revision?.status).toBe('True');
    await waitForEvent(cluster.client, 'stuck', /^WakeFailed: .*no node has room/);
    await report([], [{ revision: 'stuck-00001' }]);
    await waitForCondition(cluster.client, 'stuck', { status: 'True' });
    await waitForEvent(cluster.client, 'stuck', /^ScaledUp: stuck-00001 from 0 to 1: woken/);
  });

  it('writes nothing for Revisions that nobody knows', async () => {
    await report(
      [{ revision: 'nobody-00001', inFlight: 9, concurrency: 9 }],
      [{ revision: 'nobody-00001', failure: { code: 'x', message: 'y' } }],
    );
    expect((await fetch(url('/healthz'))).status).toBe(200);
  });
});

describe('the HTTP of the controller', () => {
  it.each([
    ['no token', {}, '{}', 401],
    ['a wrong token', { authorization: 'Bearer nope' }, '{}', 401],
  ])('refuses %s', async (_, headers, body, status) => {
    const response = await fetch(url('/v1/samples'), { method: 'POST', headers, body });
    expect(response.status).toBe(status);
  });

  it.each([
    ['what is no report', '{}', 400],
    ['what is too long', `"${'x'.repeat(1024 * 1024)}"`, 413],
  ])('refuses %s', async (_, body, status) => {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(url('/v1/samples'), { method: 'POST', headers, body });
    expect(response.status).toBe(status);
  });

  it('has health and metrics', async () => {
    expect((await fetch(url('/readyz'))).status).toBe(200);
    const text = await (await fetch(url('/metrics'))).text();
    expect(text).toContain('rouse_controller_leader 1');
    expect(text).toMatch(/rouse_controller_proof_seconds_count\{result="ready"\} \d+/);
    expect(text).toMatch(/rouse_controller_scale_decisions_total\{reason="ScaledUp"\} \d+/);
    expect((await fetch(url('/nope'))).status).toBe(404);
  });
});
