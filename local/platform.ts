// The whole platform on one machine: the cluster in this process, controller and activator as its children.

import { join } from 'node:path';
import { system } from '../api/names.ts';
import { ConfigError } from '../platform/process/config.ts';
import { trimMemoryWhileResting } from '../platform/process/trim-memory.ts';
import { cacheFolder } from './cache-folder.ts';
import { createFileLog } from './create-file-log.ts';
import { checkPorts } from './check-ports.ts';
import { findFreePorts } from './find-free-ports.ts';
import { frugalNode } from './frugal-node.ts';
import type { Runtimes } from './kubelet/pick-program.ts';
import { makeHome } from './make-home.ts';
import { describeSettings, readSettings, type Settings } from './settings.ts';
import { startCluster, type Cluster } from './start-cluster.ts';
import { startParts, type Parts } from './start-parts.ts';

const host = '127.0.0.1';
/** Stopping takes the activator's drain and the pods' lame duck; past this the process ends anyway. */
const stopMsMax = 12_000;
/** npm hands a Ctrl-C on to us that the terminal has sent us already; only a later one is a person who insists. */
const insistAfterMs = 1_000;
/** Set by local/run-platform.ts: the platform ends with the program that started it, however that ends. */
const stdinVariable = 'ROUSE_UNTIL_STDIN_ENDS';

async function main(): Promise<void> {
  const startedMs = performance.now();
  console.log('Rouse: functions that wake from zero. Settings, from the environment:');
  for (const line of describeSettings(process.env)) console.log(line);
  const settings = readSettings(process.env, process.cwd());
  makeHome(settings.home);
  const isBare = settings.parts === 'none';
  await checkPorts([
    ...(isBare ? [] : [{ setting: 'ROUSE_GATEWAY_PORT', port: settings.gatewayPort }]),
    { setting: 'ROUSE_API_PORT', port: settings.apiPort },
    ...(isBare ? [] : [{ setting: 'ROUSE_ADMIN_PORT', port: settings.adminPort }]),
  ]);
  const running: { cluster?: Cluster; parts?: Parts } = {};
  stopOnSignal(running);
  await start(settings, running);
  printWhereabouts(settings);
  const tookMs = Math.round(performance.now() - startedMs);
  trimMemoryWhileResting();
  console.log(`Rouse is ready after ${tookMs} ms. Stop it with Ctrl-C.`);
}

async function start(
  settings: Settings,
  running: { cluster?: Cluster; parts?: Parts },
): Promise<void> {
  const log = createFileLog(join(settings.home, 'logs', 'cluster.log'), settings.logLevel);
  const cluster = await startCluster({
    settings,
    cacheFolder: cacheFolder(process.env),
    runtimes: findPrograms(settings),
    log,
  });
  running.cluster = cluster;
  if (settings.parts === 'none') {
    await cluster.announce([]);
    return;
  }
  const [controllerPort = 0] = await findFreePorts(1);
  await cluster.announce([
    { name: system.activatorService, host, port: settings.gatewayPort },
    { name: system.controllerService, host, port: controllerPort },
  ]);
  running.parts = startParts({
    settings,
    kubeconfigPath: cluster.kubeconfigPath,
    controllerPort,
    compileCache: join(cacheFolder(process.env), 'compile'),
    log,
  });
  await running.parts.ready;
}

/** What the images of ours are on this machine: the bundles beside this one. */
function findPrograms(settings: Settings): Runtimes {
  const bundle = (name: string): string => join(import.meta.dirname, name);
  return {
    'rouse/runtime-node': {
      command: [process.execPath, bundle('runtime-node.cjs')],
      ...(settings.parksWithFetch && { env: { ROUSE_PARK_WITH_FETCH: '1' } }),
    },
    'rouse/controller': {
      command: [process.execPath, ...frugalNode, bundle('controller.mjs')],
      portVariables: { http: 'ROUSE_CONTROLLER_PORT' },
      hostVariables: ['ROUSE_CONTROLLER_HOST'],
    },
    'rouse/activator': {
      command: [process.execPath, ...frugalNode, bundle('activator.mjs')],
      portVariables: { http: 'ROUSE_GATEWAY_PORT', metrics: 'ROUSE_ADMIN_PORT' },
      hostVariables: ['ROUSE_GATEWAY_HOST', 'ROUSE_ADMIN_HOST'],
    },
  };
}

function printWhereabouts(settings: Settings): void {
  const { home, gatewayPort, apiPort, adminPort } = settings;
  const platform = [
    ['functions', `http://NAME.NAMESPACE.localhost:${gatewayPort}/`],
    ['or by path', `http://${host}:${gatewayPort}/function/NAMESPACE/NAME/`],
    ['metrics', `http://${host}:${adminPort}/metrics`],
  ];
  const install = 'helm install rouse charts/rouse -n rouse-system --create-namespace --wait';
  const lines = [
    ...(settings.parts === 'none' ? [['platform', `none yet: ${install}`]] : platform),
    ['kubernetes', `https://${host}:${apiPort}`],
    ['services', join(home, 'services')],
    ['logs', join(home, 'logs')],
    ['kubectl', `export KUBECONFIG=${join(home, 'kubeconfig')}`],
  ];
  for (const [what = '', where = ''] of lines) console.log(`  ${what.padEnd(11)} ${where}`);
}

function stopOnSignal(running: { cluster?: Cluster; parts?: Parts }): void {
  let stoppingSinceMs: number | undefined;
  const stop = async (why: string): Promise<void> => {
    if (stoppingSinceMs !== undefined) {
      if (performance.now() - stoppingSinceMs > insistAfterMs) process.exit(1);
      return;
    }
    stoppingSinceMs = performance.now();
    console.log(`\n${why}: stopping. Objects are kept; the next start goes on from them.`);
    setTimeout(() => process.exit(1), stopMsMax).unref();
    await running.parts?.stop();
    await running.cluster?.stop();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => void stop(signal).catch(giveUp));
  }
  if (process.env[stdinVariable] !== '1') return;
  process.stdin.once('close', () => void stop('its starter is gone').catch(giveUp));
  process.stdin.resume();
}

function giveUp(error: unknown): void {
  console.error(error);
  process.exit(1);
}

try {
  await main();
} catch (error) {
  // One line for what a person can mend; everything else with its stack.
  console.error(error instanceof ConfigError ? `Rouse can't start: ${error.message}` : error);
  process.exit(1);
}
