// Finds a real kubectl for the tests, or builds it from its published Go modules into a cache outside the repository.

import { spawnSync, spawn } from 'node:child_process';
import { accessSync, constants, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

const version = 'v1.36.3';
const sources = join(import.meta.dirname, 'kubectl');
/** Cold, on two busy cores, it took 100 seconds. */
const buildTimeoutMs = 15 * 60_000;
const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
const built = join(cache, 'rouse', `kubectl-${version}`);

export const kubectlMissing =
  'no kubectl: put one on the PATH, name one in ROUSE_TEST_KUBECTL, or install Go and run "node .ci/provide-kubectl.ts"';

/** ROUSE_TEST_KUBECTL, else one on the PATH, else the one in the cache, else `undefined`. */
export function findKubectl(): string | undefined {
  const named = process.env['ROUSE_TEST_KUBECTL'];
  if (named) return named;
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = [...folders.map((folder) => join(folder, 'kubectl')), built];
  return candidates.find(isProgram);
}

/** Builds it where there is none; `undefined` with a printed reason when that can't be done here. */
export async function provideKubectl(print: (line: string) => void): Promise<string | undefined> {
  const found = findKubectl();
  if (found !== undefined) return found;
  if (spawnSync('go', ['version']).status !== 0) {
    print(`${kubectlMissing}; the tests that need it are skipped`);
    return undefined;
  }
  print(`building kubectl ${version} from its Go modules into ${built}: a minute or three`);
  const startedMs = performance.now();
  const ticker = setInterval(() => print(`  … ${secondsSince(startedMs)} s`), 15_000);
  try {
    await build();
    print(`built kubectl in ${secondsSince(startedMs)} s`);
    return built;
  } catch (error) {
    print(`kubectl could not be built (${String(error)}); the tests that need it are skipped`);
    return undefined;
  } finally {
    clearInterval(ticker);
  }
}

/** Into a temporary name first, since two test runs may build at once. */
async function build(): Promise<void> {
  mkdirSync(join(cache, 'rouse'), { recursive: true });
  const target = `${built}.${process.pid}`;
  const flags = `-s -w -X k8s.io/component-base/version.gitVersion=${version}`;
  const args = ['build', '-trimpath', '-buildvcs=false', '-ldflags', flags, '-o', target, '.'];
  const child = spawn('go', args, {
    cwd: sources,
    env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' },
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: buildTimeoutMs,
  });
  try {
    const code = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', resolve);
    });
    if (code !== 0) throw new Error(`go build exited with ${String(code)}`);
    renameSync(target, built);
  } finally {
    rmSync(target, { force: true });
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function secondsSince(startedMs: number): number {
  return Math.round((performance.now() - startedMs) / 1000);
}
