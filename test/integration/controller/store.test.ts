// The controller and its Redis: what /readyz, the gauge, the log and the Events say, and that all else goes on without.

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { KubeEvent } from '../../../api/kubernetes.ts';
import { system } from '../../../api/names.ts';
import { events, functions, leases } from '../../../api/resources.ts';
import type { Log } from '../../../platform/process/log.ts';
import {
  inlineFunction,
  startControllerCluster,
  waitForCondition,
  type ControllerCluster,
  type TestController,
} from '../../support/controller-cluster.ts';
import { hasRedis, TestRedis } from '../../support/redis-server.ts';
import { waitFor } from '../../support/wait-for.ts';

const suite = hasRedis() ? describe : describe.skip;
const namespace = system.namespaceDefault;
let cluster: ControllerCluster;
let redis: TestRedis;
let controller: TestController | undefined;
let lines: string[] = [];

const note = (fields: object, message: string): void => {
  lines.push(`${message} ${JSON.stringify(fields)}`);
};
const log: Log = { debug: note, info: note, warn: note, error: note };

beforeAll(async () => {
  if (suite === describe.skip) return;
  cluster = await startControllerCluster();
});
afterAll(() => cluster?.stop());
afterEach(async () => {
  await controller?.stop();
  controller = undefined;
  await redis?.dispose();
});

async function start(url: string): Promise<void> {
  lines = [];
  controller = await cluster.startController({ env: { ROUSE_REDIS_URL: url }, log });
}

const ask = async (path: string): Promise<{ status: number; text: string }> => {
  const answer = await fetch(`http://127.0.0.1:${controller?.port}${path}`);
  return { status: answer.status, text: await answer.text() };
};

async function gaugeSays(value: number): Promise<void> {
  const line = new RegExp(`^rouse_store_up ${value}$`, 'm');
  await waitFor(async () => line.test((await ask('/metrics')).text), {
    what: `rouse_store_up ${value}`,
  });
}

/** About this test's Redis alone. */
async function waitForEvent(reason: string, count = 1): Promise<KubeEvent> {
  return await waitFor(
    async () => {
      const { items } = await cluster.client.list(events, { namespace });
      return items.find(
        (one) =>
          one.reason === reason &&
          one.count === count &&
          one.message?.includes(`127.0.0.1:${redis.port}`),
      );
    },
    { what: `${count} ${reason}` },
  );
}

const linesAbout = (word: string): string[] => lines.filter((line) => line.includes(word));

suite('the controller with a Redis', () => {
  it('says that it is there, when it went, and when it came back, once each', async () => {
    redis = await TestRedis.start();
    await start(redis.url());
    await gaugeSays(1);
    expect(await ask('/readyz')).toEqual({ status: 200, text: 'ok\n' });

    await redis.kill();
    await gaugeSays(0);
    const warning = await waitForEvent('StoreUnavailable');
    const ref = { namespace, name: system.controllerLease };
    const { metadata } = await cluster.client.get(leases, ref);
    expect(warning).toMatchObject({
      type: 'Warning',
      involvedObject: { kind: 'Lease', name: system.controllerLease, uid: metadata.uid },
    });
    const { status, text } = await ask('/readyz');
    expect(status).toBe(200);
    expect(text).toMatch(/^ok, but:\nRedis at redis:\/\/127\.0\.0\.1:\d+ /);

    // Functions are proved and get Ready as ever.
    await cluster.client.create(functions, inlineFunction('without-a-store'));
    await waitForCondition(cluster.client, 'without-a-store', { status: 'True' });

    await redis.start();
    await gaugeSays(1);
    expect(await waitForEvent('StoreAvailable')).toMatchObject({ type: 'Normal' });
    expect(await ask('/readyz')).toEqual({ status: 200, text: 'ok\n' });
    expect(linesAbout('synchronous calls and scaling go on')).toHaveLength(1);
    expect(linesAbout('Redis answers')).toHaveLength(2);
  });

  it('says that it is full though it still answers', async () => {
    redis = await TestRedis.start('--maxmemory', '100kb', '--maxmemory-policy', 'noeviction');
    await start(redis.url());
    expect((await waitForEvent('StoreUnavailable')).message).toContain('raise its maxmemory');
    await gaugeSays(0);
    redis.command([], 'CONFIG', 'SET', 'maxmemory', '100mb');
    await gaugeSays(1);
    await waitForEvent('StoreAvailable');
  });

  it('never says the password that was refused', async () => {
    redis = await TestRedis.start('--requirepass', 'right');
    await start(redis.url(':Hidden-1234@'));
    const event = await waitForEvent('StoreUnavailable');
    expect(event.message).toContain('correct the Secret');
    const all = [...lines, JSON.stringify(event), (await ask('/readyz')).text];
    all.push((await ask('/metrics')).text);
    expect(all.filter((text) => text.includes('Hidden-1234'))).toEqual([]);
  });

  it('stops at once though Redis answers nothing', async () => {
    redis = await TestRedis.start();
    await start(redis.url());
    await gaugeSays(1);
    redis.freeze();
    await controller?.stop();
    controller = undefined;
    redis.goOn();
    expect(linesAbout('synchronous calls')).toEqual([]);
  });
});

suite('the controller without a Redis', () => {
  it('has no gauge of one', async () => {
    controller = await cluster.startController({});
    expect((await ask('/metrics')).text).not.toContain('rouse_store_up');
    expect((await ask('/readyz')).text).toBe('ok\n');
  });
});
