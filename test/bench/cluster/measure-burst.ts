// Twenty sleeping Functions called at once, and twenty bare Deployments scaled at once, in turn.

import { median, percentile, type Measurement } from '../report.ts';
import type { BenchCluster } from './bench-cluster.ts';
import { plainImage } from './enter-node.ts';

const count = 20;
const rounds = 8;
const ratioMax = 1.2;
const numbers = Array.from({ length: count }, (_, number) => number);

interface Times {
  readonly last: number[];
  readonly middle: number[];
}

export async function measureBurst(
  bench: BenchCluster,
  progress: (line: string) => void,
): Promise<Measurement[]> {
  const { target, bare } = bench;
  progress(`burst: making ${count} Functions and ${count} Deployments`);
  await Promise.all(numbers.map((number) => bare.create(`burst-bare-${number}`)));
  for (const number of numbers) {
    await target.deploy(`burst-${number}`, { image: plainImage, scaling: { idleSeconds: 1 } });
  }
  const hosts = await Promise.all(numbers.map((number) => bench.hostOf(`burst-${number}`)));
  const ours: Times = { last: [], middle: [] };
  const floor: Times = { last: [], middle: [] };
  const steps = [
    async () => {
      add(floor, await Promise.all(numbers.map((number) => bare.wake(`burst-bare-${number}`))));
      await Promise.all(numbers.map((number) => bare.sleep(`burst-bare-${number}`)));
    },
    async () => {
      const answers = await Promise.all(hosts.map((host) => bench.wake(host)));
      add(
        ours,
        answers.map((answer) => answer.firstByteMs),
      );
    },
  ];
  for (let round = 0; round < rounds; round += 1) {
    for (let at = 0; at < steps.length; at += 1) {
      await bench.settle();
      await steps[(round + at) % steps.length]?.();
    }
    progress(`burst: round ${round + 1} of ${rounds}`);
  }
  await bench.settle();
  const all = `${count} at once`;
  return [
    { what: `${all}, bare: last port open, median`, ...value(floor.last) },
    { what: `${all}, bare: median port open`, ...value(floor.middle) },
    { what: `${all}, Functions: last answer, median`, ...value(ours.last) },
    { what: `${all}, Functions: median answer`, ...value(ours.middle) },
    {
      what: `${all}, Functions / bare, last`,
      value: median(ours.last) / median(floor.last),
      unit: 'x',
      target: { below: ratioMax },
      raw: ours.last.map((ms, round) => ms / (floor.last[round] ?? NaN)),
    },
    {
      what: 'Knative on such a cluster, 20 at once, last',
      value: 7_500,
      unit: 'ms',
      note: 'for comparison, not measured here',
    },
  ];
}

function add(times: Times, values: readonly number[]): void {
  times.last.push(percentile(values, 1));
  times.middle.push(median(values));
}

function value(values: readonly number[]): Pick<Measurement, 'value' | 'unit' | 'raw'> {
  return { value: median(values), unit: 'ms', raw: values };
}
