// Finds a real Helm for the tests of the chart, and runs it.

import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

const version = 'v3.22.0';
const helmTimeoutMs = 60_000;
const outputBytesMax = 16 * 1024 * 1024;

export const chart = resolve(import.meta.dirname, '../../../charts/rouse');
/** A Helm built with `go install` takes Kubernetes for 1.20 where it asks no server. */
export const kubeVersion = '1.36.3';

const helmMissing =
  'no Helm: put one on the PATH, name one in ROUSE_TEST_HELM, or run ' +
  `"go install helm.sh/helm/v3/cmd/helm@${version}" (80 s) and move it to rouse/helm-${version} in the cache; ` +
  'these tests are skipped\n';

/** ROUSE_TEST_HELM, else one on the PATH, else in the cache; undefined, with the reason printed, without one. */
export function helmOrSkip(): string | undefined {
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = [
    ...[process.env['ROUSE_TEST_HELM']].filter((named) => named !== undefined && named !== ''),
    ...folders.map((folder) => join(folder, 'helm')),
    join(cache, 'rouse', `helm-${version}`),
  ];
  const found = candidates.find((path) => path !== undefined && isProgram(path));
  if (found === undefined) process.stderr.write(helmMissing);
  return found;
}

export interface HelmResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export function runHelm(
  path: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  timeoutMs = helmTimeoutMs,
): Promise<HelmResult> {
  const options = { env, timeout: timeoutMs, maxBuffer: outputBytesMax };
  return new Promise((done) => {
    execFile(path, args, options, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : 1;
      done({ code: error === null ? 0 : code, stdout, stderr });
    });
  });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
