// Makes the platform's folder, for its owner only, or says in one sentence why it can't.

import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { ConfigError } from '../platform/process/config.ts';

/** Throws ConfigError when the path is a file, lies below one, or can't be written. */
export function makeHome(home: string): void {
  try {
    // Not by `recursive`, with which Node 24 never comes back from a folder below /proc.
    for (const folder of missingFolders(home)) mkdirSync(folder, { mode: 0o700 });
    if (!statSync(home).isDirectory()) throw new Error('it is a file');
    accessSync(home, constants.W_OK | constants.X_OK);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
    throw new ConfigError(
      `ROUSE_HOME ${home} can't be used (${reason}); set it to a folder you may write`,
      { cause: error },
    );
  }
}

/** From the top down. */
function missingFolders(path: string): string[] {
  const missing: string[] = [];
  for (let at = path; !exists(at); at = dirname(at)) missing.unshift(at);
  return missing;
}

/** Also true for what is below a file (ENOTDIR): making the folder then says so. */
function exists(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}
