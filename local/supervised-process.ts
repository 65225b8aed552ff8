// A part of the platform that runs as a child process and is started again whenever it dies.

import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemClock, type Clock } from '../platform/process/clock.ts';
import type { Log } from '../platform/process/log.ts';

export interface SupervisedOptions {
  /** For messages, for example `controller`. */
  readonly name: string;
  /** The program's file and arguments, run by this very Node. */
  readonly args: readonly string[];
  /** The child's whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Its stdout and stderr go there. */
  readonly logPath: string;
  readonly log: Log;
  readonly clock?: Clock;
}

const restartFirstMs = 50;
const restartMaxMs = 5_000;
/** A child that lived this long starts again without a delay that grew. */
const steadyAfterMs = 10_000;
const logBytesMax = 32 * 1024 * 1024;

export class SupervisedProcess {
  /** What the child said with its first `ready` message. */
  readonly firstReady: Promise<Record<string, unknown>>;
  readonly #options: SupervisedOptions;
  readonly #clock: Clock;
  #child: ChildProcess | undefined;
  #isStopping = false;
  #restartMs = restartFirstMs;
  #resolveReady: (detail: Record<string, unknown>) => void = () => {};
  #rejectReady: (error: Error) => void = () => {};
  #wasReady = false;

  constructor(options: SupervisedOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.firstReady = new Promise((resolve, reject) => {
      this.#resolveReady = resolve;
      this.#rejectReady = reject;
    });
    this.firstReady.catch(() => {}); // Whoever waits sees it; nobody else has to.
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    const { args, env, logPath, name, log } = this.#options;
    const startedMs = this.#clock.now();
    const output = openLog(logPath);
    // Its own process group: Ctrl-C in the terminal reaches only the supervisor, which stops the parts in order.
    const child = spawn(process.execPath, args, {
      env,
      detached: true,
      stdio: ['ignore', output, output, 'ipc'],
    });
    closeSync(output);
    this.#child = child;
    child.on('message', (message) => this.#receive(message));
    child.once('error', (error) => log.error({ error, name }, 'could not be started'));
    child.once('exit', (code, signal) => this.#exited({ code, signal, startedMs }));
  }

  /** SIGTERM, then SIGKILL after `graceMs`; resolves when the process is gone. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const timer = this.#clock.setTimeout(() => child.kill('SIGKILL'), graceMs);
    await gone;
    timer.cancel();
  }

  #receive(message: unknown): void {
    const detail = message as { type?: string };
    if (detail.type !== 'ready') return;
    this.#wasReady = true;
    this.#resolveReady({ ...detail });
  }

  #exited(end: { code: number | null; signal: string | null; startedMs: number }): void {
    const { name, log, logPath } = this.#options;
    this.#child = undefined;
    if (this.#isStopping) return;
    const { code, signal } = end;
    if (!this.#wasReady && code !== null) {
      // It never served: a setting or the machine is wrong, and trying again would only hide it.
      this.#rejectReady(new Error(`the ${name} exited with ${code} at its start; see ${logPath}`));
      return;
    }
    if (this.#clock.now() - end.startedMs > steadyAfterMs) this.#restartMs = restartFirstMs;
    log.warn({ name, code, signal, restartMs: this.#restartMs }, 'ended; starting it again');
    this.#clock.setTimeout(() => {
      if (!this.#isStopping) this.start();
    }, this.#restartMs);
    this.#restartMs = Math.min(restartMaxMs, this.#restartMs * 2);
  }
}

/** Appends; a file over the limit becomes FILE.1, replacing the one before. */
function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > logBytesMax) renameSync(path, `${path}.1`);
  return openSync(path, 'a', 0o600);
}
