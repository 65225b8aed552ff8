// A ResourceQuota that leaves no pod: at the first proof, and at a later wake. Only a real cluster enforces quotas.

import { describe, expect, it } from '@jest/globals';
import type { KubeEvent, KubeObject, Resource } from '../../../api/kubernetes.ts';
import { events } from '../../../api/resources.ts';
import { errorCode } from '../../support/call.ts';
import { condition } from '../../support/target.ts';
import { useTarget } from '../../support/use-target.ts';
import { waitFor } from '../../support/wait-for.ts';

const target = useTarget();
const inline = "export const handler = async () => ({ statusCode: 200, body: 'hello' });";
const quotas: Resource = {
  ...{ group: '', version: 'v1', plural: 'resourcequotas', kind: 'ResourceQuota' },
  namespaced: true,
};

async function allowPods(pods: number): Promise<void> {
  const { kube, namespace } = target();
  const metadata = { name: 'small', namespace };
  const spec = { hard: { pods: String(pods) } };
  const found = await kube.getOrUndefined(quotas, metadata);
  const object = { apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec } as KubeObject;
  if (found === undefined) await kube.create(quotas, object);
  else await kube.patch(quotas, metadata, { spec });
  // Until the quota's own controller has counted, every pod is refused for another reason.
  await waitFor(
    async () => {
      const seen = await kube.get(quotas, metadata);
      const { status } = seen as { status?: { hard?: { pods?: string } } };
      return status?.hard?.pods === String(pods);
    },
    { what: 'the quota to be counted', deadlineMs: 20_000 },
  );
}

function ready(status: string, reason?: string): Promise<string | true> {
  return waitFor(
    async () => {
      const found = condition(await target().get('bounded'), 'Ready');
      if (found?.status !== status) return false;
      return reason === undefined || (found.reason === reason && (found.message ?? true));
    },
    { what: `bounded to be ${status} ${reason ?? ''}`, deadlineMs: 60_000 },
  );
}

describe('a quota that is used up', () => {
  it('is named on the Function, by an Event and to callers, and heals when there is room', async () => {
    const { kube, namespace } = target();
    await allowPods(0);
    await target().apply('bounded', {
      runtime: 'node',
      source: { inline },
      // A parked pod is there already, whatever the quota is now.
      pool: false,
      scaling: { idleSeconds: 1 },
    });
    expect(await ready('False', 'QuotaExceeded')).toMatch(/exceeded quota: small/);
    const refused = await target().call('bounded');
    expect([refused.status, errorCode(refused)]).toEqual([503, 'no_capacity']);
    expect(refused.headers['retry-after']).toBeDefined();
    expect(refused.text).toMatch(/exceeded quota: small/);
    await allowPods(5);
    await ready('True');
    await target().sleeps('bounded', 60_000);
    await allowPods(0);
    const late = target().call('bounded');
    // Told while the caller still waits for room.
    expect(await ready('False', 'QuotaExceeded')).toMatch(/exceeded quota: small/);
    const answer = await late;
    expect([answer.status, errorCode(answer)]).toEqual([503, 'no_capacity']);
    expect(answer.text).toMatch(/exceeded quota: small/);
    const list = await kube.list<KubeEvent>(events, { namespace });
    const told = list.items.filter((one) => one.involvedObject.name === 'bounded');
    expect(told.map((one) => one.reason)).toContain('QuotaExceeded');
    await allowPods(5);
    await waitFor(async () => (await target().call('bounded')).status === 200, {
      what: 'an answer',
      deadlineMs: 60_000,
    });
    await ready('True');
  }, 240_000);
});
