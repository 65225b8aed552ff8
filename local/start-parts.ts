// Starts the controller's and the activator's bundles as child processes, told by environment where everything is.

import { join } from 'node:path';
import { system } from '../api/names.ts';
import type { Log } from '../platform/process/log.ts';
import { frugalNode } from './frugal-node.ts';
import type { Settings } from './settings.ts';
import { SupervisedProcess } from './supervised-process.ts';

export interface PartsOptions {
  readonly settings: Settings;
  readonly kubeconfigPath: string;
  readonly controllerPort: number;
  /** Where V8 keeps compiled code between starts. */
  readonly compileCache: string;
  readonly log: Log;
}

export interface Parts {
  readonly ready: Promise<void>;
  /** Activator first: it drains while the controller still listens. */
  stop(): Promise<void>;
}

const host = '127.0.0.1';
const activatorStopMs = 6_000;
const controllerStopMs = 3_000;

export function startParts(options: PartsOptions): Parts {
  const { settings, log } = options;
  const start = (name: string, env: Record<string, string>): SupervisedProcess => {
    const part = new SupervisedProcess({
      name,
      args: [...frugalNode, join(import.meta.dirname, `${name}.mjs`)],
      // The name stays over restarts, so a controller that was killed goes on with its own lease.
      env: { ...commonEnv(options), ROUSE_POD_NAME: `local-${name}`, ...env },
      logPath: join(settings.home, 'logs', `${name}.log`),
      log,
    });
    part.start();
    return part;
  };
  const controller = start('controller', {
    ROUSE_CONTROLLER_HOST: host,
    ROUSE_CONTROLLER_PORT: String(options.controllerPort),
    ROUSE_EXTERNAL_PORT: String(settings.gatewayPort),
    ROUSE_POOL_MIN: String(settings.poolMin),
    ROUSE_POOL_MAX: String(settings.poolMax),
  });
  const activator = start('activator', {
    ROUSE_GATEWAY_HOST: host,
    ROUSE_GATEWAY_PORT: String(settings.gatewayPort),
    ROUSE_ADMIN_HOST: host,
    ROUSE_ADMIN_PORT: String(settings.adminPort),
  });
  return {
    ready: Promise.all([controller.firstReady, activator.firstReady]).then(() => undefined),
    stop: async () => {
      await activator.stop(activatorStopMs);
      await controller.stop(controllerStopMs);
    },
  };
}

/** Nothing of the caller's own environment but what a program needs to run: no secret gets in by accident. */
function commonEnv(options: PartsOptions): Record<string, string> {
  const { settings } = options;
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '',
    KUBECONFIG: options.kubeconfigPath,
    NODE_COMPILE_CACHE: options.compileCache,
    ROUSE_SYSTEM_NAMESPACE: system.namespaceDefault,
    ROUSE_DOMAIN: 'localhost',
    ROUSE_LOG_LEVEL: settings.logLevel,
  };
}
