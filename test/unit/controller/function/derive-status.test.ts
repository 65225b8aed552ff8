// A Function's status: conditions, traffic, URL.

import { describe, expect, it } from '@jest/globals';
import type { RouseFunction } from '../../../../api/function.ts';
import type { Revision } from '../../../../api/revision.ts';
import {
  deriveStatus,
  deriveUrl,
  type StatusSnapshot,
} from '../../../../controller/function/derive-status.ts';
import { buildTestFunction, buildTestRevision } from '../../../support/build-function.ts';

const now = '2026-01-01T00:00:00Z';
const later = '2026-01-01T00:01:00Z';
const ready = { status: 'True' } as const;
const failed = { status: 'False', reason: 'SyntaxError', message: 'line 3' } as const;

function derive(
  revisions: readonly Revision[],
  change: Partial<StatusSnapshot> = {},
  at = now,
): NonNullable<RouseFunction['status']> {
  return deriveStatus(
    {
      wanted: buildTestFunction(),
      revisions,
      templateProblem: undefined,
      serviceProblem: undefined,
      obstacles: [],
      replicas: 0,
      url: 'http://x',
      ...change,
    },
    at,
  );
}

const conditionsOf = (status: NonNullable<RouseFunction['status']>) =>
  Object.fromEntries((status.conditions ?? []).map((one) => [one.type, [one.status, one.reason]]));

describe('deriveStatus', () => {
  it('is Unknown while the first Revision is being proved', () => {
    const status = derive([buildTestRevision(1)]);
    expect(conditionsOf(status)).toEqual({
      Ready: ['Unknown', 'Proving'],
      RevisionReady: ['Unknown', 'Proving'],
      RoutesReady: ['Unknown', 'NoReadyRevision'],
    });
    expect(status).toMatchObject({ latestCreatedRevision: 'hello-00001', traffic: [] });
    expect(status.latestReadyRevision).toBeUndefined();
  });

  it('is not Ready while a Revision that is called gets no pod, and says why before what a wake met', () => {
    const wakes = { type: 'Wakes', status: 'False', message: 'too late' } as const;
    const revision = buildTestRevision(1, ready);
    revision.status?.conditions?.push(wakes);
    const problem = { reason: 'Unschedulable', message: 'no node' };
    const status = derive([revision], { obstacles: [problem] });
    expect(conditionsOf(status)['Ready']).toEqual(['False', 'Unschedulable']);
    expect(conditionsOf(derive([revision]))['Ready']).toEqual(['False', 'WakeFailed']);
  });

  it('tells that its replicas may not be changed', () => {
    const revision = buildTestRevision(1, ready);
    const scales = { type: 'Scales', status: 'False', reason: 'Forbidden', message: 'no' } as const;
    revision.status?.conditions?.push(scales);
    expect(conditionsOf(derive([revision]))['Ready']).toEqual(['False', 'Forbidden']);
  });

  it('is Ready with all traffic on the latest ready Revision', () => {
    const status = derive([buildTestRevision(1, ready), buildTestRevision(2, ready)]);
    expect(conditionsOf(status)['Ready']).toEqual(['True', undefined]);
    expect(status).toMatchObject({
      latestReadyRevision: 'hello-00002',
      traffic: [{ revision: 'hello-00002', percent: 100 }],
      observedGeneration: 1,
    });
  });

  it('has no traffic and the reason of the runtime when the only Revision fails', () => {
    const status = derive([buildTestRevision(1, failed)]);
    expect(status.traffic).toEqual([]);
    const condition = status.conditions?.find((one) => one.type === 'Ready');
    expect(condition).toMatchObject({ status: 'False', reason: 'SyntaxError', message: 'line 3' });
  });

  it('leaves traffic on the good old Revision when a new one fails', () => {
    const status = derive([buildTestRevision(1, ready), buildTestRevision(2, failed)]);
    expect(status).toMatchObject({
      latestCreatedRevision: 'hello-00002',
      latestReadyRevision: 'hello-00001',
      traffic: [{ revision: 'hello-00001', percent: 100 }],
    });
    expect(conditionsOf(status)).toEqual({
      Ready: ['False', 'SyntaxError'],
      RevisionReady: ['False', 'SyntaxError'],
      RoutesReady: ['True', undefined],
    });
  });

  it('tells first why there can be no Revision, and why the Service is not there', () => {
    const problem = (reason: string) => ({ reason, message: reason });
    const status = derive([buildTestRevision(1, ready)], {
      templateProblem: problem('SourceNotFound'),
      serviceProblem: problem('ServiceNotOurs'),
    });
    expect(conditionsOf(status)).toEqual({
      Ready: ['False', 'SourceNotFound'],
      RevisionReady: ['False', 'SourceNotFound'],
      RoutesReady: ['False', 'ServiceNotOurs'],
    });
  });

  it('is not Ready while wakes of a Revision with traffic fail, but RevisionReady stays', () => {
    const revision = buildTestRevision(1, ready);
    revision.status?.conditions?.push({ type: 'Wakes', status: 'False', message: 'no node' });
    const status = derive([revision]);
    expect(conditionsOf(status)).toMatchObject({
      Ready: ['False', 'WakeFailed'],
      RevisionReady: ['True', undefined],
    });
    const healed = derive([revision, buildTestRevision(2, ready)]);
    expect(conditionsOf(healed)['Ready']).toEqual(['True', undefined]);
  });

  it('keeps the time of a condition that has not changed, and moves the others', () => {
    const first = derive([buildTestRevision(1)]);
    const wanted = buildTestFunction({}, first);
    const same = derive([buildTestRevision(1)], { wanted }, later);
    expect(same).toEqual(first);
    const changed = derive([buildTestRevision(1, ready)], { wanted }, later);
    expect(changed.conditions?.map((one) => one.lastTransitionTime)).toEqual([later, later, later]);
  });
});

describe('deriveUrl', () => {
  it.each([
    [8080, 'http://hello.shop.example.com:8080'],
    [80, 'http://hello.shop.example.com'],
  ])('at port %d is %s', (externalPort, url) => {
    expect(deriveUrl(buildTestFunction(), { domain: 'example.com', externalPort })).toBe(url);
  });
});
