// `npm run deflake [-- FILES]`: the tests in ever new orders, until one fails; then it says how to repeat that order.

import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';

/** A night's worth; whoever wants less presses Ctrl-C. */
const roundsMax = 1_000;
const jest = resolve(import.meta.dirname, '../../node_modules/jest/bin/jest.js');
const files = process.argv.slice(2);

for (let round = 1; round <= roundsMax; round += 1) {
  const seed = randomInt(2 ** 31);
  console.log(`round ${round}, seed ${seed}`);
  const code = await runTests(seed);
  if (code !== 0) {
    console.error(
      `failed in round ${round}; the same order again: npm test -- --randomize --seed ${seed}`,
    );
    process.exit(1);
  }
}

function runTests(seed: number): Promise<number> {
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const options = ['--randomize', '--seed', String(seed), '--maxWorkers=2', '--silent'];
  return new Promise((done) => {
    const child = spawn(process.execPath, [...flags, jest, ...options, ...files], {
      stdio: 'inherit',
    });
    child.once('exit', (code) => done(code ?? 1));
  });
}
