// One run of a container: a process in a group of its own, with its output in a log.

import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import type { Clock, Timer } from '../../platform/process/clock.ts';
import type { ContainerLog } from './container-log.ts';
import type { ProcessRecords } from './process-records.ts';
import type { Reaper } from './reaper.ts';

export interface ProcessPorts {
  readonly clock: Clock;
  readonly reaper: Reaper;
  readonly records: ProcessRecords;
}

export interface ProcessSpec {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly podUid: string;
  readonly container: string;
  readonly log: ContainerLog;
}

export interface ProcessEnd {
  /** 128 plus the signal's number when a signal ended it. */
  readonly exitCode: number;
  readonly signal: number | undefined;
  /** Set when it could not be started at all. */
  readonly startError: string | undefined;
}

const exitCodeNotStarted = 128;

export class PodProcess {
  readonly pid: number | undefined;
  /** Resolves once, when the process has ended. */
  readonly ended: Promise<ProcessEnd>;
  hasEnded = false;

  readonly #ports: ProcessPorts;
  #killTimer: Timer | undefined;

  constructor(ports: ProcessPorts, spec: ProcessSpec, onEnd: (end: ProcessEnd) => void) {
    this.#ports = ports;
    let resolveEnded: (end: ProcessEnd) => void = () => {};
    this.ended = new Promise((resolve) => (resolveEnded = resolve));
    const finish = (end: ProcessEnd): void => {
      if (this.hasEnded) return;
      this.hasEnded = true;
      this.#cleanUp();
      spec.log.finish();
      onEnd(end);
      resolveEnded(end);
    };
    let child: ChildProcess;
    try {
      child = spawn(spec.file, spec.args, {
        cwd: spec.folder,
        env: spec.env,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    } catch (error) {
      // For example an argument with a NUL byte.
      queueMicrotask(() => finish(notStarted(error)));
      return;
    }
    this.pid = child.pid;
    child.on('error', (error) => finish(notStarted(error)));
    child.once('exit', (code, signal) => finish(endOf(code, signal)));
    if (child.stdout !== null) spec.log.attach(child.stdout, 'stdout');
    if (child.stderr !== null) spec.log.attach(child.stderr, 'stderr');
    if (child.pid === undefined) return;
    ports.reaper.add(child.pid);
    ports.records.add({ pid: child.pid, podUid: spec.podUid, container: spec.container });
  }

  /** TERM to the whole group, KILL when it hasn't ended after `graceMs`. A second call may only shorten the time. */
  terminate(graceMs: number): void {
    if (this.hasEnded) return;
    this.#killTimer?.cancel();
    if (graceMs <= 0) {
      this.#signal('SIGKILL');
      return;
    }
    this.#signal('SIGTERM');
    this.#killTimer = this.#ports.clock.setTimeout(() => this.#signal('SIGKILL'), graceMs);
  }

  #signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    if (this.pid === undefined) return;
    try {
      process.kill(-this.pid, signal);
    } catch {
      // The group has just ended.
    }
  }

  #cleanUp(): void {
    this.#killTimer?.cancel();
    if (this.pid === undefined) return;
    // As in a container, nothing outlives the first process.
    this.#signal('SIGKILL');
    this.#ports.reaper.remove(this.pid);
    this.#ports.records.remove(this.pid);
  }
}

function endOf(code: number | null, signal: NodeJS.Signals | null): ProcessEnd {
  if (signal === null) return { exitCode: code ?? 0, signal: undefined, startError: undefined };
  const number = constants.signals[signal];
  return { exitCode: 128 + number, signal: number, startError: undefined };
}

function notStarted(error: unknown): ProcessEnd {
  const { message } = error as Error;
  return { exitCode: exitCodeNotStarted, signal: undefined, startError: message };
}
