// The local platform as a bed: beside it, bare Node programs that are spawned.

import { rmSync } from 'node:fs';
import { namespaces } from '../../../api/resources.ts';
import { makeHome, startPlatform } from '../../support/platform.ts';
import { cpuMsOf, findPart, processTree } from '../../support/process-tree.ts';
import { Target } from '../../support/target.ts';
import { spawnAndAsk } from '../spawn-bare.ts';
import { poolSize, type Bed, type Progress } from './bed.ts';
import { NamespaceWatch } from './namespace-watch.ts';

const namespace = 'default';

export async function openLocalBed(progress: Progress): Promise<Bed> {
  const home = makeHome();
  progress('starting the platform');
  const platform = await startPlatform({
    home,
    env: { ROUSE_POOL_MIN: String(poolSize.min), ROUSE_POOL_MAX: String(poolSize.max) },
  });
  const target = new Target({ ...platform, namespace, platform });
  const watch = new NamespaceWatch(target.kube, namespace);
  await watch.start();
  const parts = (['controller', 'activator'] as const).map((part) => findPart(platform.pid, part));
  return {
    target,
    watch,
    references: {
      bareNodeCjs: () => spawnAndAsk('server.cjs'),
      bareNodeEsm: () => spawnAndAsk('server.mjs'),
    },
    readMetrics: async () => [await (await fetch(`${platform.adminUrl}/metrics`)).text()],
    // The version of the store grows by one with every write.
    countWrites: async () => {
      const { metadata } = await target.kube.list(namespaces, {});
      return Number(metadata.resourceVersion);
    },
    controlPlaneCpuMs: () => parts.reduce((total, { pid }) => total + cpuMsOf(pid), 0),
    parkedPids: () =>
      processTree(platform.pid)
        .filter(({ command }) => /\/runtime-node\.cjs\b/.test(command))
        .map(({ pid }) => pid),
    dispose: async () => {
      watch.stop();
      await platform.stop();
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
