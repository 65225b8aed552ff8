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
  it('answers 503 no_capacity with the missing right, and wakes when it has it again', async () => {
    const { kube } = target();
    await target().deploy('kept-down', {
      runtime: 'node',
      source: { inline },
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
      const answer = await waitFor(
        async () => {
          const seen = await target().call('kept-down');
          if (seen.status === 503) return seen;
          await target().sleeps('kept-down', 60_000);
          return false;
        },
        { what: 'a call that is refused', deadlineMs: 90_000 },
      );
      expect(errorCode(answer)).toBe('no_capacity');
      expect(answer.headers['retry-after']).toBeDefined();
      expect(answer.text).toMatch(/cannot patch resource .*deployments\/scale/);
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
