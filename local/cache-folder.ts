// Where files live that can be made again: outside the repository and outside ROUSE_HOME.

import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../platform/process/config.ts';

/** `$XDG_CACHE_HOME/rouse`, by default ~/.cache/rouse. */
export function cacheFolder(env: Environment): string {
  const base = env['XDG_CACHE_HOME'];
  return join(base === undefined || base === '' ? join(homedir(), '.cache') : base, 'rouse');
}
