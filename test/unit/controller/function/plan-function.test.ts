// What is written for a Function, from what is wanted and what is there.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Deployment, EndpointSlice } from '../../../../api/kubernetes.ts';
import {
  buildDeployment,
  templateDigestAnnotation,
} from '../../../../controller/function/build-deployment.ts';
import {
  buildEndpointSlices,
  buildService,
} from '../../../../controller/function/build-service.ts';
import {
  planFunction,
  type Action,
  type FunctionSnapshot,
} from '../../../../controller/function/plan-function.ts';
import { buildTestFunction, buildTestRevision } from '../../../support/build-function.ts';

const settings = { runtimeImages: { node: 'node-image' }, controlPublicKey: 'key', poolMax: 0 };
const ready = { status: 'True' } as const;
const wanted = buildTestFunction();
const activators: EndpointSlice[] = [
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'rouse-activator-x' },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.0.0.1'] }, { addresses: ['10.0.0.2'] }],
    ports: [{ name: 'http', port: 8080 }],
  },
];

function digested(number: number, digest = 'd', replicas = 0): Deployment {
  const deployment = buildDeployment(buildTestRevision(number), settings);
  return {
    ...deployment,
    metadata: { ...deployment.metadata, annotations: { [templateDigestAnnotation]: digest } },
    spec: { ...deployment.spec, replicas },
  };
}

const byName = (all: readonly Deployment[]) => new Map(all.map((one) => [one.metadata.name, one]));

/** Everything is there and right, with one ready Revision. */
function snapshotOf(change: Partial<FunctionSnapshot> = {}): FunctionSnapshot {
  return {
    wanted,
    template: { templateDigest: 'template-1' },
    revisions: [buildTestRevision(1, ready)],
    numberMax: 1,
    deploymentsWanted: byName([digested(1)]),
    deployments: byName([digested(1)]),
    service: buildService(wanted),
    slices: buildEndpointSlices(wanted, activators),
    activators,
    revisionsKeptMax: 10,
    ...change,
  };
}

const kinds = (actions: readonly Action[]): string[] => actions.map((one) => one.kind);

describe('planFunction', () => {
  it('does nothing when everything is as it should be', () => {
    expect(planFunction(snapshotOf())).toEqual([]);
  });

  it('makes the first Revision before anything else', () => {
    const empty = { revisions: [], numberMax: 0, deploymentsWanted: byName([]), slices: [] };
    const snapshot = snapshotOf({ ...empty, deployments: byName([]), service: undefined });
    expect(planFunction(snapshot)).toEqual([{ kind: 'create-revision', number: 1 }]);
  });

  it('makes the next Revision when the template differs from the latest one', () => {
    const change = { template: { templateDigest: 'other' } };
    expect(planFunction(snapshotOf(change))).toEqual([{ kind: 'create-revision', number: 2 }]);
  });

  it('never gives a number again, not even one of a Revision that is gone', () => {
    const change = { template: { templateDigest: 'other' }, numberMax: 41 };
    expect(planFunction(snapshotOf(change))).toEqual([{ kind: 'create-revision', number: 42 }]);
  });

  it('makes no Revision while there is no code', () => {
    const problem = { reason: 'SourceNotFound', message: 'gone' };
    expect(planFunction(snapshotOf({ template: { problem } }))).toEqual([]);
  });

  it('makes what is missing', () => {
    const snapshot = snapshotOf({ deployments: byName([]), service: undefined, slices: [] });
    expect(kinds(planFunction(snapshot))).toEqual([
      'create-deployment',
      'create-service',
      'create-slice',
    ]);
  });

  it('gives a Deployment the pod template of an upgraded platform', () => {
    const snapshot = snapshotOf({ deploymentsWanted: byName([digested(1, 'newer')]) });
    expect(kinds(planFunction(snapshot))).toEqual(['update-deployment']);
  });

  it('follows the activators, and keeps the last ones known when there are none', () => {
    const [slice] = activators as [EndpointSlice];
    const moved = [{ ...slice, endpoints: [{ addresses: ['10.0.0.3'] }] }];
    expect(kinds(planFunction(snapshotOf({ activators: moved })))).toEqual(['update-slice']);
    expect(planFunction(snapshotOf({ activators: [] }))).toEqual([]);
    const unready = [
      { ...slice, endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: false } }] },
    ];
    expect(planFunction(snapshotOf({ activators: unready }))).toEqual([]);
  });

  it('leaves a Service that belongs to somebody else alone, and points nothing at it', () => {
    const service = { ...buildService(wanted), metadata: { name: 'hello', namespace: 'shop' } };
    expect(planFunction(snapshotOf({ service, slices: [] }))).toEqual([]);
  });

  it('takes the selector off its own Service', () => {
    const service = buildService(wanted);
    const wrong = { ...service, spec: { ...service.spec, selector: { app: 'x' } } };
    expect(kinds(planFunction(snapshotOf({ service: wrong })))).toEqual(['update-service']);
  });

  it('proves the latest Revision and the ones that traffic names, and no other', () => {
    const traffic = [
      { revision: 'latest', percent: 50 },
      { revision: 'hello-00001', percent: 50 },
    ];
    const revisions = [1, 2, 3].map((number) => buildTestRevision(number));
    const snapshot = snapshotOf({
      ...{ wanted: buildTestFunction({ traffic }), revisions },
      template: { templateDigest: 'template-3' },
    });
    const proofs = planFunction(snapshot).filter((one) => one.kind === 'prove-revision');
    expect(proofs.map((one) => one.revision.spec.number)).toEqual([1, 3]);
  });

  it('keeps the newest old Revisions and deletes the others once their pods are gone', () => {
    const revisions = [1, 2, 3, 4, 5, 6].map((number) => buildTestRevision(number, ready));
    const snapshot = snapshotOf({
      revisions,
      template: { templateDigest: 'template-6' },
      revisionsKeptMax: 2,
      deploymentsWanted: byName([]),
      deployments: byName([digested(1), digested(2, 'd', 1), digested(3)]),
    });
    const deleted = planFunction(snapshot).filter((one) => one.kind === 'delete-revision');
    expect(deleted.map((one) => one.revision.spec.number)).toEqual([3, 1]);
  });

  it('never deletes a Revision that has traffic, is the latest, or is the latest ready', () => {
    const numbers = fc.integer({ min: 1, max: 30 });
    fc.assert(
      fc.property(numbers, fc.array(numbers), fc.array(numbers), (count, named, failing) => {
        const all = Array.from({ length: count }, (_, index) => index + 1);
        const revisions = all.map((number) =>
          buildTestRevision(number, { status: failing.includes(number) ? 'False' : 'True' }),
        );
        const exists = named.filter((number) => number <= count);
        const traffic = [0, ...exists].map((number) => ({
          revision: number === 0 ? 'latest' : (revisions[number - 1]?.metadata.name ?? ''),
          percent: 1,
        }));
        const latestReady = Math.max(0, ...all.filter((one) => !failing.includes(one)));
        const snapshot = snapshotOf({
          ...{ wanted: buildTestFunction({ traffic }), revisions, revisionsKeptMax: 1 },
          template: { templateDigest: `template-${count}` },
        });
        const actions = planFunction(snapshot);
        const deleted = actions.flatMap((one) =>
          one.kind === 'delete-revision' ? [one.revision.spec.number] : [],
        );
        for (const number of [...exists, latestReady, count]) expect(deleted).not.toContain(number);
      }),
    );
  });
});
