// On a real cluster: cold traffic while controller, activators and pods are killed at random, on the node itself.
// ROUSE_CHAOS_SECONDS says for how long, ROUSE_CHAOS_SEED repeats the choices (the timing is the machine's).

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findRelease, helm, upgrade } from '../cluster/helm-release.ts';
import { useTarget } from '../support/use-target.ts';
import { waitFor } from '../support/wait-for.ts';
import { ClusterWorld } from './cluster-world.ts';
import { deployCalled, type CalledFunction } from './cold-traffic.ts';
import { chaosMsMax, runChaos } from './run-chaos.ts';

/** A node starts some four pods a second, with both of two cores busy. */
const functionsCount = 8;
const activatorsWanted = 2;
/** Longer than usual: a busy node, ten times slower, may need that for a pod. A wake that takes longer is lost. */
const wakeSecondsMax = 120;
const pool = { min: 3, max: 8 };
const nodeId = process.env['ROUSE_TEST_INSIDE_NODE'];

if (nodeId === undefined) {
  process.stderr.write(
    'skipped: pods can be killed and called one by one only from inside a kind node, by npm run test:cluster as root on Linux\n',
  );
}
const suite = nodeId === undefined ? describe.skip : describe;

suite('while everything is killed at random on a real cluster', () => {
  const target = useTarget();
  const called: CalledFunction[] = [];
  let installed = '';
  let world: ClusterWorld;

  beforeAll(async () => {
    installed = await findRelease();
    const values = {
      'activator.replicas': activatorsWanted,
      'activator.wakeTimeoutSeconds': wakeSecondsMax,
      'pool.node.min': pool.min,
      'pool.node.max': pool.max,
    };
    await upgrade(
      ...Object.entries(values).flatMap(([key, value]) => ['--set', `${key}=${value}`]),
    );
    const names = Array.from({ length: functionsCount }, (_, at) => `cold-${at}`);
    for (const name of names) called.push(await deployCalled(target(), name));
    called.push(await deployCalled(target(), 'alone', { pool: false }));
    world = new ClusterWorld({ target: target(), nodeId: nodeId ?? '', activatorsWanted });
    world.start();
    await waitFor(() => world.listGateways().length === activatorsWanted, {
      what: `${activatorsWanted} activators`,
      deadlineMs: 120_000,
    });
  }, 900_000);
  afterAll(async () => {
    await world?.stop();
    if (installed !== '') await helm('rollback', 'rouse', installed, '--wait', '--timeout', '180s');
  }, 300_000);

  it(
    'each Function answers as itself, and all comes to rest',
    async () => {
      expect(await runChaos({ world, called, pool })).toBeGreaterThan(0);
    },
    chaosMsMax,
  );
});
