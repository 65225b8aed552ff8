// Runs `node local/up.ts` as a child on free ports, for those who want a whole platform for a while.

import { spawn, type ChildProcess } from 'node:child_process';
import { join, resolve } from 'node:path';
import { findFreePorts } from './find-free-ports.ts';

export interface PlatformOptions {
  /** Folder for kubeconfig, database and logs; it stays when the platform stops. */
  readonly home: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Chosen when left out. */
  readonly ports?: PlatformPorts;
  /** From the start to the line "Rouse is ready". Default 30_000. */
  readonly readyTimeoutMs?: number;
  /** Stops it, also in the middle of its start. */
  readonly signal?: AbortSignal;
}

export interface PlatformPorts {
  readonly gateway: number;
  readonly api: number;
  readonly admin: number;
}

export interface RunningPlatform {
  readonly pid: number;
  readonly home: string;
  readonly ports: PlatformPorts;
  readonly kubeconfig: string;
  readonly readyMs: number;
  readonly gatewayUrl: string;
  readonly adminUrl: string;
  /** What it printed, the last 64 KiB. */
  output(): string;
  /** Resolves with the exit code, or the signal's name, once the process is gone. */
  readonly exited: Promise<number | string>;
  /** As Ctrl-C does; SIGKILL after `graceMs`, default 15_000. Resolves with how it ended. */
  stop(graceMs?: number): Promise<number | string>;
}

/** A start that ended by itself; `exitCode` and `output` say how. */
export class PlatformStartError extends Error {
  override readonly name = 'PlatformStartError';
  readonly exitCode: number | string;
  readonly output: string;

  constructor(exitCode: number | string, output: string) {
    super(`the platform did not start (${exitCode}):\n${output}`);
    this.exitCode = exitCode;
    this.output = output;
  }
}

const readyTimeoutMsDefault = 30_000;
const stopGraceMsDefault = 15_000;
const outputCharactersMax = 64 * 1024;
const upFile = resolve(import.meta.dirname, 'up.ts');

/** Throws PlatformStartError when it exits before it is ready, or is not ready in time. */
export async function runPlatform(options: PlatformOptions): Promise<RunningPlatform> {
  const ports = options.ports ?? (await choosePorts());
  const startedMs = performance.now();
  const child = spawn(process.execPath, [upFile], {
    env: {
      ...process.env,
      ...options.env,
      ROUSE_UNTIL_STDIN_ENDS: '1',
      ROUSE_HOME: options.home,
      ROUSE_GATEWAY_PORT: String(ports.gateway),
      ROUSE_API_PORT: String(ports.api),
      ROUSE_ADMIN_PORT: String(ports.admin),
    },
    // Its own group, so that a Ctrl-C in our terminal reaches it only through us, in order.
    detached: true,
    // Our end of its stdin closes when we die, however we die; it stops then.
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // Whoever exits without stopping it must not leave it behind.
  const stopWithUs = () => child.kill('SIGTERM');
  process.once('exit', stopWithUs);
  child.once('exit', () => process.off('exit', stopWithUs));
  const output = collectOutput(child);
  const exited = new Promise<number | string>((done) => {
    child.once('exit', (code, signal) => done(code ?? signal ?? 'unknown'));
    child.once('error', (error) => done(error.message));
  });
  const stop = (graceMs = stopGraceMsDefault) => stopChild(child, exited, graceMs);
  options.signal?.addEventListener('abort', () => void stop(), { once: true });
  const isReady = await becomesReady({ child, output, exited, options });
  if (!isReady) throw new PlatformStartError(await stop(), output());
  return {
    pid: child.pid ?? 0,
    home: options.home,
    ports,
    kubeconfig: join(options.home, 'kubeconfig'),
    readyMs: performance.now() - startedMs,
    gatewayUrl: `http://127.0.0.1:${ports.gateway}`,
    adminUrl: `http://127.0.0.1:${ports.admin}`,
    output,
    exited,
    stop,
  };
}

async function choosePorts(): Promise<PlatformPorts> {
  const [gateway = 0, api = 0, admin = 0] = await findFreePorts(3);
  return { gateway, api, admin };
}

function collectOutput(child: ChildProcess): () => string {
  let text = '';
  const collect = (chunk: Buffer) => {
    text = (text + chunk.toString('utf8')).slice(-outputCharactersMax);
  };
  child.stdout?.on('data', collect);
  child.stderr?.on('data', collect);
  return () => text;
}

/** `false` when it exited first or the time is up. */
async function becomesReady(start: {
  child: ChildProcess;
  output: () => string;
  exited: Promise<unknown>;
  options: PlatformOptions;
}): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeoutMs = start.options.readyTimeoutMs ?? readyTimeoutMsDefault;
  const ready = new Promise<boolean>((done) => {
    start.child.stdout?.on('data', () => {
      if (/^Rouse is ready/m.test(start.output())) done(true);
    });
    timer = setTimeout(() => done(false), timeoutMs);
  });
  try {
    return await Promise.race([ready, start.exited.then(() => false)]);
  } finally {
    clearTimeout(timer);
  }
}

async function stopChild(
  child: ChildProcess,
  exited: Promise<number | string>,
  graceMs: number,
): Promise<number | string> {
  if (child.exitCode !== null || child.signalCode !== null) return exited;
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  try {
    return await exited;
  } finally {
    clearTimeout(timer);
  }
}
