// How long a request at zero waits, from a plain image and from our runtime, beside Kubernetes' floor in each round.

import { median, percentile, type Measurement } from '../report.ts';
import type { BenchCluster } from './bench-cluster.ts';
import { plainImage } from './enter-node.ts';

/** Fewer for a quick look. */
const rounds = Number(process.env['ROUSE_BENCH_ROUNDS'] ?? 30);
const ratioMax = 1.25;
const floorName = 'floor';
const inline =
  "export const handler = async (event) => ({ statusCode: 200, body: 'hello ' + event.rawPath });";
const kinds = {
  'plain image': { name: 'cold-image', spec: { image: plainImage } },
  'node runtime': { name: 'cold-node', spec: { runtime: 'node', pool: false, source: { inline } } },
} as const;
type Kind = keyof typeof kinds;
const kindNames = Object.keys(kinds) as Kind[];

export async function measureColdStart(
  bench: BenchCluster,
  progress: (line: string) => void,
): Promise<Measurement[]> {
  const hosts = await prepare(bench);
  const floor: number[] = [];
  const cold: Record<Kind, number[]> = { 'plain image': [], 'node runtime': [] };
  const phases: Record<Kind, string[]> = { 'plain image': [], 'node runtime': [] };
  const steps = [
    async () => void floor.push(await wakeBare(bench)),
    ...kindNames.map((kind) => async () => {
      const answer = await bench.wake(hosts[kind]);
      cold[kind].push(answer.firstByteMs);
      phases[kind].push(String(answer.headers['server-timing']));
    }),
  ];
  for (let round = 0; round < rounds; round += 1) {
    // Another one first in each round: none always follows the same.
    for (let at = 0; at < steps.length; at += 1) {
      await bench.settle();
      await steps[(round + at) % steps.length]?.();
    }
    if ((round + 1) % 5 === 0) progress(`cold start: round ${round + 1} of ${rounds}`);
  }
  await bench.settle();
  return [
    ...describe('floor: bare Deployment, scale to open port', floor, {}),
    ...kindNames.flatMap((kind) =>
      describe(`cold start, ${kind}`, cold[kind], { floor, note: summarize(phases[kind]) }),
    ),
    {
      what: 'Knative on such a cluster, cold start, p50',
      value: 683,
      unit: 'ms',
      note: 'for comparison, not measured here: 382 ms without the token volume',
    },
  ];
}

async function prepare(bench: BenchCluster): Promise<Record<Kind, string>> {
  await bench.bare.create(floorName);
  const hosts = { 'plain image': '', 'node runtime': '' };
  for (const kind of kindNames) {
    const { name, spec } = kinds[kind];
    await bench.target.deploy(name, { ...spec, scaling: { idleSeconds: 1 } });
    hosts[kind] = await bench.hostOf(name);
  }
  return hosts;
}

async function wakeBare({ bare }: BenchCluster): Promise<number> {
  const tookMs = await bare.wake(floorName);
  await bare.sleep(floorName);
  return tookMs;
}

function describe(
  what: string,
  values: readonly number[],
  { floor, note }: { readonly floor?: readonly number[]; readonly note?: string },
): Measurement[] {
  const raw = note === undefined ? { raw: values } : { raw: values, note };
  const results: Measurement[] = [
    { what: `${what}, p50`, value: median(values), unit: 'ms', ...raw },
    { what: `${what}, p90`, value: percentile(values, 0.9), unit: 'ms' },
  ];
  if (floor === undefined) return results;
  const target = { below: ratioMax };
  for (const [name, fraction] of [
    ['p50', 0.5],
    ['p90', 0.9],
  ] as const) {
    const value = percentile(values, fraction) / percentile(floor, fraction);
    results.push({ what: `${what} / floor, ${name}`, value, unit: 'x', target });
  }
  return results;
}

/** Medians of each phase of `queue;dur=0.1, claim;dur=…`. */
function summarize(headers: readonly string[]): string {
  const phases = new Map<string, number[]>();
  for (const header of headers) {
    for (const [, name = '', ms] of header.matchAll(/(\w+);dur=([\d.]+)/g)) {
      phases.set(name, [...(phases.get(name) ?? []), Number(ms)]);
    }
  }
  const medians = [...phases].map(([name, values]) => `${name} ${median(values).toFixed(1)}`);
  return `phases, medians in ms: ${medians.join(', ')}`;
}
