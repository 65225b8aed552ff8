// The chart's life on a real Kubernetes: lint, helm test, upgrade and rollback under load, uninstall and a new install.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { chart } from '../integration/charts/helm.ts';
import { call } from '../support/call.ts';
import { startLoad } from '../support/steady-load.ts';
import { useTarget } from '../support/use-target.ts';
import { waitFor } from '../support/wait-for.ts';
import { findRelease, helm, namespace, upgrade } from './helm-release.ts';

const values = join(chart, 'ci/node-port-values.yaml');
const helmMsMax = 240_000;
const source = `export const handler = async () => ({ statusCode: 200, body: 'hello' });`;
const target = useTarget();
let installed = '';

/** Helm's --wait ends while the pods of before still finish what they have. */
async function activatorsBecome(count: number): Promise<string[]> {
  const ask = ['get', 'pods', '-l', 'app.kubernetes.io/component=activator', '-o', 'name'];
  return await waitFor(
    async () => {
      const said = await target().kubectl('-n', namespace, ...ask);
      const names = said.stdout.split('\n').filter((name) => name !== '');
      return names.length === count && names;
    },
    { what: `${count} activator(s)`, deadlineMs: 120_000 },
  );
}

describe('the chart on a real Kubernetes', () => {
  beforeAll(async () => {
    installed = await findRelease();
    await target().deploy('steady', { runtime: 'node', source: { inline: source } });
  });
  // Whatever a test left: the release as it was found serves those who come after.
  afterAll(async () => {
    await helm('upgrade', '--install', 'rouse', chart, '--values', values, '--wait');
  }, helmMsMax);

  it('has nothing that helm lint --strict finds', async () => {
    expect(await helm('lint', '--strict', chart)).toContain('0 chart(s) failed');
  });

  it('passes helm test', async () => {
    expect(await helm('test', 'rouse', '--timeout', '120s')).toContain('Phase:          Succeeded');
  }, 150_000);

  it('is upgraded and rolled back under load, with no request failed', async () => {
    const before = await activatorsBecome(1);
    const { gatewayUrl } = target();
    const host = await target().hostOf('steady');
    const load = startLoad(() => call({ gatewayUrl, host }), { callers: 8 });
    try {
      await upgrade('--set', 'activator.replicas=2', '--set-string', 'activator.podLabels.round=2');
      const during = await activatorsBecome(2);
      expect(during.filter((name) => before.includes(name))).toEqual([]);
      await helm('rollback', 'rouse', installed, '--wait', '--timeout', '180s');
      const after = await activatorsBecome(1);
      expect(after.filter((name) => during.includes(name))).toEqual([]);
    } finally {
      await load.stop();
    }
    expect(load.failures).toEqual([]);
    expect(load.answers).toBeGreaterThan(0);
  }, 480_000);

  it('leaves Functions and their definitions at uninstall, and serves them again once installed', async () => {
    await helm('uninstall', 'rouse', '--wait', '--timeout', '120s');
    const left = await target().kubectl(
      '-n',
      namespace,
      'get',
      'deployments,services',
      '-o',
      'name',
    );
    expect(left.stdout).toBe('');
    expect((await target().get('steady')).metadata.name).toBe('steady');
    const install = ['install', 'rouse', chart, '--values', values];
    await helm(...install, '--wait', '--timeout', '180s');
    const answer = await waitFor(
      async () => {
        const tried = await target().call('steady');
        return tried.status === 200 && tried;
      },
      { what: 'an answer after the new install', deadlineMs: 60_000 },
    );
    expect(answer.text).toContain('hello');
  }, 480_000);
});
