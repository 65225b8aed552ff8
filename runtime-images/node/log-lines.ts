// Writes the log: one line of JSON per event on standard output, with the ids of the request it belongs to.

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Invocation } from './invocation.ts';

export type Level = 'debug' | 'info' | 'warn' | 'error';

/** Characters of a message; what is longer is cut and marked. */
export const messageLengthMax = 16 * 1024;

/** The request that the running code belongs to. Costs 0.25 us a request in Node 24, and 0.2 ms to load. */
export const currentInvocation = new AsyncLocalStorage<Invocation>();

const consoleLevels = {
  trace: 'debug',
  debug: 'debug',
  log: 'info',
  info: 'info',
  dir: 'info',
  table: 'info',
  warn: 'warn',
  error: 'error',
} as const satisfies Record<string, Level>;

let origin: { function?: string; revision?: string } = {};

/** Names the function on every line from now on. */
export function setLogOrigin(bundle: { function: string; revision: string }): void {
  origin = { function: bundle.function, revision: bundle.revision };
}

export function logLine(level: Level, message: string, fields: Record<string, unknown> = {}): void {
  const invocation = currentInvocation.getStore();
  const traceId = invocation?.traceId;
  const line = {
    time: new Date().toISOString(),
    level,
    msg: cutMessage(message),
    ...(invocation === undefined ? {} : { requestId: invocation.id }),
    ...(traceId === undefined ? {} : { trace_id: traceId }),
    ...origin,
    ...fields,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Name, message and stack of whatever was thrown, each bounded. */
export function describeThrown(thrown: unknown): Record<string, unknown> {
  const stack = thrown instanceof Error ? thrown.stack : undefined;
  return {
    error: {
      type: errorName(thrown),
      message: cutMessage(errorMessage(thrown)),
      ...(typeof stack === 'string' ? { stack: cutMessage(stack) } : {}),
    },
  };
}

/** Lambda's errorType: the name of an error, the type of anything else. */
export function errorName(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null) return typeof thrown;
  return safely(() => String((thrown as Error).name || 'Error'), 'Error');
}

export function errorMessage(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null) return safely(() => String(thrown), '');
  return safely(() => String((thrown as Error).message ?? ''), '');
}

/** A user's error may be a Proxy, or have getters that throw. */
function safely(read: () => string, otherwise: string): string {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

/** From now on console.* makes log lines. What a user writes to process.stdout stays as it is. */
export function captureConsole(): void {
  for (const [name, level] of Object.entries(consoleLevels)) {
    (console as unknown as Record<string, unknown>)[name] = (...values: unknown[]): void => {
      logLine(level, formatConsole(name, values));
    };
  }
}

function formatConsole(name: string, values: unknown[]): string {
  if (values.length === 1 && typeof values[0] === 'string') return values[0];
  const util = process.getBuiltinModule('node:util');
  try {
    const text = name === 'dir' ? util.inspect(values[0]) : util.format(...values);
    if (name !== 'trace') return text;
    return `Trace: ${text}\n${(new Error().stack ?? '').split('\n').slice(3).join('\n')}`;
  } catch (error) {
    return `a value could not be printed: ${errorMessage(error)}`;
  }
}

function cutMessage(text: string): string {
  if (text.length <= messageLengthMax) return text;
  return `${text.slice(0, messageLengthMax)} ... (${text.length - messageLengthMax} more characters)`;
}
