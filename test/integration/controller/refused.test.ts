// An API server that lacks a kind, or refuses a right: it is said what is missing, and all heals without a restart.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { functionCrd } from '../../../api/function-crd.ts';
import { revisionCrd } from '../../../api/revision-crd.ts';
import type { KubeObject } from '../../../api/kubernetes.ts';
import { system } from '../../../api/names.ts';
import { customResourceDefinitions, functions, secrets } from '../../../api/resources.ts';
import {
  inlineFunction,
  startControllerCluster,
  waitForCondition,
  waitForEvent,
  type ControllerCluster,
} from '../../support/controller-cluster.ts';
import { Rights } from '../../support/forbid.ts';
import { waitFor } from '../../support/wait-for.ts';

let cluster: ControllerCluster;

beforeAll(async () => {
  cluster = await startControllerCluster();
});

afterAll(async () => {
  await cluster?.stop();
});

interface Probe {
  readonly status: number;
  readonly text: string;
}

async function ask(port: number, path: string): Promise<Probe> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: answer.status, text: await answer.text() };
}

function readyz(port: number, holds: (probe: Probe) => boolean, what: string): Promise<Probe> {
  const look = async (): Promise<Probe | false> => {
    const probe = await ask(port, '/readyz');
    return holds(probe) && probe;
  };
  return waitFor(look, { what, deadlineMs: 20_000 });
}

describe('a controller without its CRDs', () => {
  it('waits, says which is missing and what to do, and starts its work when they are there', async () => {
    const { client } = cluster;
    for (const crd of [functionCrd, revisionCrd] as KubeObject[]) {
      await client.delete(customResourceDefinitions, crd.metadata);
    }
    const controller = await cluster.startController({ awaitsReady: false });
    const isNamed = ({ text }: Probe): boolean =>
      text.includes('functions.rouse.dev') && text.includes('revisions.rouse.dev');
    const probe = await readyz(controller.port, isNamed, 'both kinds to be named');
    expect(probe.status).toBe(503);
    expect(probe.text).toMatch(/helm upgrade --install/);
    const metrics = await ask(controller.port, '/metrics');
    expect(metrics.text).toMatch(
      /kubernetes_api_problems\{kind="not-served",verb="list",resource="functions\.rouse\.dev"\} 1/,
    );
    for (const crd of [functionCrd, revisionCrd] as KubeObject[]) {
      await client.create(customResourceDefinitions, crd);
    }
    await readyz(controller.port, ({ status }) => status === 200, 'it to be ready');
    await client.create(functions, inlineFunction('after-crds'));
    await waitForCondition(client, 'after-crds', { status: 'True' });
    await controller.stop();
  }, 60_000);
});

describe('a controller without a right', () => {
  it.each([
    ['create deployments.apps', 'RevisionReady'],
    ['create services', 'RoutesReady'],
    ['create revisions.rouse.dev', 'RevisionReady'],
    ['create pods', 'RevisionReady'],
    ['delete pods', 'RevisionReady'],
  ])(
    'to %s says so on the Function and in /readyz, and goes on when it has it',
    async (right, type) => {
      const { client } = cluster;
      const name = right.replaceAll(/[ .]/g, '-');
      const rights = new Rights();
      rights.forbidden.add(right);
      const controller = await cluster.startController({ wrap: rights.wrap });
      await client.create(functions, inlineFunction(name));
      const wanted = { type, status: 'False', reason: 'Forbidden' };
      const told = await waitForCondition(client, name, wanted);
      const ready = told.status?.conditions?.find((one) => one.type === 'Ready');
      expect(ready).toMatchObject({ status: 'False', reason: 'Forbidden' });
      expect(ready?.message).toMatch(/cannot (create|delete) resource .*helm upgrade/);
      await waitForEvent(client, name, /^Forbidden: .*cannot (create|delete) resource/);
      // It can still do the rest, so it stays in the Service.
      const probe = await ask(controller.port, '/readyz');
      const [verb = '', resource = ''] = right.split(' ');
      expect(probe.status).toBe(200);
      expect(probe.text).toContain(`not allowed to ${verb} ${resource} in namespace "default"`);
      rights.forbidden.clear();
      await waitFor(async () => (await ask(controller.port, '/readyz')).text === 'ok\n', {
        what: 'no problem any more',
        deadlineMs: 20_000,
      });
      await waitForCondition(client, name, { status: 'True' });
      await controller.stop();
    },
    60_000,
  );

  it('to list pods is not ready and says so; to read its Secret likewise', async () => {
    const rights = new Rights();
    rights.forbidden.add('list pods').add('get secrets');
    const controller = await cluster.startController({ wrap: rights.wrap, awaitsReady: false });
    const isNamed = ({ text }: Probe): boolean =>
      text.includes('list pods') && text.includes('get secrets');
    const probe = await readyz(controller.port, isNamed, 'both rights to be named');
    expect(probe.status).toBe(503);
    rights.forbidden.clear();
    await controller.ready;
    await controller.stop();
  }, 60_000);

  it('stops when it is told to, also before it was ever ready', async () => {
    const rights = new Rights();
    rights.forbidden.add('list pods');
    const controller = await cluster.startController({ wrap: rights.wrap, awaitsReady: false });
    await controller.stop();
    await expect(ask(controller.port, '/readyz')).rejects.toThrow();
  });
});

describe('keys that somebody changes', () => {
  it('are read again when a token is refused', async () => {
    const { client } = cluster;
    const controller = await cluster.startController();
    const ref = { namespace: system.namespaceDefault, name: system.keySecret };
    const internalToken = Buffer.from('another token').toString('base64');
    await client.patch(secrets, ref, { data: { internalToken } });
    const report = async (): Promise<boolean> => {
      const answer = await fetch(`http://127.0.0.1:${controller.port}/v1/samples`, {
        method: 'POST',
        headers: { authorization: 'Bearer another token' },
        body: JSON.stringify({ activator: 'a', sentAtMs: 0, revisions: [], wakes: [] }),
      });
      return answer.status === 204;
    };
    await waitFor(report, { what: 'the new token to be taken', deadlineMs: 20_000 });
    await controller.stop();
  }, 30_000);
});
