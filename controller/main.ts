// The controller's process: reads its settings, starts, and stops when it is told to.

import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { loadTransport } from '../platform/kube/kubeconfig.ts';
import { ConfigError, readText } from '../platform/process/config.ts';
import { createLog } from '../platform/process/log.ts';
import { announceReady, onShutdown } from '../platform/process/shutdown.ts';
import { trimMemoryWhileResting } from '../platform/process/trim-memory.ts';
import { startController } from './controller.ts';
import { readSettings } from './settings.ts';

/** Less than Kubernetes' own 30 s. */
const stopMsMax = 10_000;

async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const log = createLog({ component: 'controller', level: settings.logLevel });
  const transport = loadTransport(process.env);
  // In a pod its name: a container that starts again may go on with its own lease, and waits for nobody.
  const random = `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`;
  const identity = readText(process.env, 'ROUSE_POD_NAME', random);
  const starting = startController({ transport, log, identity }, settings);
  onShutdown({
    log,
    graceMs: stopMsMax,
    stop: async () => {
      // Still about to listen: nothing is held yet that must be given back.
      const running = await Promise.race([starting, Promise.resolve(undefined)]);
      await running?.stop();
      await transport.close();
    },
  });
  const { port, ready } = await starting;
  await ready;
  announceReady(log, { port });
  trimMemoryWhileResting();
}

main().catch((error: unknown) => {
  if (error instanceof ConfigError) {
    process.stderr.write(`${error.message}\n`);
  } else {
    createLog({ component: 'controller' }).error({ error }, 'the controller could not start');
  }
  process.exit(1);
});
