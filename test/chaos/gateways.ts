// Two activators with a gateway each: the platform's own, and one more that is started again whenever it dies.

import { join } from 'node:path';
import { findFreePorts } from '../../local/find-free-ports.ts';
import { SupervisedProcess } from '../../local/supervised-process.ts';
import { silentLog } from '../../platform/process/log.ts';
import type { TestPlatform } from '../support/platform.ts';
import { findPart } from '../support/process-tree.ts';

export interface Gateway {
  readonly url: string;
  /** Of its activator; `undefined` while that is being started again. */
  findPid(): number | undefined;
}

export interface Gateways {
  readonly all: readonly Gateway[];
  stop(): Promise<void>;
}

const stopMs = 5_000;

export async function startGateways(platform: TestPlatform): Promise<Gateways> {
  const [port = 0, adminPort = 0] = await findFreePorts(2);
  // The same bundle, which starts sooner than the sources.
  const { command } = findPart(platform.pid, 'activator');
  const program = command.split(' ').find((part) => part.endsWith('/activator.mjs'));
  if (program === undefined) throw new Error(`no bundle of the activator in: ${command}`);
  const second = new SupervisedProcess({
    name: 'activator',
    args: [program],
    env: {
      PATH: process.env['PATH'] ?? '',
      KUBECONFIG: platform.kubeconfig,
      ROUSE_POD_NAME: 'second-activator',
      ROUSE_GATEWAY_HOST: '127.0.0.1',
      ROUSE_GATEWAY_PORT: String(port),
      ROUSE_ADMIN_HOST: '127.0.0.1',
      ROUSE_ADMIN_PORT: String(adminPort),
    },
    logPath: join(platform.home, 'logs', 'second-activator.log'),
    log: silentLog,
  });
  second.start();
  await second.firstReady;
  const own: Gateway = {
    url: platform.gatewayUrl,
    findPid: () => {
      try {
        return findPart(platform.pid, 'activator').pid;
      } catch {
        return undefined;
      }
    },
  };
  const other: Gateway = { url: `http://127.0.0.1:${port}`, findPid: () => second.pid };
  return { all: [own, other], stop: () => second.stop(stopMs) };
}
