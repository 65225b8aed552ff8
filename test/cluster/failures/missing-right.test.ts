// The activator's role loses a verb while it runs: callers hear which, and all is well when it is back.

import { describe, expect, it } from '@jest/globals';
import type { KubeObject, Resource } from '../../../api/kubernetes.ts';
import { errorCode } from '../../support/call.ts';
import { useTarget } from '../../support/use-target.ts';
import { waitFor } from '../../support/wait-for.ts';

const target = useTarget();
const inline = "export const handler = async () => ({ statusCode: 200, body: 'hello' });";
const clusterRoles: Resource<ClusterRole> = {
  ...{ group: 'rbac.authorization.k8s.io', version: 'v1', plural: 'clusterroles' },
  ...{ kind: 'ClusterRole', namespaced: false },
};

interface Rule {
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

interface ClusterRole extends KubeObject {
  readonly rules: readonly Rule[];
}

describe('an activator that may not scale', () => {
  it('says which right is missing while the controller wakes for it, and wakes when it has it again', async () => {
    const { kube } = target();
    await target().deploy('kept-down', {
      runtime: 'node',
      source: { inline },
      // A claim needs no right.
      pool: false,
      scaling: { idleSeconds: 1 },
    });
    await target().sleeps('kept-down', 60_000);
    const role = await findRole();
    const rules = role.rules.map((rule) =>
      rule.resources.includes('deployments/scale') ? { ...rule, verbs: ['get'] } : rule,
    );
    const write = (value: readonly Rule[]) =>
      kube.patch(clusterRoles, { name: role.metadata.name }, { rules: value });
    await write(rules);
    try {
      // The API server's own view of the roles lags a little, so the first call may still wake it.
      await waitFor(
        async () => {
          const answer = await target().call('kept-down');
          // The controller sees that somebody waits, and may scale: mostly it is there first.
          if (answer.status !== 200) {
            expect([answer.status, errorCode(answer)]).toEqual([503, 'no_capacity']);
            expect(answer.headers['retry-after']).toBeDefined();
            expect(answer.text).toMatch(/cannot patch resource .*deployments\/scale/);
          }
          await target().sleeps('kept-down', 60_000);
          return (await activatorLog()).includes('cannot patch resource');
        },
        { what: 'the activator to say which right it has not', deadlineMs: 90_000 },
      );
    } finally {
      await write(role.rules);
    }
    await waitFor(async () => (await target().call('kept-down')).status === 200, {
      what: 'an answer',
      deadlineMs: 30_000,
    });
    await target().becomes('kept-down', { status: 'True' });
  }, 180_000);
});

async function activatorLog(): Promise<string> {
  const which = ['-l', 'app.kubernetes.io/component=activator', '--since=2m', '--tail=-1'];
  return (await target().kubectl('-n', 'rouse-system', 'logs', ...which)).stdout;
}

/** Its name has the release's in it. */
async function findRole(): Promise<ClusterRole> {
  const labelSelector = 'app.kubernetes.io/name=rouse,app.kubernetes.io/component=activator';
  const { items } = await target().kube.list(clusterRoles, { labelSelector });
  const found = items.find((one) =>
    one.rules.some((rule) => rule.resources.includes('deployments/scale')),
  );
  if (found === undefined) throw new Error(`no ClusterRole with ${labelSelector} may scale`);
  return found;
}
