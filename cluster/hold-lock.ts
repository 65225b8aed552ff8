// One `up` or `down` at a time on this machine: they share Docker, the cache and the host's network.

import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts';
import { say } from './print-step.ts';
import { StopError } from './stop-error.ts';

const lookMs = 500;
/** A cold `up` builds Kubernetes, and the next one is to wait for that. */
const waitMsMax = 40 * 60_000;

/** Holds the lock while `work` runs; one whose holder has died is taken over. */
export async function holdLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  const endMs = performance.now() + waitMsMax;
  let isSaid = false;
  while (!take(path)) {
    const holder = readHolder(path);
    if (holder !== undefined && !isSaid) {
      say(`waiting for another "npm run cluster", process ${holder.pid}`);
      isSaid = true;
    }
    if (performance.now() > endMs) throw new StopError(`${path} is still held after 40 minutes`);
    await delay(lookMs);
  }
  const release = () => rmSync(path, { force: true });
  process.once('exit', release); // A signal ends this process before `finally` comes.
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

function take(path: string): boolean {
  try {
    writeFileSync(path, JSON.stringify(identify(process.pid)), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const holder = readHolder(path);
  if (holder === undefined ? isBeingWritten(path) : isAlive(holder)) return false;
  rmSync(path, { force: true });
  return false; // Taken at the next look, so that of two that find it stale only one gets it.
}

function isBeingWritten(path: string): boolean {
  return Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) < 4 * lookMs;
}

function readHolder(path: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
