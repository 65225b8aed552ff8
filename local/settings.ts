// What a person can set for the local platform, by environment, and what they get otherwise.

import { resolve } from 'node:path';
import {
  ConfigError,
  readChoice,
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
  readonly logLevel: LogLevel;
}

const defaults = {
  ROUSE_HOME: '.rouse',
  ROUSE_GATEWAY_PORT: 8080,
  ROUSE_API_PORT: 6444,
  ROUSE_ADMIN_PORT: 9090,
  ROUSE_PARTS: 'all',
  ROUSE_LOG_LEVEL: 'info',
} as const;

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
    ROUSE_LOG_LEVEL: logLevels.join(' | '),
  };
  return Object.entries(defaults).map(([name, fallback]) => {
    const value = env[name] === undefined || env[name] === '' ? String(fallback) : env[name];
    const note = `${what[name as keyof typeof defaults]} (default ${fallback})`;
    return `  ${name.padEnd(19)} ${value.padEnd(10)} ${note}`;
  });
}
