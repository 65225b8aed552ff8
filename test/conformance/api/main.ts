// Conformance from the command line: `node test/conformance/api/main.ts --record|--stable|--compare|--accept`.

import { compareExchanges, describeMismatch, keyOfMismatch } from './compare-exchanges.ts';
import type { Mismatch } from './compare-exchanges.ts';
import type { ConformanceArea, Exchange } from './conformance-case.ts';
import { areas } from './areas.ts';
import { coversMismatch, isOfArea, knownDifferences } from './known-differences.ts';
import { startLocalServer } from './local-server.ts';
import { pickSurprises } from './pick-surprises.ts';
import type { AcceptedDifferences, Occurrence } from './pick-surprises.ts';
import {
  readAccepted,
  readRecording,
  recordedVersion,
  writeAccepted,
  writeRecording,
} from './recordings.ts';
import { runCase } from './run-case.ts';
import type { ServerUnderTest } from './server-under-test.ts';
import { connectServer } from './server-under-test.ts';
import { findKubectls } from './find-kubectls.ts';

const kubeconfig = process.env['ROUSE_CONFORMANCE_KUBECONFIG'] ?? '.cluster/kubeconfig';
const casesAtOnce = 4;
const [mode = '', ...names] = process.argv.slice(2);
const chosen = areas.filter(
  (one) => (names.length === 0 || names.includes(one.name)) && hasKubectl(one),
);

/** A kubectl of another age would print other things. */
function hasKubectl({ name, kubectl }: ConformanceArea): boolean {
  const isThere = kubectl === undefined || findKubectls().has(kubectl);
  if (!isThere) print(`${name}: left out, there is no kubectl ${kubectl} on this machine`);
  return isThere;
}

/** All cases of an area, some at once; in the order of the cases. */
async function runArea(
  server: ServerUnderTest,
  area: ConformanceArea,
): Promise<Map<string, Exchange[]>> {
  const kubectl = findKubectls().get(area.kubectl ?? '') ?? 'kubectl';
  const results = new Map<string, Exchange[]>(area.cases.map((one) => [one.name, []]));
  const waiting = [...area.cases];
  const work = async (): Promise<void> => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      try {
        results.set(one.name, await runCase(server, one, { kubectl }));
      } catch (error) {
        if (mode === '--record' || mode === '--accept')
          throw new Error(`${area.name}: ${one.name}`, { cause: error });
        const body = String(error);
        results.set(one.name, [{ request: 'the script itself', status: 0, headers: {}, body }]);
      }
    }
  };
  await Promise.all(Array.from({ length: casesAtOnce }, work));
  return results;
}

async function record(): Promise<void> {
  const server = await connectServer(kubeconfig);
  const { body } = await server.send('GET', '/version');
  const version = (body as { gitVersion: string }).gitVersion;
  for (const area of chosen) {
    const results = await runArea(server, area);
    writeRecording(version, area.name, results);
    print(`${area.name}: ${results.size} cases recorded of ${version}`);
  }
  server.close();
}

/** Compares with what is recorded; `connect` says which server answers. */
async function compare(server: ServerUnderTest, isListed: boolean): Promise<void> {
  const version = recordedVersion();
  for (const area of chosen) {
    const recorded = readRecording(version, area.name);
    const results = await runArea(server, area);
    const mismatches = [...results].flatMap(([name, found]) =>
      compareExchanges(name, recorded.get(name) ?? [], found),
    );
    if (mode === '--accept') writeAccepted(version, area.name, acceptFound(area.name, mismatches));
    const accepted: AcceptedDifferences = isListed ? readAccepted(version, area.name) : new Map();
    const known = isListed ? knownDifferences.filter((one) => isOfArea(one, area)) : [];
    const surprises = area.cases.flatMap(({ name }) => {
      const found = mismatches.filter((one) => one.case === name);
      const all = isListed
        ? pickSurprises(name, found, { area: area.name, accepted, known })
        : found.map(describeMismatch);
      return all.map((one) => `[${area.name}] ${name} ${one}`);
    });
    for (const one of surprises) print(one);
    const stale = known.filter((entry) => !mismatches.some((one) => coversMismatch(entry, one)));
    for (const one of stale) print(`[${area.name}] not needed: ${one.case} ${one.path}`);
    print(
      `${area.name}: ${results.size} cases, ${mismatches.length} fields differ, ${surprises.length} of them as nobody expects`,
    );
    if (surprises.length + stale.length > 0) process.exitCode = 1;
  }
}

/** What differs now, and what a person has marked as a race. */
function acceptFound(area: string, mismatches: readonly Mismatch[]): AcceptedDifferences {
  const races = [...readAccepted(recordedVersion(), area)].filter(([, one]) => one === 'sometimes');
  const found = mismatches.map((one): [string, Occurrence] => [keyOfMismatch(one), 'always']);
  return new Map([...found, ...races]);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

if (mode === '--record') await record();
else if (mode === '--stable') {
  const server = await connectServer(kubeconfig);
  await compare(server, false);
  server.close();
} else if (mode === '--compare' || mode === '--accept') {
  const local = await startLocalServer();
  await compare(local.server, true);
  await local.stop();
} else {
  print('usage: main.ts --record | --stable | --compare | --accept [AREA...]');
  process.exitCode = 2;
}
