// What the chart renders, with every file of values in ci/, as a real API server takes it: no field it does not know.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { namespaces } from '../../api/resources.ts';
import { chart } from '../integration/charts/helm.ts';
import { runKubectl } from '../support/platform.ts';
import { useTarget } from '../support/use-target.ts';
import { render } from './helm-release.ts';

const files = [undefined, ...globSync('ci/*.yaml', { cwd: chart })];
/** Of the Gateway API and the Prometheus operator; whether the cluster has them is its own matter. */
const optional = /^kind: (HTTPRoute|ServiceMonitor)$/m;
/** Stands for the namespace that the files name, which a dry run wants to exist. */
const team = `team-a-${randomBytes(3).toString('hex')}`;
const target = useTarget();

describe('the chart on a real API server', () => {
  beforeAll(async () => {
    const metadata = { name: team };
    await target().kube.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata });
  });
  afterAll(async () => {
    await target().kube.delete(namespaces, { name: team });
  });

  it.each(files)(
    'has no field that Kubernetes refuses: %s',
    async (file) => {
      const text = await render(...(file === undefined ? [] : ['-f', join(chart, file)]));
      const known = text
        .split(/^---$/m)
        .filter((one) => /^kind:/m.test(one) && !optional.test(one))
        .map((one) => one.replace(/^( {2}namespace:) team-a$/gm, `$1 ${team}`));
      const args = ['apply', '--dry-run=server', '--validate=strict', '-f', '-'];
      const { kubeconfig } = target();
      const said = await runKubectl({ kubeconfig, args, input: known.join('\n---\n') });
      // Helm made them, not kubectl.
      const warned = said.stderr.replace(
        /^Warning: resource .* is missing the .* annotation.*$/gm,
        '',
      );
      expect([said.code, warned.trim()]).toEqual([0, '']);
      expect(said.stdout.trim().split('\n')).toHaveLength(known.length);
    },
    60_000,
  );
});
