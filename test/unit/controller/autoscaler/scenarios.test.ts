// Plays the scenarios/*.txt: commands, then every change of replicas they must lead to.

import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ScalingSimulation } from './simulate-scaling.ts';

const folder = join(import.meta.dirname, 'scenarios');

describe('the autoscaler', () => {
  it.each(readdirSync(folder).sort())('plays %s', (file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const simulation = new ScalingSimulation();
    let actual = '';
    for (const block of text.split('\n\n')) {
      const [head = ''] = block.split('\n----');
      const before = simulation.changes.length;
      for (const line of head.split('\n')) run(simulation, line);
      if (!block.includes('\n----')) actual += `${block}\n\n`;
      else {
        const changes = simulation.changes.slice(before);
        const lines = [...changes, `replicas ${simulation.replicas}`];
        actual += `${head}\n----\n${lines.join('\n')}\n\n`;
      }
    }
    // Rewrites what is expected; read the difference before it is committed.
    if (process.env['ROUSE_REWRITE'] === '1')
      writeFileSync(join(folder, file), `${actual.trimEnd()}\n`);
    else expect(actual.trimEnd()).toBe(text.trimEnd());
  });
});

type Values = Readonly<Record<string, number>>;

const quiet = { concurrency: 0, requests: 0, inFlight: 0 };

const commands: Readonly<Record<string, (simulation: ScalingSimulation, values: Values) => void>> =
  {
    /** The fields of scaling and concurrency. */
    policy: (simulation, values) => simulation.setPolicy(values),
    replicas: (simulation, { count = 0 }) => simulation.setReplicas(count),
    restart: (simulation) => simulation.restart(),
    load: (simulation, { concurrency = 0, seconds = 0 }) => {
      const inFlight = Math.ceil(concurrency);
      repeat(seconds, () => simulation.play({ concurrency, requests: inFlight, inFlight }));
    },
    /** One request of `took` milliseconds every so many seconds. */
    requests: (simulation, { every = 1, took = 0, seconds = 0 }) => {
      const request = { concurrency: took / 1000, requests: 1, inFlight: 0 };
      repeat(seconds, (second) => simulation.play(second % every === 0 ? request : quiet));
    },
    quiet: (simulation, { seconds = 0 }) => repeat(seconds, () => simulation.play(quiet)),
  };

function repeat(count: number, act: (index: number) => void): void {
  for (let index = 0; index < count; index += 1) act(index);
}

/** `command name=1 other=2`; a line that starts with # is text. */
function run(simulation: ScalingSimulation, line: string): void {
  const [name = '', ...words] = line.split(' ');
  if (name === '' || name === '#') return;
  const values = words.map((word) => word.split('=')).map(([key, text]) => [key, Number(text)]);
  const command = commands[name];
  if (command === undefined) throw new Error(`no such command: ${name}`);
  command(simulation, Object.fromEntries(values) as Values);
}
