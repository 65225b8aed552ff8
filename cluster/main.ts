// `npm run cluster -- COMMAND`: a real Kubernetes on this machine, by kind.

import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { down } from './down.ts';
import { folders } from './folders.ts';
import { holdLock } from './hold-lock.ts';
import { install } from './install.ts';
import { parseCommand, type Command } from './parse-command.ts';
import { say, step } from './print-step.ts';
import { endPrograms } from './run-program.ts';
import { findCluster, status } from './status.ts';
import { StopError } from './stop-error.ts';
import { provideKind, up } from './up.ts';

const usage = `npm run cluster -- COMMAND: a real Kubernetes on this machine, by kind
  up [--nodes N] [--gateway-port P]   makes it, or says that it is there; 1 node and port 8088 by default
  down                                removes it, with everything that was started for it
  status                              its nodes and addresses; fails where it does not answer
  install                             builds and loads our images, then installs charts/rouse with Helm
  load IMAGE...                       takes images from Docker, or .tar archives, into its nodes
  logs                                collects the nodes' logs in .cluster/logs`;

async function carryOut(command: Command): Promise<void> {
  switch (command.kind) {
    case 'help':
      return say(usage);
    case 'refused':
      throw new StopError(command.message);
    case 'up':
      return await holdLock(folders.lock, () => up(command.asked));
    case 'down':
      return await holdLock(folders.lock, down);
    case 'status':
      return await status();
    case 'install':
      return await holdLock(folders.lock, install);
    case 'load':
      return await load(command.images);
    case 'logs':
      return await logs();
  }
}

async function load(images: readonly string[]): Promise<void> {
  const cluster = await requireCluster();
  for (const image of images) await step(`loading ${image}`, () => cluster.load(image));
}

async function logs(): Promise<void> {
  const folder = join(folders.state, 'logs');
  const cluster = await requireCluster();
  await step(`collecting logs in ${folder}`, () => cluster.exportLogs(folder));
}

async function requireCluster() {
  const isThere = (await findCluster()) !== undefined;
  const found = isThere ? await findCluster(await provideKind()) : undefined;
  if (found === undefined) throw new StopError('there is no cluster: run "npm run cluster -- up"');
  return found.cluster;
}

function parseWords(args: string[]): Command {
  try {
    const options = {
      nodes: { type: 'string' },
      'gateway-port': { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    } as const;
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const { nodes, help } = values;
    return parseCommand({ positionals, nodes, gatewayPort: values['gateway-port'], help });
  } catch (error) {
    return { kind: 'refused', message: (error as Error).message };
  }
}

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.once(signal, () => {
    endPrograms();
    process.exit(code);
  });
}
try {
  await carryOut(parseWords(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof StopError ? `cluster: ${error.message}` : error);
  process.exitCode = 1;
}
