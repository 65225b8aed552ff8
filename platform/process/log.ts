// One JSON line per event on stdout, made by pino.

import { pino } from 'pino';

export type LogFields = Record<string, unknown>;

export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** `component` stands on every line. An `error` field that is an Error is written with stack and cause. */
export function createLog(options: { component: string; level?: LogLevel }): Log {
  return pino({
    level: options.level ?? 'info',
    base: { component: options.component },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { error: pino.stdSerializers.errWithCause },
  });
}

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
