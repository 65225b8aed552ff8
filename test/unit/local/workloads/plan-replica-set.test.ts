// How a ReplicaSet counts, claims and names its pods.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { buildPod } from '../../../../local/workloads/build-pod.ts';
import { buildStatusPatch } from '../../../../local/workloads/build-status-patch.ts';
import {
  deriveNextAvailableMs,
  deriveReplicaSetStatus,
} from '../../../../local/workloads/derive-replica-set-status.ts';
import {
  buildCanonicalJson,
  deriveTemplateHash,
  isSameTemplate,
} from '../../../../local/workloads/derive-template-hash.ts';
import { planClaims, planReplicas } from '../../../../local/workloads/plan-replica-set.ts';
import { buildPodWith, buildSet, nowMs } from './build-workloads.ts';

const owner = buildSet('rs', { replicas: 2 });

describe('planClaims', () => {
  it('keeps its own, adopts matching orphans and releases strangers', () => {
    const kept = buildPodWith({ name: 'kept', ownerUid: 'uid-rs' });
    const orphan = buildPodWith({ name: 'orphan' });
    const stranger = buildPodWith({ name: 'stranger', ownerUid: 'uid-rs', labels: { app: 'b' } });
    const other = buildPodWith({ name: 'other', ownerUid: 'uid-other' });
    const ended = buildPodWith({ name: 'ended', phase: 'Failed' });
    const plan = planClaims(owner, [kept, orphan, stranger, other, ended]);
    expect(plan).toEqual({ kept: [kept], adopt: [orphan], release: [stranger] });
  });

  it('adopts nothing while it is being deleted', () => {
    const going = { ...owner, metadata: { ...owner.metadata, deletionTimestamp: 'now' } };
    expect(planClaims(going, [buildPodWith()]).adopt).toEqual([]);
  });
});

describe('planReplicas', () => {
  const plan = (pods: ReturnType<typeof buildPodWith>[]) =>
    planReplicas(owner, pods, { related: pods, nowMs });

  it('counts neither pods that ended nor pods that are going', () => {
    const pods = [buildPodWith({ phase: 'Failed' }), buildPodWith({ isGoing: true })];
    expect(plan(pods)).toEqual({ kind: 'create', count: 2 });
  });

  it('deletes the worst when there are too many', () => {
    const gated = buildPodWith({ name: 'gated', node: '', phase: 'Pending' });
    const good = ['a', 'b'].map((name) => buildPodWith({ name, readySeconds: 5 }));
    expect(plan([good[0]!, gated, good[1]!])).toEqual({ kind: 'delete', pods: [gated] });
  });

  it('does nothing when the number is right', () => {
    expect(plan([buildPodWith({ name: 'a' }), buildPodWith({ name: 'b' })])).toEqual({
      kind: 'none',
    });
  });

  it('never makes more than a burst at once', () => {
    const large = buildSet('rs', { replicas: 10_000 });
    const wanted = planReplicas(large, [], { related: [], nowMs });
    expect(wanted).toEqual({ kind: 'create', count: 500 });
  });
});

describe('deriveReplicaSetStatus', () => {
  it('counts ready pods, and available ones after their minimum time', () => {
    const slow = { ...owner, spec: { ...owner.spec, minReadySeconds: 10 } };
    const pods = [
      buildPodWith({ name: 'a', readySeconds: 20, labels: { app: 'a', template: 'rs' } }),
      buildPodWith({ name: 'b', readySeconds: 4 }),
      buildPodWith({ name: 'c' }),
    ];
    const status = deriveReplicaSetStatus(slow, pods, { nowMs, failure: undefined });
    expect(status).toEqual({
      replicas: 3,
      fullyLabeledReplicas: 1,
      readyReplicas: 2,
      availableReplicas: 1,
      observedGeneration: 1,
    });
    expect(deriveNextAvailableMs(slow, pods, nowMs)).toBe(6_000);
    expect(deriveNextAvailableMs(owner, pods, nowMs)).toBeNull();
  });
});

describe('buildPod', () => {
  it('takes the template over and names its owner', () => {
    const pod = buildPod(owner);
    expect(pod.metadata).toEqual({
      generateName: 'rs-',
      namespace: 'default',
      labels: { app: 'a', template: 'rs' },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: 'rs',
          uid: 'uid-rs',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    });
  });
});

describe('deriveTemplateHash', () => {
  const template = (labels: Record<string, string>) => ({
    metadata: { labels },
    spec: { containers: [] },
  });

  it('is the same for the same template, in whatever order its fields stand', () => {
    expect(deriveTemplateHash(template({ a: '1', b: '2' }))).toBe(
      deriveTemplateHash(template({ b: '2', a: '1' })),
    );
    expect(deriveTemplateHash(template({ a: '1' }))).not.toBe(
      deriveTemplateHash(template({ a: '2' })),
    );
    expect(deriveTemplateHash(template({}), 1)).not.toBe(deriveTemplateHash(template({})));
  });

  it('does not count the label it makes itself', () => {
    const hashed = template({ a: '1', 'pod-template-hash': 'x' });
    expect(isSameTemplate(template({ a: '1' }), hashed)).toBe(true);
  });

  it('writes equal values as equal texts', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const copy = JSON.parse(JSON.stringify(value)) as unknown;
        expect(buildCanonicalJson(copy)).toBe(buildCanonicalJson(value));
      }),
    );
  });
});

describe('buildStatusPatch', () => {
  it('has only what changed, and null for what went away', () => {
    expect(buildStatusPatch({ a: 1, b: [1], c: 2 }, { a: 1, b: [2] })).toEqual({
      status: { b: [2], c: null },
    });
    expect(buildStatusPatch({ a: { b: 1 } }, { a: { b: 1 } })).toBeUndefined();
    expect(buildStatusPatch(undefined, { a: 1 })).toEqual({ status: { a: 1 } });
  });
});
