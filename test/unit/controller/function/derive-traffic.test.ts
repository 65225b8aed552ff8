// Where requests go when traffic names Revisions, present or not.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { deriveTraffic } from '../../../../controller/function/derive-traffic.ts';
import { buildTestRevision } from '../../../support/build-function.ts';

const ready = { status: 'True' } as const;
const two = [buildTestRevision(1, ready), buildTestRevision(2, ready)];
const target = (revision: string, percent: number) => ({ revision, percent });
const before = [target('hello-00001', 100)];

describe('deriveTraffic', () => {
  it('resolves latest and splits', () => {
    const wanted = [target('latest', 90), target('hello-00001', 10)];
    expect(deriveTraffic(wanted, two, [])).toEqual({
      traffic: [target('hello-00002', 90), target('hello-00001', 10)],
    });
  });

  it('adds up latest and its own name', () => {
    const wanted = [target('latest', 90), target('hello-00002', 10)];
    expect(deriveTraffic(wanted, two, []).traffic).toEqual([target('hello-00002', 100)]);
  });

  it('keeps the former traffic and names the Revision that is not there', () => {
    const routes = deriveTraffic([target('hello-00007', 100)], two, before);
    expect(routes.traffic).toEqual(before);
    expect(routes.problem).toMatchObject({
      reason: 'RevisionNotFound',
      message: expect.stringContaining('"hello-00007"'),
    });
    expect(routes.problem?.message).toContain('hello-00001, hello-00002');
  });

  it('keeps the former traffic while a named Revision is not ready', () => {
    const revisions = [...two, buildTestRevision(3, { status: 'False', message: 'line 3' })];
    const routes = deriveTraffic([target('hello-00003', 100)], revisions, before);
    expect(routes.traffic).toEqual(before);
    expect(routes.problem).toMatchObject({
      reason: 'RevisionNotReady',
      message: expect.stringContaining('line 3'),
    });
  });

  it('forgets former traffic of Revisions that are gone', () => {
    const gone = [target('hello-00009', 50), target('hello-00001', 50)];
    const routes = deriveTraffic([target('hello-00007', 100)], two, gone);
    expect(routes.traffic).toEqual([target('hello-00001', 50)]);
  });

  it('gives 100 percent to Revisions that are ready, or reports a problem', () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(numbers, fc.integer({ min: 1, max: 9 }), (named, count) => {
        const revisions = Array.from({ length: count }, (_, index) =>
          buildTestRevision(index + 1, index % 3 === 2 ? undefined : ready),
        );
        const share = Math.floor(100 / named.length);
        const wanted = named.map((number, index) =>
          target(`hello-0000${number}`, index === 0 ? 100 - share * (named.length - 1) : share),
        );
        const routes = deriveTraffic(wanted, revisions, []);
        const total = routes.traffic.reduce((sum, one) => sum + one.percent, 0);
        expect(total).toBe(routes.problem === undefined ? 100 : 0);
      }),
    );
  });
});
