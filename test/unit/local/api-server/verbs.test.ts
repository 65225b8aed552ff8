// What the verbs do to an object: generation, status, conflicts, finalizers, graceful deletes, namespaces.

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AnyObject } from '../../../../local/api-server/any-object.ts';
import { createInProcessTransport } from '../../../../local/api-server/in-process-transport.ts';
import type { Admit } from '../../../../local/api-server/server-parts.ts';
import type { KubeRequest, KubeResponse } from '../../../../platform/kube/transport.ts';
import { createTestServer } from './test-server.ts';

const deployments = '/apis/apps/v1/namespaces/default/deployments';
const pods = '/api/v1/namespaces/default/pods';
const maps = '/api/v1/namespaces/default/configmaps';
let server: ReturnType<typeof createTestServer>;
let admitted: string[];

const admit: Admit = (object, operation, info) => {
  admitted.push(`${operation} ${info.kind} ${object.metadata.name}`);
};

beforeEach(() => {
  admitted = [];
  server = createTestServer({ admit: [admit] });
});
afterEach(() => server.close());

async function send(
  method: KubeRequest['method'],
  path: string,
  body?: unknown,
  more: Partial<KubeRequest> = {},
): Promise<KubeResponse & { body: AnyObject & { message?: string; reason?: string } }> {
  const answer = await createInProcessTransport(server).request({ method, path, body, ...more });
  return answer as never;
}

const template = {
  metadata: { labels: { app: 'hello' } },
  spec: { containers: [{ name: 'c', image: 'nginx' }] },
};
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'hello' },
  spec: { replicas: 1, selector: { matchLabels: { app: 'hello' } }, template },
};
const pod = (spec: object = {}): object => ({
  metadata: { name: 'p' },
  spec: { containers: [{ name: 'c', image: 'nginx' }], ...spec },
});

