// The cluster's own log: JSON lines in a file, since the terminal is for people.

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { destination, pino, stdSerializers } from 'pino';
import type { Log, LogLevel } from '../platform/process/log.ts';

export function createFileLog(path: string, level: LogLevel): Log {
  // Comes first, so it makes the home as well: the database in it holds Secrets.
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return pino(
    {
      level,
      base: { component: 'cluster' },
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: stdSerializers.errWithCause },
    },
    // Synchronous: a line that explains a crash must be on disk before the crash.
    destination({ dest: path, mode: 0o600, sync: true }),
  );
}
