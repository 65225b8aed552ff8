// Runs other programs to their end, and gives what they said when they fail.

import { spawn, type ChildProcess } from 'node:child_process';
import { StopError } from './stop-error.ts';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Heavy work steps back behind everything else on the machine. */
  readonly nice?: boolean;
  readonly timeoutMs?: number;
}

export interface Outcome {
  /** `null` when it could not start or a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const timeoutDefaultMs = 5 * 60_000;
const running = new Set<ChildProcess>();
const keptCharacters = 1 << 20;

/** Gives standard output; throws with the last words of a program that failed. */
export async function run(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const outcome = await tryRun(program, args, options);
  if (outcome.code === 0) return outcome.stdout;
  const said = `${outcome.stdout}\n${outcome.stderr}`.trim().split('\n').slice(-12).join('\n  ');
  throw new StopError(`${[program, ...args].join(' ').slice(0, 300)} failed:\n  ${said}`);
}

/** The same without throwing. */
export async function tryRun(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Outcome> {
  const [name, words]: [string, readonly string[]] = options.nice
    ? ['nice', ['-n', '19', program, ...args]]
    : [program, args];
  const child = spawn(name, words, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that what it starts can be ended with it.
    detached: true,
    timeout: options.timeoutMs ?? timeoutDefaultMs,
  });
  running.add(child);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout = (stdout + text).slice(-keptCharacters);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-keptCharacters);
  });
  return await new Promise((resolve) => {
    const settle = (outcome: Outcome) => {
      running.delete(child);
      resolve(outcome);
    };
    child.once('error', (error) => settle({ code: null, stdout, stderr: error.message }));
    child.once('close', (code) => settle({ code, stdout, stderr }));
  });
}

/** Ends whatever runs, with everything it started; for a user who no longer waits. */
export function endPrograms(): void {
  for (const { pid } of running) {
    if (pid === undefined) continue;
    try {
      process.kill(-pid, 'SIGTERM');
    } catch {
      // It ended by itself.
    }
  }
}
