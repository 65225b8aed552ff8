// Controllers that die at any moment, and two that run at once.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { labels, managedByRouse, system } from '../../../api/names.ts';
import { functions, leases, pods } from '../../../api/resources.ts';
import {
  inlineFunction,
  listRevisions,
  startControllerCluster,
  waitForCondition,
  type ControllerCluster,
} from '../../support/controller-cluster.ts';
import { waitFor } from '../../support/wait-for.ts';

let cluster: ControllerCluster;

beforeAll(async () => {
  cluster = await startControllerCluster();
});

afterAll(async () => {
  await cluster?.stop();
});

/** A killed leader never gives its lease back; taking it away saves the test 15 s. */
async function dropLease(): Promise<void> {
  const ref = { namespace: system.namespaceDefault, name: system.controllerLease };
  await cluster.client.delete(leases, ref);
}

async function proofPods(): Promise<string[]> {
  const list = await cluster.client.list(pods, { labelSelector: labels.proof });
  return list.items.map((one) => one.metadata.name);
}

describe('a controller that is killed', () => {
  it('has done everything once when the next one has been up for a while', async () => {
    const { client } = cluster;
    const names = Array.from({ length: 12 }, (_, index) => `number-${index}`);
    for (const name of names) await client.create(functions, inlineFunction(name));
    // Each dies a few writes later than the one before, in the middle of something else.
    for (const writesMax of [3, 4, 6, 9, 13, 18, 24]) {
      const doomed = await cluster.startController({ writesMax });
      await doomed.exhausted;
      await doomed.kill();
      await dropLease();
    }
    const last = await cluster.startController();
    for (const name of names) {
      await waitForCondition(client, name, { status: 'True' });
      expect(await listRevisions(client, name)).toHaveLength(1);
    }
    await waitFor(async () => (await proofPods()).length === 0, { what: 'no proof pods' });
    await last.stop();
  });

  it('leaves no proof pod that the next one does not delete', async () => {
    const { client } = cluster;
    await client.create(pods, {
      ...{ apiVersion: 'v1', kind: 'Pod' },
      metadata: {
        ...{ name: 'left', namespace: 'default' },
        labels: {
          ...{ [labels.function]: 'gone', [labels.proof]: 'gone-00001' },
          [labels.managedBy]: managedByRouse,
        },
      },
      spec: {
        restartPolicy: 'Never',
        containers: [{ name: 'function', image: 'x', command: ['/bin/sleep', '1000'] }],
      },
    });
    const next = await cluster.startController();
    await waitFor(async () => (await proofPods()).length === 0, { what: 'no proof pods' });
    await next.stop();
  });
});

describe('two controllers', () => {
  it('share the work by turns: one leads, the other takes over when it stops', async () => {
    const { client } = cluster;
    const first = await cluster.startController();
    await waitFor(async () => (await isLeading(first.port)) === 1, { what: 'the first to lead' });
    const second = await cluster.startController();
    expect(await isLeading(second.port)).toBe(0);
    await client.create(functions, inlineFunction('shared'));
    await waitForCondition(client, 'shared', { status: 'True' });
    await first.stop();
    await waitFor(async () => (await isLeading(second.port)) === 1, { what: 'the second to lead' });
    await client.create(functions, inlineFunction('later'));
    await waitForCondition(client, 'later', { status: 'True' });
    await second.stop();
  });
});

async function isLeading(port: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Number(/^rouse_controller_leader (\d)$/m.exec(text)?.[1]);
}
