// The objects and patches of the warm pool.

import { describe, expect, it } from '@jest/globals';
import type { Pod } from '../../../../api/kubernetes.ts';
import { claimGate, refillGate } from '../../../../api/names.ts';
import { buildDeployment } from '../../../../controller/function/build-deployment.ts';
import { buildProofPod } from '../../../../controller/function/build-proof-pod.ts';
import {
  buildAdoptionPatch,
  buildResizePatch,
} from '../../../../controller/pool/build-adoption-patch.ts';
import {
  buildParkedPod,
  buildParkedTemplate,
  buildPoolTemplate,
  hashIn,
} from '../../../../controller/pool/build-pool-objects.ts';
import { planPool } from '../../../../controller/pool/plan-pool.ts';
import { buildTestRevision } from '../../../support/build-function.ts';

const settings = { runtimeImages: { node: 'node-image' }, controlPublicKey: 'key', poolMax: 5 };
const gates = [{ name: claimGate }];
const revision = buildTestRevision(1);
const template = buildParkedTemplate('node', settings);
const poolOf = (size: number, digest = 'digest-one-and-more') =>
  buildPoolTemplate({ namespace: 'shop', runtime: 'node' }, size, { template, digest });
const uid = 'pool-uid';

describe('the gate', () => {
  it('holds back pods of a Revision that a parked one may serve', () => {
    expect(buildDeployment(revision, settings).spec.template.spec.schedulingGates).toEqual(gates);
  });

  it('holds back nothing with the pool off, of what is not poolable, or that proves', () => {
    const off = buildDeployment(revision, { ...settings, poolMax: 0 });
    expect(off.spec.template.spec.schedulingGates).toBeUndefined();
    const slow = buildTestRevision(1, undefined, { timeoutSeconds: 600 });
    const { template } = buildDeployment(slow, settings).spec;
    expect(template.spec.schedulingGates).toBeUndefined();
    expect(buildProofPod(revision, settings).spec.schedulingGates).toBeUndefined();
  });
});

describe('a parked pod', () => {
  const own = buildDeployment(revision, settings).spec.template.spec;
  const pod = buildParkedPod(poolOf(3), uid, { isHeld: true });
  const { spec } = pod;

  it('makes pods that differ from a Revision’s own only in what can change later', () => {
    const { containers: ownContainers, schedulingGates: _, ...ownRest } = own;
    const { containers, ...rest } = spec;
    expect(rest).toMatchObject({ securityContext: ownRest.securityContext });
    expect(rest.automountServiceAccountToken).toBe(false);
    expect(rest.volumes).toBeUndefined();
    expect(rest.schedulingGates).toEqual([{ name: refillGate }]);
    const pick = ({ image, ports, securityContext }: (typeof containers)[number]) => ({
      ...{ image, ports, securityContext },
    });
    expect(containers.map(pick)).toEqual(ownContainers.map(pick));
  });

  it('names no Function, asks for little and can be resized', () => {
    const [container] = spec.containers;
    const names = container?.env?.map((one) => one.name);
    expect(names).toEqual([
      'PORT',
      'ROUSE_CONTROL_PORT',
      'ROUSE_POD_UID',
      'ROUSE_CONTROL_PUBLIC_KEY',
    ]);
    expect(container?.resources).toEqual({ requests: { cpu: '10m', memory: '64Mi' } });
    expect(container?.resizePolicy).toEqual([
      { resourceName: 'cpu', restartPolicy: 'NotRequired' },
      { resourceName: 'memory', restartPolicy: 'NotRequired' },
    ]);
  });

  it('is the PodTemplate’s, for kubectl drain, and goes with it', () => {
    expect(pod.metadata).toMatchObject({
      generateName: 'rouse-pool-node-',
      labels: { 'rouse.dev/pool': 'node', 'pod-template-hash': 'digest-one' },
      ownerReferences: [{ kind: 'PodTemplate', name: 'rouse-pool-node', uid, controller: true }],
    });
    const free = buildParkedPod(poolOf(3), uid, { isHeld: false });
    expect(free.spec.schedulingGates).toBeUndefined();
  });
});

