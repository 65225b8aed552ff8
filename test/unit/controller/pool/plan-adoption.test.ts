// How many replicas a claimed pod asks for, and when it may become one of them.

import { describe, expect, it } from '@jest/globals';
import {
  deriveClaimed,
  planAdoption,
  type AdoptionView,
  type Claim,
} from '../../../../controller/pool/plan-adoption.ts';

const claim: Claim = {
  ...{ namespace: 'default', revision: 'hello-00001', revisionUid: 'rev' },
  ...{ pod: 'parked', uid: 'parked', outcome: 'serving' },
};

function viewOf(change: Partial<AdoptionView> = {}): AdoptionView {
  return {
    claim,
    pod: { uid: 'parked', revision: undefined, isGone: false, isToBeResized: false },
    revision: { uid: 'rev', codeDigest: 'code', isGoing: false, isPoolable: true },
    deployment: { replicas: 0, isGoing: false, isGated: true },
    replicaSet: { uid: 'set', replicas: 0 },
    replicaSets: new Set(['set']),
    podsUp: new Map(),
    claimed: new Set(['parked']),
    isConfirmed: false,
    ...change,
  };
}

describe('planAdoption', () => {
  it('asks for a replica for each pod that serves or is claimed', () => {
    expect(planAdoption(viewOf())).toEqual({ kind: 'scale', replicas: 1 });
    const podsUp = new Map([['own', 'set']]);
    expect(planAdoption(viewOf({ podsUp }))).toEqual({ kind: 'scale', replicas: 2 });
  });

  it('counts a pod of an earlier template, which is a replica of the same Deployment', () => {
    const podsUp = new Map([['old', 'set-before']]);
    const replicaSets = new Set(['set', 'set-before']);
    expect(planAdoption(viewOf({ podsUp, replicaSets }))).toEqual({ kind: 'scale', replicas: 2 });
  });

  it('counts no pod that a deleted Deployment of this name has left', () => {
    const podsUp = new Map([
      ['left', 'set-of-a-deleted-one'],
      ['stray', undefined],
    ]);
    expect(planAdoption(viewOf({ podsUp }))).toEqual({ kind: 'scale', replicas: 1 });
    const deployment = { replicas: 1, isGoing: false, isGated: true };
    const replicaSet = { uid: 'set', replicas: 1 };
    const step = planAdoption(viewOf({ podsUp, deployment, replicaSet }));
    expect(step).toEqual({ kind: 'adopt', replicaSetUid: 'set' });
  });
});

describe('deriveClaimed', () => {
  const pod = { uid: 'parked', revision: undefined, isGone: false };
  const claimed = (found: Parameters<typeof deriveClaimed>[2]): string[] => [
    ...deriveClaimed([claim], { uid: 'rev', codeDigest: 'code' }, found),
  ];

  it('counts pods of the pool that serve the Revision', () => {
    expect(claimed(() => pod)).toEqual(['parked']);
  });

  it.each([
    ['is not to be found', undefined],
    ['is another one of this name', { ...pod, uid: 'other' }],
    ['is gone', { ...pod, isGone: true }],
    // Told of once more, it would ask for one replica more each time: its ReplicaSet may be a deleted Deployment's.
    ['was adopted', { ...pod, revision: 'hello-00001' }],
  ])('counts none that %s', (_what, found) => {
    expect(claimed(() => found)).toEqual([]);
  });
});
