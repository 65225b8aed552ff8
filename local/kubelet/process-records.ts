// Which processes run for which containers, on disk, so that a kubelet that was killed finds its leftovers.

import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readProcessIdentity } from './process-identity.ts';

export interface ProcessRecord {
  readonly pid: number;
  /** See readProcessIdentity. */
  readonly identity: string | undefined;
  readonly podUid: string;
  readonly container: string;
}

export class ProcessRecords {
  readonly #folder: string;
  /** Of this kubelet's own life: a process may end before its identity is known. */
  readonly #current = new Set<number>();

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /** Call after the process was started. */
  add(record: Omit<ProcessRecord, 'identity'>): void {
    const { pid } = record;
    this.#current.add(pid);
    readProcessIdentity(pid, (identity) => {
      if (!this.#current.has(pid)) return;
      writeFileSync(this.#pathOf(pid), JSON.stringify({ ...record, identity }), { mode: 0o600 });
    });
  }

  remove(pid: number): void {
    this.#current.delete(pid);
    rmSync(this.#pathOf(pid), { force: true });
  }

  /** What an earlier kubelet wrote. A file that is cut off is skipped and removed. */
  readAll(): ProcessRecord[] {
    const records: ProcessRecord[] = [];
    for (const name of readdirSync(this.#folder)) {
      const path = join(this.#folder, name);
      try {
        const record = JSON.parse(readFileSync(path, 'utf8')) as ProcessRecord;
        if (Number.isSafeInteger(record.pid) && record.pid > 1) records.push(record);
      } catch {
        rmSync(path, { force: true });
      }
    }
    return records;
  }

  #pathOf(pid: number): string {
    return join(this.#folder, `${pid}.json`);
  }
}

/** Whether the process of the record still runs; another program with its pid does not count. */
export function isRunning(record: ProcessRecord): Promise<boolean> {
  return new Promise((resolve) => {
    readProcessIdentity(record.pid, (identity) => {
      resolve(identity !== undefined && identity === record.identity);
    });
  });
}
