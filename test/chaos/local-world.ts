// The local platform for the chaos test: every part and every pod is a process of this machine.

import type { Pod } from '../../api/kubernetes.ts';
import type { TestPlatform } from '../support/platform.ts';
import { findPart, processTree } from '../support/process-tree.ts';
import type { Target } from '../support/target.ts';
import { isAlive, pidOf } from '../support/test-cluster.ts';
import { accepts } from './accepts.ts';
import type { ChaosWorld, Victim } from './chaos-world.ts';
import type { Gateways } from './gateways.ts';

export function createLocalWorld(ports: {
  readonly target: Target;
  readonly platform: TestPlatform;
  readonly gateways: Gateways;
}): ChaosWorld {
  const { target, platform, gateways } = ports;
  return {
    target,
    pauseMs: { min: 100, max: 1_000 },
    listGateways: () => gateways.all.map(({ url }) => url),
    findController: async () => {
      try {
        return victim(findPart(platform.pid, 'controller').pid);
      } catch {
        return undefined;
      }
    },
    findActivator: async (url) => {
      const pid = gateways.all.find((one) => one.url === url)?.findPid();
      return pid === undefined ? undefined : victim(pid);
    },
    findProcess: (pod: Pod) => {
      const pid = pidOf(pod);
      // Another process may have the pid by now: only what this platform has started is killed.
      const isOurs = processTree(platform.pid).some((one) => one.pid === pid);
      return isOurs ? victim(pid) : undefined;
    },
    isBack: accepts,
    findStrays: async (seen) => {
      const processes = processTree(platform.pid).filter((one) =>
        /runtime-node\.cjs/.test(one.command),
      );
      if (processes.length === seen.length) return [];
      return [`${processes.length} processes run for ${seen.length} pods`];
    },
    logs: async () => platform.logs(),
  };
}

function victim(pid: number): Victim {
  return {
    how: 'killed',
    name: `pid ${pid}`,
    kill: async () => {
      if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    },
    isGone: () => !isAlive(pid),
  };
}
