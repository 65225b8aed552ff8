// What a person can set for the local platform, by environment, and what they get otherwise.

import { resolve } from 'node:path';
import {
  ConfigError,
  readChoice,
  readInteger,
  readPort,
  readText,
  type Environment,
} from '../platform/process/config.ts';
import { logLevels, type LogLevel } from '../platform/process/log.ts';

export interface Settings {
  /** Absolute path of the folder with kubeconfig, database, certificates and logs. */
  readonly home: string;
  readonly gatewayPort: number;
  readonly apiPort: number;
  readonly adminPort: number;
  /** `none`: the bare cluster, with no platform and no CRDs, for those who install the chart. */
  readonly parts: 'all' | 'none';
  /** Parked processes per namespace with Functions while nobody calls any, and at most. */
  readonly poolMin: number;
  readonly poolMax: number;
  /** Whether parked processes make ready what signature fetch needs: 3 MB more for each. */
  readonly parksWithFetch: boolean;
  readonly logLevel: LogLevel;
}

const defaults = {
  ROUSE_HOME: '.rouse',
  ROUSE_GATEWAY_PORT: 8080,
  ROUSE_API_PORT: 6444,
  ROUSE_ADMIN_PORT: 9090,
  ROUSE_PARTS: 'all',
  ROUSE_POOL_MIN: 1,
  ROUSE_POOL_MAX: 5,
  ROUSE_PARK_WITH_FETCH: 0,
  ROUSE_LOG_LEVEL: 'info',
} as const;

/** A parked process is about 11 MB of this machine's memory. */
const poolSizeMax = 100;
const partsChoices = ['all', 'none'] as const;

/** Throws ConfigError for a value that can't be used. */
export function readSettings(env: Environment, workingDirectory: string): Settings {
  const settings = {
    home: resolve(workingDirectory, readText(env, 'ROUSE_HOME', defaults.ROUSE_HOME)),
    gatewayPort: readPort(env, 'ROUSE_GATEWAY_PORT', defaults.ROUSE_GATEWAY_PORT),
    apiPort: readPort(env, 'ROUSE_API_PORT', defaults.ROUSE_API_PORT),
    adminPort: readPort(env, 'ROUSE_ADMIN_PORT', defaults.ROUSE_ADMIN_PORT),
    parts: readChoice(env, 'ROUSE_PARTS', {
      fallback: defaults.ROUSE_PARTS,
      choices: partsChoices,
    }),
    ...readPool(env),
    parksWithFetch:
      readInteger(env, 'ROUSE_PARK_WITH_FETCH', { fallback: 0, min: 0, max: 1 }) === 1,
    logLevel: readChoice(env, 'ROUSE_LOG_LEVEL', {
      fallback: defaults.ROUSE_LOG_LEVEL,
      choices: logLevels,
    }),
  };
  refuseTwins({
    ROUSE_GATEWAY_PORT: settings.gatewayPort,
    ROUSE_API_PORT: settings.apiPort,
    ROUSE_ADMIN_PORT: settings.adminPort,
  });
  return settings;
}

function readPool(env: Environment): Pick<Settings, 'poolMin' | 'poolMax'> {
  const read = (name: 'ROUSE_POOL_MIN' | 'ROUSE_POOL_MAX'): number =>
    readInteger(env, name, { fallback: defaults[name], min: 0, max: poolSizeMax });
  const poolMax = read('ROUSE_POOL_MAX');
  // So that ROUSE_POOL_MAX=0 alone turns the pool off.
  return { poolMin: Math.min(read('ROUSE_POOL_MIN'), poolMax), poolMax };
}

function refuseTwins(ports: Readonly<Record<string, number>>): void {
  const seen = new Map<number, string>();
  for (const [name, port] of Object.entries(ports)) {
    const other = seen.get(port);
    if (other !== undefined && port !== 0) {
      throw new ConfigError(`${other} and ${name} are both ${port}; set one to another port`);
    }
    seen.set(port, name);
  }
}

/** A line per setting, with its default, for the start of the output. */
export function describeSettings(env: Environment): string[] {
  const what: Record<keyof typeof defaults, string> = {
    ROUSE_HOME: 'kubeconfig, database, certificates, logs',
    ROUSE_GATEWAY_PORT: 'functions are called here',
    ROUSE_API_PORT: 'the Kubernetes API',
    ROUSE_ADMIN_PORT: 'metrics and health',
    ROUSE_PARTS: 'none: the bare cluster, for the Helm chart',
    ROUSE_POOL_MIN: 'parked processes per namespace at rest',
    ROUSE_POOL_MAX: 'and at most; 0: no warm pool',
    ROUSE_PARK_WITH_FETCH: '1: they wake `fetch` handlers sooner, for 3 MB each',
    ROUSE_LOG_LEVEL: logLevels.join(' | '),
  };
  return Object.entries(defaults).map(([name, fallback]) => {
    const value = env[name] === undefined || env[name] === '' ? String(fallback) : env[name];
    const note = `${what[name as keyof typeof defaults]} (default ${fallback})`;
    return `  ${name.padEnd(21)} ${value.padEnd(10)} ${note}`;
  });
}
