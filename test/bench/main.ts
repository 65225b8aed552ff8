// `npm run bench -- NAME [--json]`: runs one benchmark; exits 1 when it misses a target.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { clusterSteps, measureCluster } from './cluster.ts';
import { localSteps, measureLocal } from './local.ts';
import { loadNow, makeReport, passes, printReport, type Measurement } from './report.ts';

type Benchmark = (progress: (line: string) => void) => Promise<Measurement[]>;

/** `local` and `cluster` are all of their steps on one platform; each step's own name is that step alone. */
const benchmarks: Readonly<Record<string, Benchmark>> = {
  local: (progress) => measureLocal(Object.values(localSteps), progress),
  ...Object.fromEntries(
    Object.entries(localSteps).map(([step, measure]) => [
      step,
      (progress: (line: string) => void) => measureLocal([measure], progress),
    ]),
  ),
  cluster: (progress) => measureCluster(Object.values(clusterSteps), progress),
  ...Object.fromEntries(
    Object.entries(clusterSteps).map(([step, measure]) => [
      step,
      (progress: (line: string) => void) => measureCluster([measure], progress),
    ]),
  ),
};

/** Programs of their own, with a table of their own. */
const programs: Readonly<Record<string, string>> = {
  'cold-start': 'cold-start/main.ts',
  'runtime-start': 'runtime-start.ts',
};

const [name = '', ...options] = process.argv.slice(2);
const program = programs[name];
if (program !== undefined) {
  const args = [join(import.meta.dirname, program), ...options];
  process.exit(spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1);
}
const isJson = options.includes('--json');
const benchmark = benchmarks[name];

if (benchmark === undefined || options.some((option) => option !== '--json')) {
  console.error(`usage: npm run bench -- NAME [--json], with NAME one of: ${names()}`);
  process.exit(2);
}

const loadBefore = loadNow();
const date = new Date().toISOString();
const measurements = await benchmark((line) => console.error(`… ${line}`));
const command = `npm run bench -- ${process.argv.slice(2).join(' ')}`;
const report = makeReport({ benchmark: name, command, date, loadBefore, measurements });
if (isJson) console.log(JSON.stringify(report, null, 2));
else printReport(report);
process.exit(measurements.every((one) => passes(one) !== false) ? 0 : 1);

function names(): string {
  return [...Object.keys(benchmarks), ...Object.keys(programs)].join(', ');
}
