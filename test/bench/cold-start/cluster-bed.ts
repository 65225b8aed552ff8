// The kind cluster as a bed: the installed platform with a pool for the run, and bare Deployments beside it.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pods } from '../../../api/resources.ts';
import { provideHelm } from '../../../cluster/provide-helm.ts';
import { run } from '../../../cluster/run-program.ts';
import { cpuMsOf } from '../../support/process-tree.ts';
import { readRequestCounts } from '../cluster/api-requests.ts';
import { BenchCluster, systemNamespace } from '../cluster/bench-cluster.ts';
import { findPodProcesses } from '../cluster/pod-processes.ts';
import { poolRequests, poolSize, type Bed, type Progress } from './bed.ts';
import { NamespaceWatch } from './namespace-watch.ts';

const release = 'rouse';
const helmTimeout = '180s';
const chart = resolve(import.meta.dirname, '../../../charts/rouse');
const metricsPort = 9090;
const floorName = 'floor';
const serviceName = 'through-service';
const componentLabel = 'app.kubernetes.io/component';

export async function openClusterBed(progress: Progress): Promise<Bed> {
  const bench = await BenchCluster.connect(progress);
  const { target, bare } = bench;
  const watch = new NamespaceWatch(target.kube, target.namespace);
  let restorePool = (): Promise<void> => Promise.resolve();
  const dispose = async (): Promise<void> => {
    watch.stop();
    // The namespace may take its time, and the release must have its values back in any case.
    await bench.dispose().finally(() => restorePool());
  };
  try {
    progress(`the pool: min ${poolSize.min}, max ${poolSize.max}`);
    restorePool = await setPool(target.kubeconfig);
    await watch.start();
    await bare.create(floorName);
    const address = await bare.createWithService(serviceName);
    const { items } = await target.kube.list(pods, { namespace: systemNamespace });
    const parts = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    const pids = findPodProcesses(parts).flat();
    const activators = parts.filter(
      ({ metadata }) => metadata.labels?.[componentLabel] === 'activator',
    );
    const sleepAfter = async (name: string, tookMs: Promise<number>): Promise<number> => {
      const ms = await tookMs;
      await bare.sleep(name);
      return ms;
    };
    return {
      target,
      watch,
      references: {
        bareFloor: () => sleepAfter(floorName, bare.wake(floorName)),
        bareKubernetes: () => sleepAfter(serviceName, bare.wakeThrough(serviceName, address)),
      },
      readMetrics: () =>
        Promise.all(
          activators.map(async ({ status }) => {
            const answer = await fetch(`http://${status?.podIP}:${metricsPort}/metrics`);
            return answer.text();
          }),
        ),
      countWrites: async () => {
        const counts = await readRequestCounts(bench.transport);
        return [...counts]
          .filter(([key]) => /^(POST|PUT|PATCH|APPLY|DELETE) /.test(key))
          .reduce((total, [, count]) => total + count, 0);
      },
      controlPlaneCpuMs: () => pids.reduce((total, pid) => total + cpuMsOf(pid), 0),
      parkedPids: () => findPodProcesses(watch.parked()).flat(),
      dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Changes the installed release for the run; what is returned gives it the values back that it had. */
async function setPool(kubeconfig: string): Promise<() => Promise<void>> {
  const helm = await provideHelm();
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  const at = ['--namespace', systemNamespace];
  const upgrade = (...args: string[]) =>
    run(helm, ['upgrade', release, chart, ...at, ...args, '--wait', '--timeout', helmTimeout], {
      env,
    });
  const values = await run(helm, ['get', 'values', release, ...at, '--output', 'json'], { env });
  const restore = async (): Promise<void> => {
    const folder = mkdtempSync(join(tmpdir(), 'rouse-bench-'));
    const file = join(folder, 'values.json');
    writeFileSync(file, values);
    await upgrade('--reset-values', '--values', file);
    rmSync(folder, { recursive: true });
  };
  const { min, max } = poolSize;
  const { cpu, memory } = poolRequests;
  const requests = `pool.node.requests.cpu=${cpu},pool.node.requests.memory=${memory}`;
  const pool = `pool.node.min=${min},pool.node.max=${max},${requests}`;
  await upgrade('--reset-then-reuse-values', '--set', pool).catch(async (error: unknown) => {
    await restore().catch(() => {});
    throw error;
  });
  return restore;
}
