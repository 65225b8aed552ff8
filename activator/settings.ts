// The activator's settings: each with its unit, bounds and default, read from the environment once.

import { hostname } from 'node:os';
import { system } from '../api/names.ts';
import { readChoice, readInteger, readPort, readText } from '../platform/process/config.ts';
import type { Environment } from '../platform/process/config.ts';
import { logLevels, type LogLevel } from '../platform/process/log.ts';
import { bundleCacheBytesMax } from './bundle-cache.ts';
import { readTracingSettings, type TracingSettings } from './tracing-settings.ts';

export interface Settings {
  readonly systemNamespace: string;
  /** ROUSE_NAMESPACE_WATCHED, default all: the only namespace whose Functions can be called. */
  readonly namespaceWatched: string | undefined;
  readonly domain: string;
  readonly gatewayHost: string;
  readonly gatewayPort: number;
  readonly adminHost: string;
  readonly adminPort: number;
  readonly logLevel: LogLevel;
  /** ROUSE_POOL, on or off, default on: whether parked pods of the warm pool are claimed. */
  readonly hasPool: boolean;
  /** ROUSE_BUNDLE_CACHE_BYTES_MAX, 0..16 GiB, default 64 MiB: code kept in memory for wakes. */
  readonly bundleCacheBytesMax: number;
  /** Who this activator is in its reports: its pod's name. */
  readonly identity: string;
  readonly limits: Limits;
  /** `undefined`: no request is traced. */
  readonly tracing: TracingSettings | undefined;
  /**
   * ROUSE_DRAIN_DELAY_MS, 0..60_000, default 0: how long it goes on accepting after it said it
   * isn't ready any more.
   */
  readonly drainDelayMs: number;
  /**
   * ROUSE_DRAIN_TIMEOUT_MS, 0..3_600_000, default 30_000: how long what is in flight may take to
   * finish at shutdown.
   */
  readonly drainTimeoutMs: number;
}

export interface Limits {
  /**
   * ROUSE_WAKE_TIMEOUT_MS, 1..3_600_000, default 30_000: longest wait for a pod, counted from
   * arrival. When it passes the caller gets wake_timeout, or no_capacity if there are pods and all
   * of them stayed full.
   */
  readonly wakeTimeoutMs: number;
  /** ROUSE_QUEUE_REQUESTS_MAX, 1..100_000, default 1_000: requests that wait for one Revision. */
  readonly queueRequestsMax: number;
  /**
   * ROUSE_QUEUE_BYTES_MAX, default 64 MiB: bytes that the requests waiting for one Revision hold.
   */
  readonly queueBytesMax: number;
  /** ROUSE_QUEUE_TOTAL_BYTES_MAX, default 256 MiB: the same over all Revisions. */
  readonly queueTotalBytesMax: number;
  /**
   * ROUSE_POD_REQUESTS_MAX, 1..100_000, default 1_000: in flight per pod of a Function that sets no
   * limit.
   */
  readonly podRequestsMax: number;
  /** ROUSE_BODY_BYTES_MAX, default 0 = none: the longest request body. */
  readonly bodyBytesMax: number;
  /**
   * ROUSE_HEADER_BYTES_MAX, 1_024..1_048_576, default 32 KiB: all headers of a request with its
   * first line.
   */
  readonly headerBytesMax: number;
  /** ROUSE_HEADERS_MAX, 10..2_000, default 200: headers of a request. */
  readonly headersMax: number;
  /**
   * ROUSE_CONNECTIONS_MAX, 10..1_000_000, default 20_000: open connections of callers. The process may need a file for
   * each, and another for each request in flight.
   */
  readonly connectionsMax: number;
}

const mebibyte = 1024 * 1024;

export const limitDefaults: Limits = {
  wakeTimeoutMs: 30_000,
  queueRequestsMax: 1_000,
  queueBytesMax: 64 * mebibyte,
  queueTotalBytesMax: 256 * mebibyte,
  podRequestsMax: 1_000,
  bodyBytesMax: 0,
  headerBytesMax: 32 * 1024,
  headersMax: 200,
  connectionsMax: 20_000,
};

/** Throws ConfigError for a value that can't be used. */
export function readSettings(env: Environment): Settings {
  return {
    systemNamespace: readText(env, 'ROUSE_SYSTEM_NAMESPACE', system.namespaceDefault),
    namespaceWatched: readText(env, 'ROUSE_NAMESPACE_WATCHED', '') || undefined,
    domain: readText(env, 'ROUSE_DOMAIN', 'localhost').toLowerCase(),
    gatewayHost: readText(env, 'ROUSE_GATEWAY_HOST', '0.0.0.0'),
    gatewayPort: readPort(env, 'ROUSE_GATEWAY_PORT', 8080),
    adminHost: readText(env, 'ROUSE_ADMIN_HOST', '0.0.0.0'),
    adminPort: readPort(env, 'ROUSE_ADMIN_PORT', 9090),
    logLevel: readChoice(env, 'ROUSE_LOG_LEVEL', { fallback: 'info', choices: logLevels }),
    hasPool: readChoice(env, 'ROUSE_POOL', { fallback: 'on', choices: ['on', 'off'] }) === 'on',
    bundleCacheBytesMax: readInteger(env, 'ROUSE_BUNDLE_CACHE_BYTES_MAX', {
      fallback: bundleCacheBytesMax,
      min: 0,
      max: 16 * 1024 * mebibyte,
    }),
    identity: readText(env, 'ROUSE_POD_NAME', `${hostname()}-${process.pid}`),
    limits: readLimits(env),
    tracing: readTracingSettings(env),
    drainDelayMs: readInteger(env, 'ROUSE_DRAIN_DELAY_MS', { fallback: 0, min: 0, max: 60_000 }),
    drainTimeoutMs: readInteger(env, 'ROUSE_DRAIN_TIMEOUT_MS', {
      fallback: 30_000,
      min: 0,
      max: 3_600_000,
    }),
  };
}

function readLimits(env: Environment): Limits {
  const read = (name: string, fallback: number, min: number, max: number): number =>
    readInteger(env, name, { fallback, min, max });
  const d = limitDefaults;
  const bytesMax = 16 * 1024 * mebibyte;
  return {
    wakeTimeoutMs: read('ROUSE_WAKE_TIMEOUT_MS', d.wakeTimeoutMs, 1, 3_600_000),
    queueRequestsMax: read('ROUSE_QUEUE_REQUESTS_MAX', d.queueRequestsMax, 1, 100_000),
    queueBytesMax: read('ROUSE_QUEUE_BYTES_MAX', d.queueBytesMax, 1, bytesMax),
    queueTotalBytesMax: read('ROUSE_QUEUE_TOTAL_BYTES_MAX', d.queueTotalBytesMax, 1, bytesMax),
    podRequestsMax: read('ROUSE_POD_REQUESTS_MAX', d.podRequestsMax, 1, 100_000),
    bodyBytesMax: read('ROUSE_BODY_BYTES_MAX', d.bodyBytesMax, 0, Number.MAX_SAFE_INTEGER),
    headerBytesMax: read('ROUSE_HEADER_BYTES_MAX', d.headerBytesMax, 1_024, mebibyte),
    headersMax: read('ROUSE_HEADERS_MAX', d.headersMax, 10, 2_000),
    connectionsMax: read('ROUSE_CONNECTIONS_MAX', d.connectionsMax, 10, 1_000_000),
  };
}
