// The warm pool against real Deployments and pods: claims as an activator makes them, and controllers that die.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { buildPodAddress } from '../../../api/build-pod-address.ts';
import { buildSpecializeBundle } from '../../../api/build-specialize-bundle.ts';
import type { Pod } from '../../../api/kubernetes.ts';
import { annotations, labels, poolName, portNames, system } from '../../../api/names.ts';
import {
  deployments,
  functions,
  leases,
  pods,
  podTemplates,
  revisions,
  secrets,
} from '../../../api/resources.ts';
import type { ClaimReport } from '../../../api/wire.ts';
import { sizeIn } from '../../../controller/pool/build-pool-objects.ts';
import { postSpecialize, prepareBundle } from '../../../platform/pod/control-port.ts';
import {
  inlineFunction,
  startControllerCluster,
  waitForCondition,
  waitForEvent,
  type ControllerCluster,
  type TestController,
} from '../../support/controller-cluster.ts';
import { waitFor } from '../../support/wait-for.ts';

const namespace = 'default';
const env = { ROUSE_POOL_MIN: '2', ROUSE_POOL_MAX: '4' };
const timeLimitMs = 120_000;
let cluster: ControllerCluster;
let controller: TestController;
let token: string;
let privateKey: KeyObject;

beforeAll(async () => {
  cluster = await startControllerCluster();
  controller = await cluster.startController({ env });
  const ref = { namespace: system.namespaceDefault, name: system.keySecret };
  const { data = {} } = await cluster.client.get(secrets, ref);
  const decode = (name: string): string => Buffer.from(data[name] ?? '', 'base64').toString();
  token = decode('internalToken');
  privateKey = createPrivateKey(decode('controlPrivateKey'));
}, timeLimitMs);

afterAll(async () => {
  await controller?.stop();
  await cluster?.stop();
}, timeLimitMs);

const isRunning = (pod: Pod): boolean =>
  pod.metadata.deletionTimestamp === undefined &&
  pod.status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') === true;

async function listPods(labelSelector: string): Promise<Pod[]> {
  return (await cluster.client.list(pods, { namespace, labelSelector })).items;
}

/** Claims make a pool grow. */
function parked(count: number): Promise<Pod[]> {
  return waitFor(
    async () => {
      const all = (await listPods(`${labels.pool}=node`)).filter(isRunning);
      return all.length >= count && all;
    },
    { what: `${count} parked pods or more`, deadlineMs: 30_000 },
  );
}

async function apply(name: string, spec: object = {}): Promise<string> {
  await cluster.client.create(functions, inlineFunction(name, spec));
  await waitForCondition(cluster.client, name, { status: 'True' });
  return `${name}-00001`;
}

/** What an activator does with a parked pod; gives what it then reports. */
async function claim(revision: string, pod: Pod, files?: Record<string, string>) {
  const found = await cluster.client.get(revisions, { namespace, name: revision });
  const sent = files === undefined ? found : { ...found, spec: { ...found.spec, files } };
  const { uid = '', name } = pod.metadata;
  const address = buildPodAddress(pod, portNames.control);
  if (address === undefined) throw new Error(`${name} has no address`);
  const bundle = prepareBundle(buildSpecializeBundle(sent));
  const { status } = await postSpecialize({
    ...{ address, podUid: uid, privateKey, bundle, timeoutMs: 10_000 },
  });
  const outcome = status === 200 ? 'serving' : 'failed';
  const revisionUid = found.metadata.uid ?? '';
  return { namespace, revision, revisionUid, pod: name, uid, outcome } satisfies ClaimReport;
}

