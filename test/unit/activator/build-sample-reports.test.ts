// The reports of an activator: all that was counted, in pieces that every controller takes.

import { describe, expect, it } from '@jest/globals';
import { buildSampleReports } from '../../../activator/build-sample-reports.ts';
import { reportBytesMax, type RevisionSample, type WakeReport } from '../../../api/wire.ts';
import { parseSampleReport } from '../../../controller/autoscaler/parse-sample-report.ts';

const head = { activator: 'one', sentAtMs: 1 };
const sample = (number: number): RevisionSample => ({
  ...{
    namespace: 'default',
    revision: `hello-${number}`,
    concurrency: 1,
    requests: 1,
    inFlight: 1,
  },
  pods: Object.fromEntries(Array.from({ length: 20 }, (_, pod) => [`hello-${number}-${pod}`, 1])),
});

function readAll(texts: readonly string[]) {
  return texts.map((text) => {
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(reportBytesMax);
    const parsed = parseSampleReport(text);
    if ('problem' in parsed) throw new Error(parsed.problem);
    return parsed.report;
  });
}

describe('buildSampleReports', () => {
  it('makes one report of what fits into one', () => {
    const reports = readAll(buildSampleReports(head, [sample(1), sample(2)], []));
    expect(reports).toMatchObject([{ ...head, revisions: [sample(1), sample(2)], wakes: [] }]);
  });

  it('makes several of thousands of busy Revisions', () => {
    const samples = Array.from({ length: 5_000 }, (_, number) => sample(number));
    const reports = readAll(buildSampleReports(head, samples, []));
    expect(reports.flatMap((one) => one.revisions)).toEqual(samples);
  });

  it('cuts the text of failures, so that a long one never keeps a report from being taken', () => {
    const failure = { code: 'function_failed_to_load', message: '\u2028é'.repeat(100_000) };
    const wakes: WakeReport[] = Array.from({ length: 1_000 }, (_, number) => ({
      ...{ namespace: 'default', revision: `hello-${number}`, durationMs: 1, failure },
    }));
    const reports = readAll(buildSampleReports(head, [], wakes));
    expect(reports.flatMap((one) => one.wakes)).toHaveLength(1_000);
  });
});
