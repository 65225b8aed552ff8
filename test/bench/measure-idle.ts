// What the whole platform costs while nobody calls: processor time and memory of its process tree.

import { cpuMsOf, memoryOf, processTree } from '../support/process-tree.ts';
import type { Target } from '../support/target.ts';
import type { Measurement } from './report.ts';

/** Short: a minute settles a little more, but moves no number by more than its noise. */
const settleMs = 15_000;
const windowMs = 30_000;
const megabyte = 1e6;

export async function measureIdle(
  target: Target,
  progress: (line: string) => void,
): Promise<Measurement[]> {
  const top = target.platform?.pid;
  if (top === undefined) throw new Error('only a local platform can be looked at from outside');
  progress(`idle: ${settleMs / 1000} s to settle, then ${windowMs / 1000} s`);
  await pause(settleMs);
  const before = processTree(top).map(({ pid }) => ({ pid, cpuMs: cpuMsOf(pid) }));
  const startedMs = performance.now();
  await pause(windowMs);
  const spentMs = before.reduce((sum, { pid, cpuMs }) => sum + cpuMsOf(pid) - cpuMs, 0);
  const percent = (spentMs / (performance.now() - startedMs)) * 100;
  const memory = processTree(top).map(({ pid, command }) => ({ command, ...memoryOf(pid) }));
  const rss = memory.map((one) => one.rssBytes / megabyte);
  const pss = memory.map((one) => (one.pssBytes ?? NaN) / megabyte);
  const hasPss = pss.every((value) => Number.isFinite(value));
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const names = memory
    .map(({ command }) => /\/([\w-]+)\.[cm]js/.exec(command)?.[1] ?? 'sh')
    .join(', ');
  return [
    {
      what: 'idle, processor',
      value: percent,
      unit: '% of 1 core',
      target: { below: 2 },
      note: `${windowMs / 1000} s, ${settleMs / 1000} s after the last call`,
    },
    {
      what: 'idle, memory, proportional',
      value: sum(hasPss ? pss : rss),
      unit: 'MB',
      target: { below: 300 },
      raw: hasPss ? pss : rss,
      note:
        `of ${names}; a page that several share is counted once` +
        (hasPss ? '' : ' for each (no smaps here)'),
    },
    {
      what: 'idle, memory, resident',
      value: sum(rss),
      unit: 'MB',
      raw: rss,
      note: 'a page that several share is counted for each: the program node itself three times',
    },
  ];
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