async function report(...claims: ClaimReport[]): Promise<void> {
  const body = { activator: 'test', sentAtMs: Date.now(), revisions: [], wakes: [], claims };
  const response = await fetch(`http://127.0.0.1:${controller.port}/v1/samples`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(204);
}

async function countAdoptions(outcome: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${controller.port}/metrics`)).text();
  const line = new RegExp(`^rouse_pool_adoptions_total\\{outcome="${outcome}"\\} (\\d+)$`, 'm');
  return Number(line.exec(text)?.[1] ?? 0);
}

/** Waits until the Revision has exactly these pods, all of them its Deployment's and ready. */
function settled(revision: string, names: readonly string[]): Promise<Pod[]> {
  return waitFor(
    async () => {
      const own = await listPods(`${labels.revision}=${revision}`);
      const ref = { namespace, name: revision };
      const { spec, status } = await cluster.client.get(deployments, ref);
      const isWhole = spec.replicas === names.length && status?.readyReplicas === names.length;
      const found = own.map((pod) => pod.metadata.name).sort();
      return isWhole && String(found) === String([...names].sort()) && own;
    },
    { what: `${revision} to have ${names.join(', ')}`, deadlineMs: 30_000 },
  );
}

describe('the warm pool', () => {
  it(
    'keeps parked pods where a Function may be served from them',
    async () => {
      await apply('plain');
      const all = await parked(2);
      expect(all[0]?.metadata.name.startsWith(poolName('node'))).toBe(true);
      const ref = { namespace, name: poolName('node') };
      const { metadata } = await cluster.client.get(podTemplates, ref);
      expect(metadata.ownerReferences).toBeUndefined();
      expect(all[0]?.metadata.ownerReferences).toMatchObject([
        { kind: 'PodTemplate', name: ref.name, uid: metadata.uid, controller: true },
      ]);
    },
    timeLimitMs,
  );

  it(
    'does not grow for a pod that an activator is unsure of, and tells of every second, and that is free',
    async () => {
      const [pod] = await parked(2);
      const { uid = '', name } = (pod as Pod).metadata;
      const unsure = { namespace, revision: 'plain-00001', pod: name, uid };
      for (let told = 1; told <= 10; told += 1) {
        await report({ ...unsure, outcome: 'unknown' });
        await waitFor(async () => (await countAdoptions('free')) >= told, {
          what: `answer ${told}`,
        });
      }
      const ref = { namespace, name: poolName('node') };
      expect(sizeIn(await cluster.client.get(podTemplates, ref))).toBe(2);
    },
    timeLimitMs,
  );

  it(
    'makes a claimed pod a replica of its Revision, with its labels and resources, and fills up again',
    async () => {
      const resources = { requests: { cpu: '50m', memory: '96Mi' }, limits: { memory: '192Mi' } };
      const podTemplate = { labels: { team: 'shop' }, annotations: { note: 'kept' } };
      const revision = await apply('adopted', { resources, podTemplate });
      const [pod] = await parked(2);
      const claimed = await claim(revision, pod as Pod);
      expect(claimed.outcome).toBe('serving');
      await report(claimed);
      const [own] = await settled(revision, [claimed.pod]);
      expect(own?.metadata.uid).toBe(claimed.uid);
      expect(own?.metadata.labels).toMatchObject({ team: 'shop', [labels.function]: 'adopted' });
      expect(own?.metadata.labels).not.toHaveProperty([labels.pool]);
      expect(own?.metadata.annotations).toMatchObject({
        note: 'kept',
        [annotations.adopted]: revision,
      });
      let given: unknown;
      await waitFor(
        async () => {
          const found = await cluster.client.get(pods, { namespace, name: claimed.pod });
          given = found.spec.containers[0]?.resources;
          return isDeepStrictEqual(given, resources);
        },
        { what: 'the resources of the Function' },
      ).catch(() => expect(given).toEqual(resources));
      await waitForEvent(cluster.client, 'adopted', /Adopted: adopted-00001: pod rouse-pool-node/);
      await parked(2);
    },
    timeLimitMs,
  );

  it(
    'adopts both pods that two activators claimed for one Revision',
    async () => {
      const revision = await apply('twice');
      const [one, two] = await parked(2);
      const claims = await Promise.all([claim(revision, one as Pod), claim(revision, two as Pod)]);
      await Promise.all(claims.map((each) => report(each)));
      const own = await settled(
        revision,
        claims.map((each) => each.pod),
      );
      const uids = new Set(own.map((pod) => pod.metadata.uid));
      expect(uids).toEqual(new Set(claims.map((each) => each.uid)));
    },
    timeLimitMs,
  );

  it(
    'lets a pod start that no claimed one takes the place of',
    async () => {
      const revision = await apply('ordinary');
      const ref = { namespace, name: revision };
      await cluster.client.patch(
        deployments,
        ref,
        { spec: { replicas: 1 } },
        { subresource: 'scale' },
      );
      const [pod] = await waitFor(
        async () => {
          const own = await listPods(`${labels.revision}=${revision}`);
          return own.length === 1 && own[0]?.status?.podIP !== undefined && own;
        },
        { what: 'a pod without gates that runs', deadlineMs: 30_000 },
      );
      expect(pod?.spec.schedulingGates ?? []).toEqual([]);
      expect(pod?.metadata.annotations?.[annotations.adopted]).toBeUndefined();
    },
    timeLimitMs,
  );

  it(
    'deletes a claimed pod whose code did not load',
    async () => {
      const revision = await apply('broken');
      const [pod] = await parked(2);
      const claimed = await claim(revision, pod as Pod, { 'index.js': 'export const = 1' });
      expect(claimed.outcome).toBe('failed');
      await report(claimed);
      await waitFor(
        async () =>
          (await cluster.client.getOrUndefined(pods, { namespace, name: claimed.pod }))?.metadata
            .uid !== claimed.uid,
        { what: 'the pod to be gone' },
      );
      expect(await listPods(`${labels.revision}=${revision}`)).toEqual([]);
    },
    timeLimitMs,
  );

  it(
    'asks a pod of which the activator does not know whether it took the code',
    async () => {
      const revision = await apply('unsure');
      const [one, two] = await parked(2);
      const taken = await claim(revision, one as Pod);
      const { uid = '', name } = (two as Pod).metadata;
      await report(
        { ...taken, outcome: 'unknown' },
        { ...taken, pod: name, uid, outcome: 'unknown' },
      );
      await settled(revision, [taken.pod]);
      const still = await cluster.client.get(pods, { namespace, name });
      expect(still.metadata.labels).toHaveProperty([labels.pool], 'node');
    },
    timeLimitMs,
  );

  it(
    'believes the pod and not the report when they name two Revisions',
    async () => {
      const [right, wrong] = [await apply('right'), await apply('wrong')];
      const [pod] = await parked(2);
      const taken = await claim(right, pod as Pod);
      const { metadata } = await cluster.client.get(revisions, { namespace, name: wrong });
      await report({ ...taken, revision: wrong, revisionUid: metadata.uid ?? '' });
      const own = await settled(right, [taken.pod]);
      expect(own[0]?.metadata.uid).toBe(taken.uid);
    },
    timeLimitMs,
  );

  it(
    'deletes a claimed pod whose Function is gone',
    async () => {
      const revision = await apply('gone');
      const [pod] = await parked(2);
      const claimed = await claim(revision, pod as Pod);
      await cluster.client.delete(functions, { namespace, name: 'gone' });
      await waitFor(
        async () =>
          (await cluster.client.getOrUndefined(revisions, { namespace, name: revision })) ===
          undefined,
        { what: 'the Revision to be gone' },
      );
      await report(claimed);
      await waitFor(
        async () =>
          (await cluster.client.getOrUndefined(pods, { namespace, name: claimed.pod })) ===
          undefined,
        { what: 'the pod to be gone', deadlineMs: 20_000 },
      );
    },
    timeLimitMs,
  );

  it.each([1, 2, 3])(
    'finishes what a controller left that died after %i writes and heard the only report',
    async (writesMax) => {
      const name = `crash-${writesMax}`;
      const resources = { requests: { cpu: '40m' } };
      const revision = await apply(name, { resources });
      const [pod] = await parked(2);
      await controller.stop();
      controller = await cluster.startController({ env, writesMax: writesMax + 1 });
      const claimed = await claim(revision, pod as Pod);
      await report(claimed);
      // One write more is the election's own.
      await controller.exhausted;
      await controller.kill();
      // As if its time were over: to wait 15 s for that shows nothing more.
      const lease = { namespace: system.namespaceDefault, name: system.controllerLease };
      await cluster.client.delete(leases, lease);
      controller = await cluster.startController({ env });
      const [own] = await settled(revision, [claimed.pod]);
      await waitFor(
        async () => {
          const found = await cluster.client.get(pods, { namespace, name: claimed.pod });
          return found.spec.containers[0]?.resources?.requests?.['cpu'] === '40m';
        },
        { what: 'the resources of the Function', deadlineMs: 20_000 },
      );
      expect(own?.metadata.uid).toBe(claimed.uid);
      await parked(2);
    },
    timeLimitMs,
  );

  it(
    'goes when no Function is left that may be served from it',
    async () => {
      const all = await cluster.client.list(functions, { namespace });
      await Promise.all(all.items.map((one) => cluster.client.delete(functions, one.metadata)));
      const ref = { namespace, name: poolName('node') };
      await waitFor(
        async () => (await cluster.client.getOrUndefined(podTemplates, ref)) === undefined,
        { what: 'the PodTemplate of the pool to be gone', deadlineMs: 30_000 },
      );
      await waitFor(async () => (await listPods(`${labels.pool}=node`)).length === 0, {
        what: 'its pods to be gone',
      });
      await cluster.client.create(functions, inlineFunction('own-way', { pool: false }));
      await waitForCondition(cluster.client, 'own-way', { status: 'True' });
      expect(await cluster.client.getOrUndefined(podTemplates, ref)).toBeUndefined();
      const { spec } = await cluster.client.get(deployments, { namespace, name: 'own-way-00001' });
      expect(spec.template.spec.schedulingGates).toBeUndefined();
    },
    timeLimitMs,
  );
});
