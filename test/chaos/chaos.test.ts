// On a local platform: cold traffic while controller, activators and pods are killed at random.
// ROUSE_CHAOS_SECONDS says for how long, ROUSE_CHAOS_SEED repeats the choices (the timing is the machine's).

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { namespaces } from '../../api/resources.ts';
import { startPlatform, type TestPlatform } from '../support/platform.ts';
import { Target } from '../support/target.ts';
import { deployCalled, type CalledFunction } from './cold-traffic.ts';
import { startGateways, type Gateways } from './gateways.ts';
import { createLocalWorld } from './local-world.ts';
import { chaosMsMax, runChaos } from './run-chaos.ts';

const functionsCount = 12;
const pool = { min: 3, max: 8 };
const namespace = 'chaos';

describe('while everything is killed at random', () => {
  let platform: TestPlatform;
  let target: Target;
  let gateways: Gateways;
  const called: CalledFunction[] = [];

  beforeAll(async () => {
    platform = await startPlatform({
      env: { ROUSE_POOL_MIN: String(pool.min), ROUSE_POOL_MAX: String(pool.max) },
    });
    target = new Target({ ...platform, namespace, platform });
    gateways = await startGateways(platform);
    const metadata = { name: namespace };
    await target.kube.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata });
    const names = Array.from({ length: functionsCount }, (_, at) => `cold-${at}`);
    // One after the other: on a busy machine the last of thirteen at once would be proved too late.
    for (const name of names) called.push(await deployCalled(target, name));
    called.push(await deployCalled(target, 'alone', { pool: false }));
  }, 600_000);
  afterAll(async () => {
    await gateways?.stop();
    await platform?.dispose();
  }, 60_000);

  it(
    'each Function answers as itself, and all comes to rest',
    async () => {
      const world = createLocalWorld({ target, platform, gateways });
      expect(await runChaos({ world, called, pool })).toBeGreaterThan(0);
    },
    chaosMsMax,
  );
});
