// The chart's NetworkPolicies where a plugin enforces them: the platform works, and nobody goes round the gateway.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Pod } from '../../api/kubernetes.ts';
import { pods } from '../../api/resources.ts';
import { findKubectl } from '../support/kubectl.ts';
import { useTarget } from '../support/use-target.ts';
import { waitFor } from '../support/wait-for.ts';
import { findRelease, helm, upgrade } from './helm-release.ts';

const source = {
  inline: `export const handler = async () => ({ statusCode: 200, body: 'hello' });`,
};
const about = readFileSync(resolve(import.meta.dirname, '../../package.json'), 'utf8');
const { version } = JSON.parse(about) as { version: string };
/** Agents that enforce policies, as their DaemonSets are called; kind's own does since 0.24. */
const enforcers = /^(kindnet|calico-node|cilium|antrea-agent|kube-router|canal)$/;
const target = useTarget();
let installed = '';

/** Says why not. */
function isEnforced(): boolean {
  const ask = ['get', 'daemonsets', '-A', '-o', 'jsonpath={.items[*].metadata.name}'];
  const { stdout } = spawnSync(findKubectl() ?? 'kubectl', ask, { encoding: 'utf8' });
  const names = stdout.split(' ').filter((name) => name !== '');
  if (names.some((name) => enforcers.test(name))) return true;
  const found = names.length === 0 ? 'none' : names.join(', ');
  process.stderr.write(
    `skipped: no network plugin here enforces NetworkPolicies (DaemonSets: ${found}; docs/CLUSTER.md, pod-net)\n`,
  );
  return false;
}

const suite = isEnforced() ? describe : describe.skip;

/** A pod of the Function's own namespace, which sees what its neighbours see. */
async function startNeighbour(): Promise<void> {
  const { kube, namespace } = target();
  const metadata = { name: 'neighbour', namespace };
  const image = `rouse/runtime-node:${version}`;
  const command = ['node', '-e', 'setInterval(() => {}, 1e6)'];
  const container = { name: 'node', image, command, imagePullPolicy: 'IfNotPresent' };
  const spec = { containers: [container], terminationGracePeriodSeconds: 1 };
  await kube.create(pods, { apiVersion: 'v1', kind: 'Pod', metadata, spec } as unknown as Pod);
  const isRunning = async (): Promise<boolean> =>
    (await kube.get(pods, metadata)).status?.phase === 'Running';
  await waitFor(isRunning, { what: 'the neighbour to run', deadlineMs: 60_000 });
}

/** What it gets there: a status, or `nothing`. */
async function neighbourGets(url: string): Promise<string> {
  const program = `
    fetch('${url}', { signal: AbortSignal.timeout(3000) })
      .then(({ status }) => console.log(status), () => console.log('nothing'));`;
  const { stdout } = await target().kubectl('exec', 'neighbour', '--', 'node', '-e', program);
  return stdout.trim();
}

suite('the NetworkPolicies of the chart', () => {
  beforeAll(async () => {
    installed = await findRelease();
    const own = `networkPolicy.functionNamespaces={${target().namespace}}`;
    await upgrade('--set', 'networkPolicy.enabled=true', '--set', own);
    await startNeighbour();
  }, 300_000);
  afterAll(async () => {
    if (installed !== '') await helm('rollback', 'rouse', installed, '--wait', '--timeout', '180s');
  }, 300_000);

  it('let a Function be proved, woken and called', async () => {
    await target().deploy('guarded', { runtime: 'node', source, scaling: { idleSeconds: 600 } });
    expect((await target().call('guarded')).text).toBe('hello');
  }, 120_000);

  it("keep neighbours from a Function's pod, and let them through the gateway", async () => {
    const [pod] = await target().podsOf('guarded');
    const address = pod?.status?.podIP;
    expect(address).toBeDefined();
    expect(await neighbourGets(`http://${address}:8080/`)).toBe('nothing');
    expect(await neighbourGets(`http://${address}:8081/ready`)).toBe('nothing');
    const { spec } = JSON.parse(
      (await target().kubectl('-n', 'rouse-system', 'get', 'service/rouse-activator', '-o', 'json'))
        .stdout,
    ) as { spec: { clusterIP: string; ports: { port: number }[] } };
    const gateway = `http://${spec.clusterIP}:${spec.ports[0]?.port}`;
    const path = `/function/${target().namespace}/guarded/`;
    expect(await neighbourGets(gateway + path)).toBe('200');
  }, 60_000);
});
