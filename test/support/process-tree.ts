// Looks at processes from outside: who is whose child, and how much memory and time each has used.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

export interface SeenProcess {
  readonly pid: number;
  readonly parentPid: number;
  readonly command: string;
}

/** The process and all below it, the top one first. Empty when it is gone. */
export function processTree(pid: number): SeenProcess[] {
  const all = allProcesses();
  const top = all.find((one) => one.pid === pid);
  if (top === undefined) return [];
  const tree = [top];
  // The list grows while it is walked, until no process has children left.
  for (const parent of tree) tree.push(...all.filter((one) => one.parentPid === parent.pid));
  return tree;
}

export function allProcesses(): SeenProcess[] {
  const text = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,stat=,command='], {
    encoding: 'utf8',
    maxBuffer: 16 * 1024 * 1024,
  });
  return text.split('\n').flatMap((line) => {
    const found = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line);
    // A zombie holds nothing; it only waits for its parent to ask.
    if (found === null || found[3]?.startsWith('Z')) return [];
    return [{ pid: Number(found[1]), parentPid: Number(found[2]), command: found[4] ?? '' }];
  });
}

const partCommands = {
  controller: /\/controller(\/main\.ts|\.mjs)\b/,
  activator: /\/activator(\/main\.ts|\.mjs)\b/,
  pod: /\/runtime-node\.cjs\b|\/runtime-images\/node\/main\.ts\b/,
} as const;

/** The first process below `pid` that runs that part; throws when there is none. */
export function findPart(pid: number, part: keyof typeof partCommands): SeenProcess {
  const tree = processTree(pid);
  const found = tree.find((one) => partCommands[part].test(one.command));
  if (found !== undefined) return found;
  throw new Error(`no ${part} among: ${tree.map((one) => one.command).join(' | ')}`);
}

export function isAlive(pid: number): boolean {
  return allProcesses().some((one) => one.pid === pid);
}

export interface MemoryUse {
  /** Resident, in bytes: what two processes share is counted twice in a sum. */
  readonly rssBytes: number;
  /** Proportional, in bytes: what is shared is divided among those who share it. Linux only. */
  readonly pssBytes: number | undefined;
}

/** Zero for a process that is gone. */
export function memoryOf(pid: number): MemoryUse {
  const rollup = `/proc/${pid}/smaps_rollup`;
  if (existsSync(rollup)) {
    const text = readFileSync(rollup, 'utf8');
    return { rssBytes: kibibytes(text, 'Rss') * 1024, pssBytes: kibibytes(text, 'Pss') * 1024 };
  }
  try {
    const text = execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
    return { rssBytes: Number(text.trim()) * 1024, pssBytes: undefined };
  } catch {
    return { rssBytes: 0, pssBytes: undefined };
  }
}

function kibibytes(text: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
}

/** Time on a processor so far, in milliseconds, user and system together. Zero when it is gone. */
export function cpuMsOf(pid: number): number {
  if (existsSync('/proc/self/stat')) {
    if (!existsSync(`/proc/${pid}/stat`)) return 0;
    // The name may hold spaces and brackets, so fields are counted from the last bracket. A tick is 10 ms.
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  }
  try {
    const text = execFileSync('ps', ['-o', 'time=', '-p', String(pid)], { encoding: 'utf8' });
    return text
      .trim()
      .split(':')
      .reduce((sum, part) => sum * 60 + Number(part) * 1000, 0);
  } catch {
    return 0;
  }
}