describe('planPool', () => {
  const free = { claimsOpen: 0, isSwept: true };
  const claimed = { claimsOpen: 1, isSwept: true };
  const unswept = { claimsOpen: 0, isSwept: false };
  const asFound = (one: ReturnType<typeof poolOf>) => ({
    ...one,
    metadata: { ...one.metadata, uid, resourceVersion: '7' },
  });
  const found = asFound(poolOf(3));

  interface Over {
    readonly of?: ReturnType<typeof poolOf>;
    readonly ready?: boolean;
    readonly phase?: string;
  }
  const parked = (
    name: string,
    { of = found, ready = true, phase = 'Running' }: Over = {},
  ): Pod => {
    const made = buildParkedPod(of, uid, { isHeld: false });
    const status = ready ? 'True' : 'False';
    return {
      ...made,
      metadata: { ...made.metadata, name, uid: `uid-of-${name}` },
      status: { phase, conditions: [{ type: 'Ready', status }] },
    } as Pod;
  };
  const three = ['a', 'b', 'c'].map((name) => parked(name));
  const taken = (actions: ReturnType<typeof planPool>): string[] =>
    actions.flatMap((one) =>
      one.kind === 'take' ? one.pods.map(({ metadata }) => metadata.name) : [],
    );

  it('makes what is missing, the PodTemplate first, and nothing of size zero', () => {
    const nothing = { found: undefined, pods: [], ...free };
    expect(planPool({ wanted: poolOf(3), ...nothing })).toEqual([{ kind: 'create' }]);
    expect(planPool({ wanted: poolOf(0), ...nothing })).toEqual([]);
    expect(planPool({ wanted: found, found, pods: [], ...free })).toEqual([
      { kind: 'make', count: 3, ownerUid: uid },
    ]);
    expect(planPool({ wanted: found, found, pods: three, ...free })).toEqual([]);
  });

  it('counts no pod of an earlier PodTemplate, none that is going, and deletes what has ended', () => {
    const [one] = three as [Pod];
    const ownerReferences = [{ apiVersion: 'v1', kind: 'PodTemplate', name: 'x', uid: 'earlier' }];
    const others: Pod[] = [
      { ...one, metadata: { ...one.metadata, ownerReferences } },
      { ...one, metadata: { ...one.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } },
      parked('evicted', { phase: 'Failed', ready: false }),
    ];
    const actions = planPool({ wanted: found, found, pods: others, ...claimed });
    expect(actions).toMatchObject([{ kind: 'make', count: 3 }, { kind: 'take' }]);
    expect(taken(actions)).toEqual(['evicted']);
  });

  it('follows a size, takes first what can not be claimed yet, and goes at zero', () => {
    const grown = planPool({ wanted: poolOf(5), found, pods: three, ...free });
    expect(grown).toMatchObject([{ kind: 'update' }, { kind: 'make', count: 2 }]);
    const pods = [parked('a'), parked('b', { ready: false }), parked('c')];
    const shrunk = planPool({ wanted: poolOf(1), found, pods, ...free });
    expect(taken(shrunk)).toEqual(['b', 'c']);
    expect(planPool({ wanted: poolOf(0), found, pods, ...free })).toEqual([
      { kind: 'delete', uid },
    ]);
  });

  it('takes no pod away while one is claimed, or before all were asked, and goes on growing', () => {
    for (const seen of [claimed, unswept]) {
      expect(planPool({ wanted: poolOf(0), found, pods: three, ...seen })).toEqual([]);
      expect(taken(planPool({ wanted: poolOf(1), found, pods: three, ...seen }))).toEqual([]);
      const grown = planPool({ wanted: poolOf(9), found, pods: three, ...seen });
      expect(grown).toMatchObject([{ kind: 'update' }, { kind: 'make', count: 6 }]);
    }
  });

  it('renews its pods for another template: some more first, and as many go as new ones are ready', () => {
    const wanted = asFound(poolOf(4, 'digest-two-and-more'));
    const old = ['a', 'b', 'c', 'd'].map((name) => parked(name, { of: asFound(poolOf(4)) }));
    const begun = planPool({ wanted, found: asFound(poolOf(4)), pods: old, ...free });
    expect(begun).toMatchObject([{ kind: 'update' }, { kind: 'make', count: 2 }]);
    const fresh = [parked('e', { of: wanted }), parked('f', { of: wanted, ready: false })];
    const going = planPool({ wanted, found: wanted, pods: [...old, ...fresh], ...free });
    expect(taken(going)).toEqual(['d']);
    expect(
      taken(planPool({ wanted, found: wanted, pods: [...old, ...fresh], ...claimed })),
    ).toEqual([]);
    expect(hashIn(wanted)).toBe('digest-two');
  });
});

describe('buildAdoptionPatch', () => {
  it('moves labels and owner in one, over the pod as it was seen', () => {
    const pod = { metadata: { name: 'p', uid: 'pod-uid', resourceVersion: '5' } };
    const labels = { 'pod-template-hash': 'abc' };
    const set = { metadata: { name: 'hello-00001-abc', uid: 'set-uid', labels } };
    expect(buildAdoptionPatch(pod, revision, set)).toEqual({
      metadata: {
        ...{ uid: 'pod-uid', resourceVersion: '5' },
        labels: {
          'rouse.dev/pool': null,
          'rouse.dev/function': 'hello',
          'rouse.dev/revision': 'hello-00001',
          'app.kubernetes.io/managed-by': 'rouse',
          'pod-template-hash': 'abc',
        },
        annotations: { 'rouse.dev/adopted': 'hello-00001' },
        ownerReferences: [
          {
            ...{
              apiVersion: 'apps/v1',
              kind: 'ReplicaSet',
              name: 'hello-00001-abc',
              uid: 'set-uid',
            },
            ...{ controller: true, blockOwnerDeletion: true },
          },
        ],
      },
    });
  });
});

describe('buildResizePatch', () => {
  const podWith = (resources: object): Pick<Pod, 'spec'> => ({
    spec: { containers: [{ name: 'function', resources }] },
  });
  const parked = podWith({ requests: { cpu: '10m', memory: '64Mi' } });

  it('asks for nothing where the Function asks for nothing, or for what is there in other words', () => {
    expect(buildResizePatch(parked, {})).toBeUndefined();
    expect(buildResizePatch(parked)).toBeUndefined();
    const same = { requests: { cpu: 0.01, memory: '65536Ki' } };
    expect(buildResizePatch(parked, same)).toBeUndefined();
  });

  it('asks for what differs, with the limit as the request that is left out', () => {
    expect(buildResizePatch(parked, { limits: { memory: '128Mi' } })).toEqual({
      spec: {
        containers: [
          {
            name: 'function',
            resources: { limits: { memory: '128Mi' }, requests: { memory: '128Mi' } },
          },
        ],
      },
    });
    expect(buildResizePatch(parked, { requests: { cpu: '1' } })).toMatchObject({
      spec: { containers: [{ resources: { requests: { cpu: '1' } } }] },
    });
  });
});
