// A Docker of our own, in a folder of its own, for a machine where none runs; ended by pid, and without a trace.

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { folders } from './folders.ts';
import { readNetwork, restoreNetwork } from './host-network.ts';
import { isDockerRunning } from './observe-host.ts';
import { bootId, identify, isAlive, readName, type ProcessIdentity } from './process-identity.ts';
import type { NetworkState } from './plan-network-restore.ts';
import { StopError } from './stop-error.ts';

/** Written before the start and deleted after a clean stop, so that a crash loses neither pid nor network. */
interface DockerRecord {
  readonly bootId: string;
  readonly daemon: ProcessIdentity | undefined;
  readonly networkBefore: NetworkState;
  /** What containers are started by; `undefined` is Docker's own choice. */
  readonly runtime: string | undefined;
}

const recordFile = join(folders.docker, 'record.json');
const pidFile = join(folders.docker, 'docker.pid');
const containerdPidFile = join(folders.docker, 'exec', 'containerd', 'containerd.pid');
const logFile = join(folders.docker, 'dockerd.log');
const socket = `unix://${join(folders.docker, 'docker.sock')}`;
const startMsMax = 60_000;
const stopMsMax = 60_000;
const lookMs = 100;

/** What other programs need in their environment to talk to it. */
export const ownDockerEnv = { ...process.env, DOCKER_HOST: socket };

export function isOwnDockerAlive(): boolean {
  const daemon = readRecord()?.daemon;
  return daemon !== undefined && isAlive(daemon);
}

/** It was started since the machine's start, and not stopped by us. */
export function hasOwnDockerCrashed(): boolean {
  return readRecord() !== undefined && !isOwnDockerAlive();
}

/** `runtime` is the program to start containers by; left out, Docker's own choice. */
export async function startOwnDocker(runtime: string | undefined): Promise<void> {
  if (isOwnDockerAlive() && (await isDockerRunning(ownDockerEnv))) return;
  if (isOwnDockerAlive()) await stopOwnDocker();
  mkdirSync(folders.docker, { recursive: true });
  // After a crash its rules are still there: the state before the first start is the one to go back to.
  const networkBefore = readRecord()?.networkBefore ?? (await readNetwork());
  writeRecord({ bootId: bootId(), daemon: undefined, networkBefore, runtime });
  forgetDeadPids();
  const log = openSync(logFile, 'w');
  const child = spawn('dockerd', daemonArguments(runtime), {
    detached: true,
    stdio: ['ignore', log, log],
  });
  child.once('error', () => undefined);
  if (child.pid === undefined) throw new StopError('Docker is missing: dockerd could not start');
  writeRecord({ bootId: bootId(), daemon: identify(child.pid), networkBefore, runtime });
  child.unref();
  const endMs = performance.now() + startMsMax;
  while (!(await isDockerRunning(ownDockerEnv))) {
    if (child.exitCode !== null || performance.now() > endMs) {
      throw new StopError(`dockerd did not start; its last words:\n${lastWords()}`);
    }
    await delay(lookMs);
  }
}

/** Brings one that died back as it was, since only it can end the containers it had. */
export async function restartOwnDocker(): Promise<void> {
  await startOwnDocker(readRecord()?.runtime);
}

export async function stopOwnDocker(): Promise<void> {
  const record = readRecord();
  if (record === undefined) return;
  const { daemon } = record;
  if (daemon !== undefined && isAlive(daemon)) {
    process.kill(daemon.pid, 'SIGTERM');
    const endMs = performance.now() + stopMsMax;
    while (isAlive(daemon)) {
      if (performance.now() > endMs) throw new StopError(`dockerd ${daemon.pid} does not end`);
      await delay(lookMs);
    }
  }
  await restoreNetwork(record.networkBefore);
  rmSync(recordFile, { force: true });
}

/** dockerd takes a number in these files for a process that lives, were it another's or a zombie's. */
function forgetDeadPids(): void {
  rmSync(pidFile, { force: true });
  const containerd = Number(readText(containerdPidFile));
  if (readName(containerd) !== 'containerd') rmSync(containerdPidFile, { force: true });
}

function readText(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

function daemonArguments(runtime: string | undefined): string[] {
  return [
    ...['--data-root', join(folders.docker, 'data')],
    ...['--exec-root', join(folders.docker, 'exec')],
    ...['--host', socket],
    ...['--pidfile', pidFile],
    ...(runtime === undefined
      ? []
      : ['--add-runtime', `rouse=${runtime}`, '--default-runtime', 'rouse']),
  ];
}

function lastWords(): string {
  return readText(logFile).trim().split('\n').slice(-5).join('\n');
}

function writeRecord(record: DockerRecord): void {
  writeFileSync(recordFile, JSON.stringify(record));
}

/** One from before the machine's last start says nothing about the network of now. */
function readRecord(): DockerRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(recordFile, 'utf8')) as DockerRecord;
    return record.bootId === bootId() ? record : undefined;
  } catch {
    return undefined;
  }
}
