// Finds the kubectls of this machine by their minor versions, so that the cases run with several.

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { findKubectl } from '../../support/kubectl.ts';

let found: ReadonlyMap<string, string> | undefined;

/** By `1.36`. Looks at the one other tests use, at `kubectl.1.27` and the like on the PATH, and into the cache. */
export function findKubectls(): ReadonlyMap<string, string> {
  found ??= new Map(
    candidates().flatMap((program): [string, string][] => {
      const minor = minorOf(program);
      return minor === undefined ? [] : [[minor, program]];
    }),
  );
  return found;
}

function candidates(): string[] {
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'rouse');
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), cache];
  const all = folders.flatMap((folder) =>
    folder === '' || !existsSync(folder)
      ? []
      : readdirSync(folder)
          .filter((name) => /^kubectl[.-]v?\d+\.\d+(\.\d+)?$/.test(name))
          .map((name) => join(folder, name)),
  );
  const usual = findKubectl();
  return usual === undefined ? all : [usual, ...all];
}

function minorOf(program: string): string | undefined {
  try {
    const text = execFileSync(program, ['version', '--client', '-o', 'json'], {
      encoding: 'utf8',
      timeout: 20_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const { gitVersion } = (JSON.parse(text) as { clientVersion: { gitVersion: string } })
      .clientVersion;
    return /^v(\d+\.\d+)\./.exec(gitVersion)?.[1];
  } catch {
    return undefined;
  }
}
