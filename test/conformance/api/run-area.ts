// Runs the cases of one area on the local server and compares them with a real one, live or as it was recorded.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { compareExchanges } from './compare-exchanges.ts';
import type { Mismatch } from './compare-exchanges.ts';
import type { ConformanceArea, ConformanceCase, Exchange } from './conformance-case.ts';
import { findKubectls } from './find-kubectls.ts';
import { coversMismatch, isOfArea, knownDifferences } from './known-differences.ts';
import type { LocalServer } from './local-server.ts';
import { startLocalServer } from './local-server.ts';
import { pickOrphans, pickSurprises } from './pick-surprises.ts';
import { readAccepted, readRecording, recordedVersion } from './recordings.ts';
import { runCase } from './run-case.ts';
import type { ServerUnderTest } from './server-under-test.ts';
import { connectServer } from './server-under-test.ts';

const caseTimeoutMs = 240_000;

/** Declares a test per case, and one that every listed difference is still there. */
export function describeArea(area: ConformanceArea): void {
  const kubeconfig = process.env['ROUSE_CONFORMANCE_KUBECONFIG'] ?? '';
  const version = recordedVersion();
  const against = kubeconfig === '' ? `recorded answers of ${version}` : 'a live kube-apiserver';
  describe(`${area.name}, compared with ${against}`, () => {
    const known = knownDifferences.filter((one) => isOfArea(one, area));
    const seen: Mismatch[] = [];
    const finished = new Set<string>();
    let local: LocalServer;
    let real: ServerUnderTest | undefined;

    beforeAll(async () => {
      local = await startLocalServer();
      if (kubeconfig !== '') real = await connectServer(kubeconfig);
    });
    afterAll(async () => {
      real?.close();
      await local?.stop();
    });

    const run = (server: ServerUnderTest, one: ConformanceCase) =>
      runCase(server, one, { kubectl: findKubectls().get(area.kubectl ?? '') ?? 'kubectl' });
    const recorded = readRecording(version, area.name);
    const accepted = readAccepted(version, area.name);
    const readReal = async (one: ConformanceCase): Promise<readonly Exchange[]> => {
      if (real !== undefined) return run(real, one);
      const exchanges = recorded.get(one.name);
      if (exchanges !== undefined) return exchanges;
      throw new Error(
        `no recorded answers: run "node test/conformance/api/main.ts --record ${area.name}"`,
      );
    };

    it.each(area.cases.map((one) => [one.name, one] as const))(
      '%s',
      async (_name, one) => {
        const expectations = { area: area.name, accepted, known };
        const look = async (): Promise<string> => {
          const [wanted, answered] = await Promise.all([readReal(one), run(local.server, one)]);
          const mismatches = compareExchanges(one.name, wanted, answered);
          seen.push(...mismatches);
          return pickSurprises(one.name, mismatches, expectations).join('\n');
        };
        let surprises = await look();
        if (surprises !== '' && real !== undefined) {
          // Two servers at work: a race between a command and a controller shows once, a difference again.
          process.stdout.write(`${one.name}: compared once more, after\n${surprises}\n`);
          surprises = await look();
        }
        finished.add(one.name);
        expect(surprises).toBe('');
      },
      caseTimeoutMs,
    );

    it('needs every difference that is listed for it', () => {
      // A run of some of the cases can't tell.
      const isWhole = area.cases.every((one) => finished.has(one.name));
      const stale = known.filter((entry) => !seen.some((one) => coversMismatch(entry, one)));
      expect(isWhole ? stale : []).toEqual([]);
    });

    it('lists no difference of a case that is no more', () => {
      const names = area.cases.map((one) => one.name);
      expect(pickOrphans(accepted, names)).toEqual([]);
    });
  });
}
