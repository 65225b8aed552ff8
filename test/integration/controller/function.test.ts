// What becomes of a Function: Revision, Deployment, Service, proof and status.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deployments, endpointSlices, functions, pods, services } from '../../../api/resources.ts';
import {
  inlineFunction,
  listEvents,
  listRevisions,
  startControllerCluster,
  waitForCondition,
  type ControllerCluster,
  type TestController,
} from '../../support/controller-cluster.ts';
import { waitFor } from '../../support/wait-for.ts';

let cluster: ControllerCluster;
let controller: TestController;

beforeAll(async () => {
  cluster = await startControllerCluster();
  controller = await cluster.startController();
});

afterAll(async () => {
  await controller?.stop();
  await cluster?.stop();
});

describe('a Function', () => {
  it('becomes Ready with a Revision, a sleeping Deployment, a Service and no pod', async () => {
    const { client } = cluster;
    await client.create(functions, inlineFunction('hello'));
    const found = await waitForCondition(client, 'hello', { status: 'True' });
    expect(found.status).toMatchObject({
      url: 'http://hello.default.localhost:8080',
      latestCreatedRevision: 'hello-00001',
      latestReadyRevision: 'hello-00001',
      replicas: 0,
      traffic: [{ revision: 'hello-00001', percent: 100 }],
    });
    const ref = { namespace: 'default', name: 'hello-00001' };
    expect((await client.get(deployments, ref)).spec.replicas).toBe(0);
    const service = await client.get(services, { namespace: 'default', name: 'hello' });
    expect(service.spec.selector).toBeUndefined();
    const slice = await client.get(endpointSlices, { namespace: 'default', name: 'hello-ipv4' });
    expect(slice.endpoints[0]?.addresses).toEqual(['127.0.0.1']);
    await waitFor(async () => (await client.list(pods)).items.length === 0, { what: 'no pod' });
    expect(await listEvents(client, 'hello')).toContainEqual(
      expect.stringMatching(/^RevisionReady: hello-00001 loaded in \d+ ms$/),
    );
  });

  it('gets one Revision per template and none for a change of scaling', async () => {
    const { client } = cluster;
    await client.create(functions, inlineFunction('twice'));
    await waitForCondition(client, 'twice', { status: 'True' });
    const ref = { namespace: 'default', name: 'twice' };
    await client.patch(functions, ref, { spec: { scaling: { idleSeconds: 7 } } });
    await client.patch(functions, ref, {
      spec: { source: { inline: 'export const handler = () => 2' } },
    });
    const found = await waitFor(
      async () => {
        const one = await client.get(functions, ref);
        return one.status?.latestReadyRevision === 'twice-00002' && one;
      },
      { what: 'the second Revision' },
    );
    expect(found.status?.traffic).toEqual([{ revision: 'twice-00002', percent: 100 }]);
    const made = await listRevisions(client, 'twice');
    expect(made.map((one) => one.spec.number)).toEqual([1, 2]);
  });
});
