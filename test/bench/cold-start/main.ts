// `npm run bench -- cold-start --target local|cluster [--json]`: the warm pool in figures; exits 1 at a missed target.

import { parseArgs } from 'node:util';
import { loadNow, makeReport, passes, printReport } from '../report.ts';
import { targets, type Bed, type Progress, type TargetName } from './bed.ts';
import { buildFigures, buildMeasurements, type Results } from './figures.ts';
import { openClusterBed } from './cluster-bed.ts';
import { Fleet, fleetSize, resizedSize } from './fleet.ts';
import { openLocalBed } from './local-bed.ts';
import { measureBurst, measureCallers } from './measure-crowds.ts';
import { measureParked } from './measure-parked.ts';
import { measureSingle } from './measure-single.ts';
import { measureSustained } from './measure-sustained.ts';

const opens: Readonly<Record<TargetName, (progress: Progress) => Promise<Bed>>> = {
  local: openLocalBed,
  cluster: openClusterBed,
};

async function measure(bed: Bed, progress: Progress): Promise<Results> {
  const resized = await Fleet.create(
    bed,
    { prefix: 'resized', count: resizedSize, isResized: true },
    progress,
  );
  const fleet = await Fleet.create(
    bed,
    { prefix: 'cold', count: fleetSize, isResized: false },
    progress,
  );
  progress('filling the pool');
  // First: later on some process may have been more than parked.
  const parkedPrivateBytes = await measureParked(bed);
  const single = await measureSingle(bed, resized, progress);
  const callers50 = await measureCallers(bed, fleet, progress);
  const burst20 = await measureBurst(bed, fleet, { count: 20, progress });
  const sustained = await measureSustained(bed, fleet, { idle: 'soon', progress });
  const lasting = await measureSustained(bed, fleet, { idle: 'default', progress });
  const burst100 = await measureBurst(bed, fleet, { count: 100, progress });
  return { single, callers50, burst20, burst100, sustained, lasting, parkedPrivateBytes };
}

async function measureOn(target: TargetName, progress: Progress): Promise<Results> {
  const bed = await opens[target](progress);
  const stop = (): void => {
    void bed.dispose().finally(() => process.exit(130));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    return await measure(bed, progress);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    progress('putting things back');
    // Said and not thrown: what went wrong before matters more, and so do figures.
    await bed.dispose().catch((error: unknown) => console.error(error));
  }
}

function parseTarget(): { readonly target: TargetName; readonly isJson: boolean } {
  const { values } = parseArgs({
    options: { target: { type: 'string', default: 'local' }, json: { type: 'boolean' } },
  });
  const target = targets.find((one) => one === values.target);
  if (target === undefined) {
    throw new Error(`--target is one of: ${targets.join(', ')}; not "${values.target}"`);
  }
  return { target, isJson: values.json === true };
}

const { target, isJson } = parseTarget();
const begun = { date: new Date().toISOString(), loadBefore: loadNow() };
const startedMs = performance.now();
const progress: Progress = (line) => {
  console.error(`… ${((performance.now() - startedMs) / 1000).toFixed(0)} s: ${line}`);
};
const figures = buildFigures(target, await measureOn(target, progress));
const measurements = buildMeasurements(figures);
const command = ['npm run bench -- cold-start', ...process.argv.slice(2)].join(' ');
const benchmark = `cold-start on ${target}`;
const report = makeReport({ ...begun, benchmark, command, measurements });
const goals = measurements
  .filter((one) => one.target !== undefined)
  .map((one) => ({ what: one.what, value: one.value, target: one.target, pass: passes(one) }));
if (isJson)
  console.log(JSON.stringify({ ...report, measurements: undefined, ...figures, goals }, null, 2));
else printReport(report);
process.exit(goals.every(({ pass }) => pass) ? 0 : 1);
