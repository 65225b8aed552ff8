// A PodTemplate of somebody else that has the name of a namespace's warm pool.

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { PodTemplateObject } from '../../../api/kubernetes.ts';
import { poolName } from '../../../api/names.ts';
import { functions, podTemplates } from '../../../api/resources.ts';
import type { Log } from '../../../platform/process/log.ts';
import {
  inlineFunction,
  startControllerCluster,
  waitForCondition,
  type ControllerCluster,
  type TestController,
} from '../../support/controller-cluster.ts';
import { waitFor } from '../../support/wait-for.ts';

const timeLimitMs = 60_000;
const metadata = { name: poolName('node'), namespace: 'default' };
const warnings: string[] = [];
let cluster: ControllerCluster;
let controller: TestController;

beforeAll(async () => {
  const nothing = (): void => undefined;
  const warn = (fields: object): void => void warnings.push(String(Reflect.get(fields, 'error')));
  const log: Log = { debug: nothing, info: nothing, warn, error: nothing };
  cluster = await startControllerCluster();
  const env = { ROUSE_POOL_MIN: '1', ROUSE_POOL_MAX: '1' };
  controller = await cluster.startController({ env, log });
}, timeLimitMs);

afterAll(async () => {
  await controller?.stop();
  await cluster?.stop();
}, timeLimitMs);

it(
  'is told, tried again ever more slowly, and left alone',
  async () => {
    const labels = { app: 'theirs' };
    const container = { name: 'theirs', image: 'theirs' };
    const theirs: PodTemplateObject = {
      ...{ apiVersion: 'v1', kind: 'PodTemplate', metadata },
      template: { metadata: { labels }, spec: { containers: [container] } },
    };
    await cluster.client.create(podTemplates, theirs);
    await cluster.client.create(functions, inlineFunction('mine'));
    await waitForCondition(cluster.client, 'mine', { status: 'True' });
    await waitFor(
      () => warnings.some((one) => one.includes('PodTemplate default/rouse-pool-node')),
      { what: 'a word about the name' },
    );
    const { template } = await cluster.client.get(podTemplates, metadata);
    expect([template.metadata?.labels, template.spec.containers[0]?.image]).toEqual([
      labels,
      'theirs',
    ]);
  },
  timeLimitMs,
);
