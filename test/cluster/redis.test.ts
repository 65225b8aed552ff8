// The chart's bundled Redis on a real Kubernetes: comes up, goes, comes back; Functions are served with and without it.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { KubeEvent, Pod } from '../../api/kubernetes.ts';
import { events, pods } from '../../api/resources.ts';
import { useTarget } from '../support/use-target.ts';
import { waitFor } from '../support/wait-for.ts';
import { findRelease, helm, namespace, upgrade } from './helm-release.ts';

const source = {
  inline: `export const handler = async () => ({ statusCode: 200, body: 'hello' });`,
};
const deadlineMs = 90_000;
const target = useTarget();
let installed = '';

async function kubectl(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await target().kubectl('-n', namespace, ...args);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}

async function podsOf(component: string): Promise<Pod[]> {
  const labelSelector = `app.kubernetes.io/component=${component}`;
  const { items } = await target().kube.list(pods, { namespace, labelSelector });
  return items.filter((pod) => pod.metadata.deletionTimestamp === undefined);
}

/** Of the only controller, through the API server. */
async function ask(path: string): Promise<string> {
  const [pod] = await podsOf('controller');
  const name = pod?.metadata.name ?? '';
  return await kubectl(
    'get',
    '--raw',
    `/api/v1/namespaces/${namespace}/pods/${name}:9091/proxy${path}`,
  );
}

async function gaugeSays(value: number): Promise<void> {
  const line = new RegExp(`^rouse_store_up ${value}$`, 'm');
  await waitFor(async () => line.test(await ask('/metrics')), {
    ...{ what: `rouse_store_up ${value}`, deadlineMs },
  });
}

/** How often that was told in all, by this controller and those before it. */
async function timesTold(reason: string): Promise<number> {
  const { items } = await target().kube.list(events, { namespace });
  return items
    .filter((one: KubeEvent) => one.reason === reason)
    .reduce((sum, one) => sum + (one.count ?? 1), 0);
}

async function isTold(reason: string, before: number): Promise<void> {
  await waitFor(async () => (await timesTold(reason)) > before, {
    ...{ what: `an Event ${reason}`, deadlineMs },
  });
}

describe('the bundled Redis on a real Kubernetes', () => {
  beforeAll(async () => {
    installed = await findRelease();
    await target().deploy('warm', { runtime: 'node', source, scaling: { idleSeconds: 600 } });
    await target().deploy('asleep', { runtime: 'node', source, scaling: { idleSeconds: 1 } });
    await upgrade('--set', 'redis.enabled=true');
  }, 300_000);
  afterAll(async () => {
    if (installed !== '') await helm('rollback', 'rouse', installed, '--wait', '--timeout', '180s');
  }, 300_000);

  it('comes up, and the controller writes to it', async () => {
    await gaugeSays(1);
    await waitFor(async () => (await ask('/readyz')).trim() === 'ok', {
      what: 'an ok',
      deadlineMs,
    });
  }, 120_000);

  it('takes commands only with the password, which no pod shows', async () => {
    const login = ['redis-cli', '--no-auth-warning', '-a', 'wrong', 'ping'];
    const args = ['-n', namespace, 'exec', 'deployment/rouse-redis', '--', ...login];
    const refused = await target().kubectl(...args);
    expect(refused.stdout + refused.stderr).toContain('WRONGPASS');
    const ask = ['get', 'secret/rouse-redis', '-o', 'jsonpath={.data.password}'];
    const password = Buffer.from(await kubectl(...ask), 'base64').toString();
    expect(password).toMatch(/^\w{32}$/);
    expect(await kubectl('get', 'pods,deployments,configmaps', '-o', 'json')).not.toContain(
      password,
    );
    await upgrade('--set', 'redis.resources.limits.memory=300Mi');
    expect(Buffer.from(await kubectl(...ask), 'base64').toString()).toBe(password);
    await gaugeSays(1);
  }, 240_000);

  it('runs where Pod Security is restricted, as all of the platform does', async () => {
    const label = 'pod-security.kubernetes.io/enforce=restricted';
    const args = ['label', '--overwrite', '--dry-run=server', 'namespace', namespace, label];
    expect((await target().kubectl(...args)).stderr).toBe('');
  });

  it('is missed with an Event while it is away, and Functions are called and woken as ever', async () => {
    expect((await target().call('warm')).text).toBe('hello');
    await target().sleeps('asleep');
    const [lost, found] = [await timesTold('StoreUnavailable'), await timesTold('StoreAvailable')];
    await kubectl('scale', 'deployment/rouse-redis', '--replicas=0');
    await gaugeSays(0);
    await isTold('StoreUnavailable', lost);
    expect(await ask('/readyz')).toMatch(
      /^ok, but:\nRedis at redis:\/\/rouse-redis\.rouse-system:6379 /,
    );
    expect((await target().call('warm')).text).toBe('hello');
    expect((await target().call('asleep')).text).toBe('hello');
    await target().deploy('made-without', { runtime: 'node', source });

    await kubectl('scale', 'deployment/rouse-redis', '--replicas=1');
    await gaugeSays(1);
    await isTold('StoreAvailable', found);
  }, 300_000);

  it('heals when its pod is killed', async () => {
    const [found] = [await timesTold('StoreAvailable')];
    const [before] = await podsOf('redis');
    await kubectl('delete', 'pod', before?.metadata.name ?? '', '--wait=false', '--grace-period=1');
    await isTold('StoreAvailable', found);
    await gaugeSays(1);
    const after = (await podsOf('redis')).map((pod) => pod.metadata.uid);
    expect(after).toHaveLength(1);
    expect(after).not.toContain(before?.metadata.uid);
  }, 120_000);
});
