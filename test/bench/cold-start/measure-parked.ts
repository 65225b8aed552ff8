// What a parked pod holds in memory that it shares with nobody.

import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { median } from '../report.ts';
import { poolSize, type Bed } from './bed.ts';

/** A parked process tidies up after it has rehearsed. */
const settleMs = 3_000;

/** Median over the parked pods, in bytes; `undefined` where the system doesn't tell. */
export async function measureParked(bed: Bed): Promise<number | undefined> {
  await bed.watch.asleep(poolSize.min);
  await pause(settleMs);
  const bytes = bed.parkedPids().flatMap((pid) => privateBytesOf(pid) ?? []);
  return bytes.length === 0 ? undefined : median(bytes);
}

function privateBytesOf(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    const found = [...text.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB/gm)];
    return found.reduce((total, [, kibibytes]) => total + Number(kibibytes) * 1024, 0);
  } catch {
    return undefined;
  }
}
