// The objects and patches of the warm pool.

import { describe, expect, it } from '@jest/globals';
import type { Pod } from '../../../../api/kubernetes.ts';
import { claimGate, refillGate } from '../../../../api/names.ts';
import {
  buildDeployment,
  templateDigestAnnotation,
} from '../../../../controller/function/build-deployment.ts';
import { buildProofPod } from '../../../../controller/function/build-proof-pod.ts';
import {
  buildAdoptionPatch,
  buildResizePatch,
} from '../../../../controller/pool/build-adoption-patch.ts';
import { buildPoolDeployment } from '../../../../controller/pool/build-pool-deployment.ts';
import { planPool } from '../../../../controller/pool/plan-pool.ts';
import { buildTestRevision } from '../../../support/build-function.ts';

const settings = { runtimeImages: { node: 'node-image' }, controlPublicKey: 'key', poolMax: 5 };
const gates = [{ name: claimGate }];
const revision = buildTestRevision(1);
const pool = buildPoolDeployment({ namespace: 'shop', runtime: 'node' }, 3, settings);

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

describe('buildPoolDeployment', () => {
  const own = buildDeployment(revision, settings).spec.template.spec;
  const { spec } = pool.spec.template;

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
    expect(pool.metadata.ownerReferences).toBeUndefined();
  });
});

describe('planPool', () => {
  const free = { claimsOpen: 0, isSwept: true };
  const claimed = { claimsOpen: 1, isSwept: true };
  const found = { ...pool, metadata: { ...pool.metadata, uid: 'u', resourceVersion: '7' } };
  const sized = (replicas: number) => ({ ...pool, spec: { ...pool.spec, replicas } });

  it('makes what is missing, and nothing of size zero', () => {
    expect(planPool({ wanted: pool, found: undefined, ...free })).toMatchObject([
      { kind: 'create' },
    ]);
    expect(planPool({ wanted: sized(0), found: undefined, ...free })).toEqual([]);
    expect(planPool({ wanted: pool, found, ...free })).toEqual([]);
  });

  it('follows a size over the version that it was decided on, and goes at zero', () => {
    const scale = { kind: 'scale', replicas: 9, resourceVersion: '7' };
    expect(planPool({ wanted: sized(9), found, ...free })).toEqual([scale]);
    expect(planPool({ wanted: sized(0), found, ...free })).toEqual([{ kind: 'delete', uid: 'u' }]);
  });

  it('takes no pod away while one is claimed and not adopted, and goes on growing', () => {
    for (const size of [0, 1]) {
      expect(planPool({ wanted: sized(size), found, ...claimed })).toEqual([]);
    }
    expect(planPool({ wanted: sized(9), found, ...claimed })).toMatchObject([{ replicas: 9 }]);
  });

  it('renews its pods for another template, and not while one is claimed', () => {
    const annotations = { [templateDigestAnnotation]: 'newer' };
    const wanted = { ...pool, metadata: { ...pool.metadata, annotations } };
    expect(planPool({ wanted, found, ...free })).toMatchObject([{ kind: 'update' }]);
    expect(planPool({ wanted, found, ...claimed })).toEqual([]);
    const larger = { ...wanted, spec: { ...pool.spec, replicas: 9 } };
    expect(planPool({ wanted: larger, found, ...claimed })).toMatchObject([{ kind: 'scale' }]);
  });

  it('takes no pod away before all were asked whose they are', () => {
    const unswept = { claimsOpen: 0, isSwept: false };
    for (const size of [0, 1]) {
      expect(planPool({ wanted: sized(size), found, ...unswept })).toEqual([]);
    }
    expect(planPool({ wanted: sized(9), found, ...unswept })).toMatchObject([{ replicas: 9 }]);
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
