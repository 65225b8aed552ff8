// Shutdown and the admin port: what is in flight ends well, and operators see the state.

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AddressInfo } from 'node:net';
import { createAdminServer } from '../../../activator/admin-server.ts';
import { Harness, waitFor } from './harness.ts';

let harness: Harness;

beforeEach(async () => {
  harness = await new Harness({ wakeTimeoutMs: 5_000 }).start();
});
afterEach(() => harness.stop());

describe('a drain', () => {
  it('lets what is in flight or waiting finish, and accepts nothing new', async () => {
    harness.addFunction();
    const answer = harness.call();
    await waitFor('it waits', () => harness.state?.queue.length === 1);
    const drained = harness.activator.drain(5_000);
    await harness.addPod();
    const { status, headers } = await answer;
    expect(status).toBe(200);
    expect(headers.connection).toBe('close');
    await drained;
    await expect(harness.call()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  // Those that were kept alive would otherwise break when it ends, some of them under a request on its way.
  it('begins with answers that end their connections, while new ones are still taken', async () => {
    harness.addFunction();
    harness.wakesWith({});
    const asked = { headers: { connection: 'keep-alive' } };
    expect((await harness.call(asked)).headers.connection).toBe('keep-alive');
    harness.activator.leave();
    for (const _ of [1, 2]) {
      const { status, headers } = await harness.call(asked);
      expect([status, headers.connection]).toEqual([200, 'close']);
    }
  });

  it('ends what does not finish in time', async () => {
    harness.addFunction();
    harness.cluster.setReplicas('default/hello-00001', 1);
    await harness.addPod({ handler: () => undefined });
    const answer = harness.call().catch((error: NodeJS.ErrnoException) => error.code);
    await waitFor('it is in flight', () => harness.pods[0]?.requests === 1);
    await harness.activator.drain(50);
    expect(await answer).toBe('ECONNRESET');
  });
});

describe('the admin port', () => {
  it('shows metrics, liveness and readiness', async () => {
    harness.addFunction();
    harness.wakesWith({});
    await harness.call();
    await harness.call({ host: 'nobody.nowhere.example.com' });
    let obstacle: string | undefined = 'waiting for the keys';
    const { registry } = harness.activator.metrics;
    const server = createAdminServer({ registry, findObstacle: () => obstacle });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect((await fetch(`${base}/healthz`)).status).toBe(200);
    const notReady = await fetch(`${base}/readyz`);
    expect(notReady.status).toBe(503);
    expect(await notReady.text()).toContain('keys');
    obstacle = undefined;
    expect((await fetch(`${base}/readyz`)).status).toBe(200);
    const text = await (await fetch(`${base}/metrics`)).text();
    expect(text).toContain(
      'rouse_requests_total{namespace="default",function="hello",code="200",error=""} 1',
    );
    expect(text).toContain('code="404",error="function_not_found"} 1');
    expect(text).not.toContain('nobody');
    expect(text).toContain('rouse_cold_starts_total{path="ordinary",result="ok"} 1');
    expect(text).toContain('rouse_cold_start_phase_seconds_count{phase="schedule"} 1');
    expect(text).toContain('rouse_queue_depth 0');
    expect(text).toContain('rouse_in_flight 0');
    await harness.activator.metrics.forgetFunction('default', 'hello');
    expect(await registry.metrics()).not.toContain('function="hello"');
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});
