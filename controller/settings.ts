// The controller's settings, from the environment.

import type { Runtime } from '../api/function.ts';
import { system } from '../api/names.ts';
import { logLevels, type LogLevel } from '../platform/process/log.ts';
import {
  readChoice,
  readInteger,
  readPort,
  readQuantity,
  readText,
  type Environment,
} from '../platform/process/config.ts';
import type { RedisAddress } from '../platform/redis/parse-redis-url.ts';
import { poolRequestDefaults } from './function/build-pod-template.ts';
import { readRedisAddress } from '../platform/redis/read-redis-address.ts';

export interface ControllerSettings {
  readonly systemNamespace: string;
  /**
   * ROUSE_NAMESPACE_WATCHED, default all: the only namespace whose Functions are kept; then no right
   * beyond it and the system namespace is needed.
   */
  readonly namespaceWatched: string | undefined;
  readonly domain: string;
  readonly externalPort: number;
  readonly host: string;
  readonly port: number;
  readonly runtimeImages: Readonly<Partial<Record<Runtime, string>>>;
  readonly revisionsKeptMax: number;
  /** ROUSE_POOL_MIN, default 2, at most ROUSE_POOL_MAX: parked pods of a namespace where nobody claims any. */
  readonly poolMin: number;
  /** ROUSE_POOL_MAX, default 0, no warm pool: parked pods per namespace and runtime at most. */
  readonly poolMax: number;
  /** ROUSE_POOL_CPU, default 10m, and ROUSE_POOL_MEMORY, default 64Mi: what a parked pod asks its node for. */
  readonly poolRequests: { readonly cpu: string; readonly memory: string };
  /** ROUSE_REDIS_URL, default none. */
  readonly redis: RedisAddress | undefined;
  readonly logLevel: LogLevel;
}

const poolMaxDefault = 0;
const poolSizeMax = 1_000;

const version = '0.1.0';

/** Throws a ConfigError that names the variable and what to write. */
export function readSettings(env: Environment): ControllerSettings {
  const poolBounds = { fallback: poolMaxDefault, min: 0, max: poolSizeMax };
  const poolMax = readInteger(env, 'ROUSE_POOL_MAX', poolBounds);
  return {
    systemNamespace: readText(env, 'ROUSE_SYSTEM_NAMESPACE', system.namespaceDefault),
    namespaceWatched: readText(env, 'ROUSE_NAMESPACE_WATCHED', '') || undefined,
    domain: readText(env, 'ROUSE_DOMAIN', 'localhost'),
    externalPort: readPort(env, 'ROUSE_EXTERNAL_PORT', 8080),
    host: readText(env, 'ROUSE_CONTROLLER_HOST', '127.0.0.1'),
    port: readPort(env, 'ROUSE_CONTROLLER_PORT', 9091),
    runtimeImages: {
      node: readText(env, 'ROUSE_RUNTIME_IMAGE_NODE', `rouse/runtime-node:${version}`),
    },
    revisionsKeptMax: readInteger(env, 'ROUSE_REVISIONS_KEPT', { fallback: 10, min: 1, max: 1000 }),
    redis: readRedisAddress(env, 'ROUSE_REDIS_URL'),
    poolMin: Math.min(
      poolMax,
      readInteger(env, 'ROUSE_POOL_MIN', { fallback: 2, min: 0, max: poolSizeMax }),
    ),
    poolMax,
    poolRequests: {
      cpu: readQuantity(env, 'ROUSE_POOL_CPU', poolRequestDefaults.cpu),
      memory: readQuantity(env, 'ROUSE_POOL_MEMORY', poolRequestDefaults.memory),
    },
    logLevel: readChoice(env, 'ROUSE_LOG_LEVEL', { fallback: 'info', choices: logLevels }),
  };
}
