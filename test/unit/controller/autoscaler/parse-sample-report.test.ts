// Reports of activators: what is taken, what is refused, and that nothing makes the parser throw.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { claimsMax, type SampleReport } from '../../../../api/wire.ts';
import { parseSampleReport } from '../../../../controller/autoscaler/parse-sample-report.ts';

const good: SampleReport = {
  activator: 'activator-1',
  sentAtMs: 1_700_000_000_000,
  revisions: [
    {
      ...{ namespace: 'default', revision: 'hello-00001', concurrency: 1.5, requests: 3 },
      ...{ inFlight: 2, pods: { 'hello-00001-a': 2 } },
    },
  ],
  wakes: [
    {
      ...{ namespace: 'default', revision: 'hello-00001', durationMs: 40.5 },
      failure: { code: 'wake_timeout', message: 'no pod' },
    },
  ],
  claims: [
    {
      ...{ namespace: 'default', revision: 'hello-00001', pod: 'rouse-pool-node-a' },
      ...{ uid: '1b2c', outcome: 'serving', revisionUid: '3d4e' },
    },
  ],
};
const sample = good.revisions[0];

describe('parseSampleReport', () => {
  it('gives back a good report', () => {
    expect(parseSampleReport(JSON.stringify(good))).toEqual({ report: good });
  });

  it('takes a report from before there were claims', () => {
    const { claims: _, ...older } = good;
    expect(parseSampleReport(JSON.stringify(older))).toEqual({ report: { ...older, claims: [] } });
  });

  it.each([
    ['no JSON', 'nope'],
    ['null', 'null'],
    ['a list', '[]'],
    ['no activator', JSON.stringify({ ...good, activator: '' })],
    ['no time', JSON.stringify({ ...good, sentAtMs: 'now' })],
    ['no revisions', JSON.stringify({ ...good, revisions: {} })],
    ['no wakes', JSON.stringify({ ...good, wakes: undefined })],
    ['negative load', JSON.stringify({ ...good, revisions: [{ ...sample, inFlight: -1 }] })],
    [
      'endless load',
      '{"activator":"a","sentAtMs":1,"wakes":[],"revisions":[{"concurrency":1e999}]}',
    ],
    ['absurd load', JSON.stringify({ ...good, revisions: [{ ...sample, concurrency: 1e9 }] })],
    ['odd pods', JSON.stringify({ ...good, revisions: [{ ...sample, pods: { a: 'b' } }] })],
    ['odd claims', JSON.stringify({ ...good, claims: {} })],
    ['a claim of nothing', JSON.stringify({ ...good, claims: [{ ...good.claims?.[0], uid: '' }] })],
    [
      'an odd outcome',
      JSON.stringify({ ...good, claims: [{ ...good.claims?.[0], outcome: 'x' }] }),
    ],
    [
      'too many claims',
      JSON.stringify({ ...good, claims: Array(claimsMax + 1).fill(good.claims?.[0]) }),
    ],
    ['an odd failure', JSON.stringify({ ...good, wakes: [{ ...good.wakes[0], failure: 1 }] })],
  ])('refuses %s', (_, text) => {
    expect(parseSampleReport(text)).toHaveProperty('problem');
  });

  it('never throws, and gives only finite numbers that are not negative', () => {
    const anything = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({
          activator: fc.string(),
          sentAtMs: fc.double(),
          revisions: fc.array(
            fc.record({
              namespace: fc.string(),
              revision: fc.string(),
              concurrency: fc.double(),
              requests: fc.double(),
              inFlight: fc.double(),
              pods: fc.dictionary(fc.string(), fc.double()),
            }),
          ),
          wakes: fc.array(fc.anything()),
          claims: fc.array(fc.anything()),
        })
        .map((value) => JSON.stringify(value) ?? ''),
    );
    fc.assert(
      fc.property(anything, (text) => {
        const parsed = parseSampleReport(text);
        if ('problem' in parsed) return;
        for (const one of parsed.report.revisions) {
          for (const number of [one.concurrency, one.requests, one.inFlight]) {
            expect(Number.isFinite(number) && number >= 0).toBe(true);
          }
        }
      }),
    );
  });
});
