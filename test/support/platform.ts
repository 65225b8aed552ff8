// A whole local platform for a test: `npm start` in a temporary home on free ports.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runPlatform, type PlatformPorts, type RunningPlatform } from '../../local/run-platform.ts';
import { findKubectl } from './kubectl.ts';

export interface KubectlAnswer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface TestPlatform extends RunningPlatform {
  /** Runs the real kubectl; a test that needs it skips itself where `findKubectl()` has none. */
  kubectl(...args: string[]): Promise<KubectlAnswer>;
  /** Stops it and removes its home. */
  dispose(): Promise<void>;
  /** The end of what it printed and of every log in its home, for the report of a failure. */
  logs(): string;
}

const kubectlTimeoutMs = 60_000;
const logLinesMax = 40;

export function makeHome(): string {
  return mkdtempSync(join(tmpdir(), 'rouse-test-'));
}

export async function startPlatform(
  options: { home?: string; ports?: PlatformPorts; env?: Record<string, string> } = {},
): Promise<TestPlatform> {
  const home = options.home ?? makeHome();
  const platform = await runPlatform({
    home,
    ...(options.ports && { ports: options.ports }),
    ...(options.env && { env: options.env }),
  }).catch((error: unknown) => {
    throw new Error(`${(error as Error).message}\n${logsIn(home)}`, { cause: error });
  });
  return {
    ...platform,
    kubectl: (...args) => runKubectl({ kubeconfig: platform.kubeconfig, args }),
    dispose: async () => {
      await platform.stop();
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
    logs: () => `--- printed\n${lastLines(platform.output())}\n${logsIn(home)}`,
  };
}

/** `input` goes to its standard input, for `-f -`. */
export function runKubectl(run: {
  kubeconfig: string;
  args: readonly string[];
  input?: string;
}): Promise<KubectlAnswer> {
  const program = findKubectl();
  if (program === undefined) throw new Error('no kubectl here; the test should have been skipped');
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...run.args], {
      // Its cache goes by address, and another platform may have had the same one an hour ago.
      env: { ...process.env, KUBECONFIG: run.kubeconfig, KUBECACHEDIR: `${run.kubeconfig}.cache` },
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: kubectlTimeoutMs,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
    child.stdin.end(run.input ?? '');
  });
}

function logsIn(folder: string): string {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return paths
    .filter((path) => path.endsWith('.log') && statSync(join(folder, path)).isFile())
    .map((path) => `--- ${path}\n${lastLines(readFileSync(join(folder, path), 'utf8'))}`)
    .join('\n');
}

function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-logLinesMax).join('\n');
}
