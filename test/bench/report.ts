// What every benchmark reports: numbers beside their targets, raw values, and the state of the machine.

import { execFileSync } from 'node:child_process';
import { cpus, loadavg, platform, release, totalmem } from 'node:os';

export interface Measurement {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** Left out: there is nothing it must reach. */
  readonly target?: {
    readonly below?: number;
    readonly exactly?: number;
    readonly atLeast?: number;
  };
  /** What `value` is the median of, or made from. */
  readonly raw?: readonly number[];
  readonly note?: string;
}

export interface Report {
  readonly benchmark: string;
  readonly command: string;
  readonly date: string;
  readonly machine: string;
  readonly commit: string;
  readonly loadBefore: number;
  readonly loadAfter: number;
  readonly measurements: readonly Measurement[];
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** `fraction` is 0..1; the nearest value at or above it. NaN of nothing. */
export function percentile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * fraction) - 1)] ?? NaN;
}

/** `undefined` where there is no target. */
export function passes({ value, target }: Measurement): boolean | undefined {
  if (target === undefined) return undefined;
  if (target.exactly !== undefined) return value === target.exactly;
  if (target.atLeast !== undefined) return value >= target.atLeast;
  return value < (target.below ?? Infinity);
}

export function describeMachine(): string {
  const models = cpus();
  const memoryGib = (totalmem() / 2 ** 30).toFixed(0);
  const node = `Node ${process.versions.node}`;
  const model = models[0]?.model.trim() ?? 'unknown processor';
  return `${models.length} x ${model}, ${memoryGib} GiB, ${platform()} ${release()}, ${node}`;
}

export function describeCommit(): string {
  try {
    const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim();
    const isChanged = git('status', '--porcelain', '--untracked-files=no') !== '';
    return git('rev-parse', '--short', 'HEAD') + (isChanged ? ' with changes' : '');
  } catch {
    return 'unknown';
  }
}

export function loadNow(): number {
  return loadavg()[0] ?? 0;
}

/** At the end of a run, for what was measured in it. */
export function makeReport(
  begun: Pick<Report, 'benchmark' | 'command' | 'date' | 'loadBefore' | 'measurements'>,
): Report {
  return {
    ...begun,
    machine: describeMachine(),
    commit: describeCommit(),
    loadAfter: loadNow(),
  };
}

export function printReport(report: Report): void {
  console.log(`${report.benchmark}: ${report.command}`);
  console.log(`  ${report.date}, commit ${report.commit}`);
  console.log(`  ${report.machine}`);
  console.log(
    `  load average ${report.loadBefore.toFixed(2)} before, ${report.loadAfter.toFixed(2)} after\n`,
  );
  for (const one of report.measurements) console.log(describe(one));
}

function describe(one: Measurement): string {
  const verdict = { true: 'pass', false: 'FAIL', undefined: '    ' }[String(passes(one))];
  const signs = { below: '<', exactly: '=', atLeast: '>=' } as const;
  const goal = Object.entries(one.target ?? {})
    .map(([kind, limit]) => `${signs[kind as keyof typeof signs]} ${limit}`)
    .join('');
  const line = `  ${verdict} ${one.what.padEnd(46)} ${round(one.value).padStart(9)} ${one.unit.padEnd(10)} ${goal}`;
  const raw = one.raw === undefined ? '' : `\n         raw: ${one.raw.map(round).join(' ')}`;
  return (
    line.trimEnd() +
    raw +
    (one.note === undefined || one.note === '' ? '' : `\n         ${one.note}`)
  );
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}