describe('create', () => {
  it('fills the metadata that belongs to the server', async () => {
    const { status, body } = await send('POST', deployments, {
      ...deployment,
      metadata: { name: 'hello', uid: 'mine', generation: 7, creationTimestamp: 'x' },
      status: { replicas: 3 },
    });
    expect(status).toBe(201);
    expect(body.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(body.metadata).toMatchObject({ generation: 1, namespace: 'default' });
    expect(body.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(body.status?.['replicas']).not.toBe(3);
    expect(admitted).toEqual(['CREATE Deployment hello']);
  });

  it('generates names', async () => {
    const made = [1, 2].map(() => send('POST', maps, { metadata: { generateName: 'a-' } }));
    const names = (await Promise.all(made)).map((one) => one.body.metadata.name);
    expect(names[0]).toMatch(/^a-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(names[0]).not.toBe(names[1]);
  });

  it('refuses what exists, what has no namespace, and what has no name', async () => {
    await send('POST', maps, { metadata: { name: 'a' } });
    const twice = await send('POST', maps, { metadata: { name: 'a' } });
    expect(twice).toMatchObject({ status: 409, body: { reason: 'AlreadyExists' } });
    const elsewhere = '/api/v1/namespaces/none/configmaps';
    const lost = await send('POST', elsewhere, { metadata: { name: 'a' } });
    expect(lost).toMatchObject({ status: 404, body: { message: 'namespaces "none" not found' } });
    const nameless = await send('POST', maps, { metadata: {} });
    expect(nameless).toMatchObject({ status: 422, body: { reason: 'Invalid' } });
  });

  it('keeps nothing in a dry run', async () => {
    const query = { dryRun: 'All' };
    expect((await send('POST', maps, { metadata: { name: 'a' } }, { query })).status).toBe(201);
    expect((await send('GET', `${maps}/a`)).status).toBe(404);
  });
});

describe('update', () => {
  it('counts generations for the spec, not for metadata or status', async () => {
    const made = (await send('POST', deployments, deployment)).body;
    const labelled = await send('PATCH', `${deployments}/hello`, {
      metadata: { labels: { a: 'b' } },
    });
    expect(labelled.body.metadata.generation).toBe(1);
    const status = { ...made, metadata: { name: 'hello' }, status: { observedGeneration: 1 } };
    const reported = await send('PUT', `${deployments}/hello/status`, status);
    expect(reported.body.metadata.generation).toBe(1);
    expect(reported.body.status).toEqual({ observedGeneration: 1 });
    expect(reported.body.metadata.labels).toEqual({ a: 'b' });
    const scaled = await send('PATCH', `${deployments}/hello`, {
      spec: { replicas: 2 },
      status: {},
    });
    expect(scaled.body.metadata.generation).toBe(2);
    expect(scaled.body.status).toEqual({ observedGeneration: 1 });
  });

  it('refuses a version that is not the latest, in the words of Kubernetes', async () => {
    const made = (await send('POST', deployments, deployment)).body;
    await send('PATCH', `${deployments}/hello`, { spec: { replicas: 2 } });
    const late = await send('PUT', `${deployments}/hello`, made);
    expect(late).toMatchObject({
      status: 409,
      body: {
        reason: 'Conflict',
        message:
          'Operation cannot be fulfilled on deployments.apps "hello": the object has been modified; ' +
          'please apply your changes to the latest version and try again',
      },
    });
  });

  it('writes nothing when nothing changes', async () => {
    const made = (await send('POST', deployments, deployment)).body;
    const same = await send('PATCH', `${deployments}/hello`, { spec: { replicas: 1 } });
    expect(same.body.metadata.resourceVersion).toBe(made.metadata.resourceVersion);
  });

  it('keeps uid and creation time whatever is sent', async () => {
    const made = (await send('POST', deployments, deployment)).body;
    const changed = await send('PATCH', `${deployments}/hello`, {
      metadata: { creationTimestamp: null, generation: 99, labels: { a: 'b' } },
    });
    expect(changed.body.metadata).toMatchObject({
      uid: made.metadata.uid,
      creationTimestamp: made.metadata.creationTimestamp,
      generation: 1,
    });
    const other = { metadata: { uid: 'other' } };
    expect((await send('PATCH', `${deployments}/hello`, other)).status).toBe(422);
  });
});

describe('patch', () => {
  it('applies a JSON patch, and refuses one whose test fails', async () => {
    await send('POST', deployments, deployment);
    const contentType = 'application/json-patch+json';
    const test = (value: number): unknown[] => [
      { op: 'test', path: '/spec/replicas', value },
      { op: 'replace', path: '/spec/replicas', value: 5 },
    ];
    const path = `${deployments}/hello`;
    expect((await send('PATCH', path, test(9), { contentType })).status).toBe(422);
    const done = await send('PATCH', path, test(1), { contentType });
    expect(done.body.spec?.['replicas']).toBe(5);
  });

  it('never pollutes a prototype', async () => {
    await send('POST', maps, { metadata: { name: 'a' } });
    const evil = JSON.parse('{"data":{"__proto__":"x"},"__proto__":{"polluted":"y"}}') as object;
    await send('PATCH', `${maps}/a`, evil);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('scale', () => {
  it('reads and writes replicas, with the version as a condition', async () => {
    const made = (await send('POST', deployments, deployment)).body;
    const path = `${deployments}/hello/scale`;
    expect((await send('GET', path)).body).toMatchObject({
      kind: 'Scale',
      spec: { replicas: 1 },
      status: { replicas: 0, selector: 'app=hello' },
    });
    const scaled = await send('PATCH', path, { spec: { replicas: 0 } });
    // Kubernetes leaves a zero out of a Scale.
    expect(scaled).toMatchObject({ status: 200, body: { spec: {} } });
    const { resourceVersion } = made.metadata;
    const late = await send('PATCH', path, {
      metadata: { resourceVersion },
      spec: { replicas: 4 },
    });
    expect(late.status).toBe(409);
    expect((await send('PATCH', path, { spec: { replicas: -1 } })).status).toBe(422);
  });
});

describe('delete', () => {
  it('waits for finalizers, and refuses new ones meanwhile', async () => {
    await send('POST', maps, { metadata: { name: 'a', finalizers: ['x.dev/y'] } });
    const marked = await send('DELETE', `${maps}/a`);
    expect(marked.body.metadata.deletionTimestamp).toBeDefined();
    const more = { metadata: { finalizers: ['x.dev/y', 'x.dev/z'] } };
    expect((await send('PATCH', `${maps}/a`, more)).status).toBe(422);
    expect((await send('PATCH', `${maps}/a`, { metadata: { finalizers: [] } })).status).toBe(200);
    expect((await send('GET', `${maps}/a`)).status).toBe(404);
  });

  it('gives a running pod its grace period, which a second delete may shorten', async () => {
    const made = await send('POST', pods, pod({ nodeName: 'n', terminationGracePeriodSeconds: 7 }));
    expect(made.status).toBe(201);
    const marked = await send('DELETE', `${pods}/p`);
    expect(marked.body.metadata.deletionGracePeriodSeconds).toBe(7);
    const longer = await send('DELETE', `${pods}/p`, { gracePeriodSeconds: 60 });
    expect(longer.body.metadata.deletionGracePeriodSeconds).toBe(7);
    expect((await send('DELETE', `${pods}/p`, { gracePeriodSeconds: 0 })).status).toBe(200);
    expect((await send('GET', `${pods}/p`)).status).toBe(404);
  });

  it('removes a pod that no node has at once', async () => {
    await send('POST', pods, pod());
    await send('DELETE', `${pods}/p`);
    expect((await send('GET', `${pods}/p`)).status).toBe(404);
  });

  it('turns a propagation policy into finalizers', async () => {
    await send('POST', deployments, deployment);
    const body = { kind: 'DeleteOptions', propagationPolicy: 'Foreground' };
    const marked = await send('DELETE', `${deployments}/hello`, body);
    expect(marked.body.metadata.finalizers).toEqual(['foregroundDeletion']);
  });

  it('holds to preconditions', async () => {
    await send('POST', maps, { metadata: { name: 'a' } });
    const body = { preconditions: { uid: 'other' } };
    expect((await send('DELETE', `${maps}/a`, body)).status).toBe(409);
  });

  it('deletes a collection by label', async () => {
    await send('POST', maps, { metadata: { name: 'a', labels: { x: '1' } } });
    await send('POST', maps, { metadata: { name: 'b' } });
    await send('DELETE', maps, undefined, { query: { labelSelector: 'x=1' } });
    const left = (await send('GET', maps)).body as unknown as { items: AnyObject[] };
    expect(left.items.map((one) => one.metadata.name)).toEqual(['b']);
  });
});

describe('binding', () => {
  it('gives a pod its node, once, and not while it is gated', async () => {
    const gates = { schedulingGates: [{ name: 'rouse.dev/claim' }] };
    await send('POST', pods, pod(gates));
    const bind = (): ReturnType<typeof send> =>
      send('POST', `${pods}/p/binding`, { target: { kind: 'Node', name: 'local' } });
    expect((await bind()).status).toBe(409);
    await send('PATCH', `${pods}/p`, { spec: { schedulingGates: null } });
    expect((await bind()).status).toBe(201);
    expect((await send('GET', `${pods}/p`)).body).toMatchObject({
      spec: { nodeName: 'local' },
      status: { conditions: [{ type: 'PodScheduled', status: 'True' }] },
    });
    expect((await bind()).status).toBe(409);
  });
});

describe('scheduling gates', () => {
  const gate = { name: 'rouse.dev/claim' };
  const patch = (spec: object) => send('PATCH', `${pods}/p`, { spec });

  it('forbid a node when the pod is made, and leave nothing behind when lifted one by one', async () => {
    expect((await send('POST', pods, pod({ schedulingGates: [gate], nodeName: 'n' }))).status).toBe(
      422,
    );
    await send('POST', pods, pod({ schedulingGates: [gate] }));
    const lift = [{ op: 'remove', path: '/spec/schedulingGates/0' }];
    const contentType = 'application/json-patch+json';
    const lifted = await send('PATCH', `${pods}/p`, lift, { contentType });
    expect(lifted).toMatchObject({ status: 200, body: { metadata: { generation: 2 } } });
    expect(lifted.body.spec).not.toHaveProperty('schedulingGates');
    const again = await patch({ schedulingGates: [gate] });
    expect(again.body.message).toBe(
      'Pod "p" is invalid: spec.schedulingGates[0].name: Forbidden: ' +
        "only deletion is allowed, but found new scheduling gate 'rouse.dev/claim'",
    );
  });

  it('let a node selector grow, and never change', async () => {
    await send('POST', pods, pod({ schedulingGates: [gate] }));
    expect((await patch({ nodeSelector: { a: 'b' } })).status).toBe(200);
    const changed = await patch({ nodeSelector: { a: 'c' } });
    expect(changed).toMatchObject({ status: 422, body: { reason: 'Invalid' } });
    expect(changed.body.message).toContain('only additions to spec.nodeSelector are allowed');
  });
});

describe('resize', () => {
  const resize = (container: object) => {
    const body = { spec: { containers: [{ name: 'c', ...container }] } };
    const contentType = 'application/strategic-merge-patch+json';
    return send('PATCH', `${pods}/p/resize`, body, { contentType });
  };
  const requests = { cpu: '100m', memory: '16Mi' };
  const make = (resources: object, more: object = {}) =>
    send('POST', pods, pod({ containers: [{ name: 'c', image: 'nginx', resources, ...more }] }));

  it('changes resources and nothing else, and leaves the status to the kubelet', async () => {
    await make({ requests });
    const resized = await resize({ image: 'other', resources: { requests: { cpu: '200m' } } });
    expect(resized).toMatchObject({
      status: 200,
      body: {
        metadata: { generation: 2 },
        spec: {
          containers: [
            { image: 'nginx', resources: { requests: { cpu: '200m', memory: '16Mi' } } },
          ],
        },
      },
    });
    expect(resized.body).not.toHaveProperty('status.containerStatuses');
  });

  it.each<[string, object, object, string]>([
    ['the class of the pod', { requests }, { limits: requests }, 'QOS Class may not change'],
    ['the class of a pod without any', {}, { requests }, 'QOS Class may not change'],
    ['away a request', { requests }, { requests: { cpu: null } }, 'requests cannot be removed'],
    [
      'away a limit',
      { requests, limits: { cpu: '1' } },
      { limits: { cpu: null } },
      'limits cannot be removed',
    ],
    [
      'other resources',
      { requests },
      { limits: { 'ephemeral-storage': '1Gi' } },
      'only cpu and memory resources are mutable',
    ],
  ])('does not change %s', async (_what, before, resources, says) => {
    await make(before);
    const refused = await resize({ resources });
    expect(refused).toMatchObject({ status: 422, body: { reason: 'Invalid' } });
    expect((refused.body as { message: string }).message).toContain(says);
  });

  it('does not change how a resize goes, and wants each way said once', async () => {
    const policy = (resourceName: string, restartPolicy: string) => ({
      resourceName,
      restartPolicy,
    });
    const twice = [policy('cpu', 'NotRequired'), policy('cpu', 'RestartContainer')];
    expect((await make({ requests }, { resizePolicy: twice })).status).toBe(422);
    const given = [policy('cpu', 'NotRequired'), policy('memory', 'NotRequired')];
    expect(await make({ requests }, { resizePolicy: given })).toMatchObject({
      status: 201,
      body: { spec: { containers: [{ resizePolicy: given }] } },
    });
    const refused = await resize({ resizePolicy: [policy('cpu', 'RestartContainer')] });
    expect(refused.status).toBe(422);
  });
});

describe('namespaces', () => {
  it('terminate, refuse new content, and go when they are finalized', async () => {
    const path = '/api/v1/namespaces/work';
    const made = await send('POST', '/api/v1/namespaces', { metadata: { name: 'work' } });
    expect(made.body).toMatchObject({ spec: { finalizers: ['kubernetes'] } });
    const account = await send('GET', `${path}/serviceaccounts/default`);
    expect(account.status).toBe(200);
    const marked = await send('DELETE', path);
    expect(marked.body).toMatchObject({ status: { phase: 'Terminating' } });
    const late = await send('POST', `${path}/configmaps`, { metadata: { name: 'a' } });
    expect(late).toMatchObject({ status: 403, body: { reason: 'Forbidden' } });
    const final = { metadata: { name: 'work' }, spec: { finalizers: [] } };
    expect((await send('PUT', `${path}/finalize`, final)).status).toBe(200);
    expect((await send('GET', path)).status).toBe(404);
  });

  it('stay where a cluster needs them', async () => {
    expect((await send('DELETE', '/api/v1/namespaces/default')).status).toBe(403);
  });
});
