// The chart on an API server, by a real Helm: install, upgrade, rollback, uninstall, and each object taken strictly.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { kubectlOrSkip, startTestCluster } from '../api-server/start-server.ts';
import type { TestCluster } from '../api-server/start-server.ts';
import { chart, helmOrSkip, kubeVersion, runHelm } from './helm.ts';

const helm = helmOrSkip();
const suite = helm === undefined || kubectlOrSkip() === undefined ? describe.skip : describe;
const namespace = 'rouse-system';
let cluster: TestCluster;

beforeAll(async () => {
  if (suite === describe.skip) return;
  cluster = await startTestCluster();
  await cluster.output(['create', 'namespace', 'team-a']);
  await cluster.output(['apply', '-f', join(chart, 'files/crds')]);
});
afterAll(() => cluster?.close());

async function run(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runHelm(helm ?? '', [...args, '-n', namespace], cluster.env);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

const notServed = /^kind: (HTTPRoute|ServiceMonitor|StatefulSet)$/m;

const keptFunction = `
apiVersion: rouse.dev/v1alpha1
kind: Function
metadata: {name: kept}
spec: {image: example/web}
`;

const firstColumn = (): Promise<string> =>
  cluster.output([
    ...['get', 'crd', 'functions.rouse.dev'],
    ...['-o', 'jsonpath={.spec.versions[0].additionalPrinterColumns[0].name}'],
  ]);

const names = (what: string): Promise<string> =>
  cluster.output(['get', what, '-n', namespace, '-o', 'name']);

const redisPassword = (): Promise<string> =>
  cluster.output(['get', 'secret/rouse-redis', '-n', namespace, '-o', 'jsonpath={.data.password}']);

suite('the chart on an API server', () => {
  // One test, since each step stands on the one before.
  it('is installed, upgraded, taken back, uninstalled without its Functions, and comes back', async () => {
    // Definitions that somebody applied by hand are taken over.
    const said = await run('install', 'rouse', chart, '--take-ownership');
    expect(said).toContain('kubectl -n rouse-system rollout status deployment/rouse-controller');
    expect(await names('deployments')).toBe(
      'deployment.apps/rouse-activator\ndeployment.apps/rouse-controller\n',
    );

    const column = '/spec/versions/0/additionalPrinterColumns/0';
    const old = JSON.stringify([{ op: 'remove', path: column }]);
    await cluster.output(['patch', 'crd', 'functions.rouse.dev', '--type=json', '-p', old]);
    expect(await firstColumn()).toBe('READY');
    await run('upgrade', 'rouse', chart, '--set', 'controller.replicas=2');
    expect(await firstColumn()).toBe('URL');
    expect(await names('pdb')).toContain('rouse-controller');

    await run('rollback', 'rouse', '1');
    expect(await names('pdb')).toBe('poddisruptionbudget.policy/rouse-activator\n');

    await cluster.output(['apply', '-f', '-'], keptFunction);
    expect(await run('uninstall', 'rouse')).toContain('functions.rouse.dev');
    expect(await names('deployments,services,roles,rolebindings,networkpolicies,pdb')).toBe('');
    const clusterWide = ['get', 'clusterroles,clusterrolebindings', '-o', 'name'];
    expect(await cluster.output(clusterWide)).not.toContain('rouse');
    expect(await cluster.output(['get', 'functions', '-o', 'name'])).toBe(
      'function.rouse.dev/kept\n',
    );

    await run('install', 'rouse', chart, '--set', 'redis.enabled=true');
    const password = await redisPassword();
    expect(Buffer.from(password, 'base64').toString()).toMatch(/^[A-Za-z0-9]{32}$/);
    await run('upgrade', 'rouse', chart, '--reuse-values', '--set', 'logLevel=warn');
    expect(await redisPassword()).toBe(password);
    await run('uninstall', 'rouse');
  }, 90_000);

  it.each([undefined, ...globSync('ci/*.yaml', { cwd: chart })])(
    'has no field that Kubernetes does not know: %s',
    async (file) => {
      const values = file === undefined ? [] : ['-f', join(chart, file)];
      const text = await run('template', 'rouse', chart, '--kube-version', kubeVersion, ...values);
      // Kinds of the Gateway API and of the Prometheus operator are not served here; nor are StatefulSets, which
      // test/cluster/chart-values.test.ts holds against a real API server.
      const known = text
        .split(/^---$/m)
        .filter((one) => /^kind:/m.test(one) && !notServed.test(one));
      const args = ['apply', '--dry-run=server', '--validate=strict', '-f', '-'];
      const said = await cluster.output(args, known.join('\n---\n'));
      expect(said.trim().split('\n')).toHaveLength(known.length);
    },
  );
});
