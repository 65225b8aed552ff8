// What a real kube-apiserver answered to each case, kept in the repository: one file per area, one line per answer.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Exchange } from './conformance-case.ts';
import type { AcceptedDifferences, Occurrence } from './pick-surprises.ts';

const folder = join(import.meta.dirname, 'recorded');

/** By the case's name. */
export type Recording = ReadonlyMap<string, readonly Exchange[]>;

/** The newest Kubernetes of which there are recordings, for example v1.36.3. */
export function recordedVersion(): string {
  const versions = readdirSync(folder).filter((one) => /^v\d+\.\d+\.\d+$/.test(one));
  const last = versions
    .sort((left, right) => left.localeCompare(right, 'en', { numeric: true }))
    .at(-1);
  if (last !== undefined) return last;
  throw new Error(`no recordings in ${folder}: run "node test/conformance/api/main.ts --record"`);
}

export function recordingPath(version: string, area: string): string {
  return join(folder, version, `${area}.jsonl`);
}

export function readRecording(version: string, area: string): Recording {
  const path = recordingPath(version, area);
  const found = new Map<string, Exchange[]>();
  if (!existsSync(path)) return found;
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (line === '') continue;
    const { case: name, ...exchange } = JSON.parse(line) as Exchange & { case: string };
    found.set(name, [...(found.get(name) ?? []), exchange]);
  }
  return found;
}

const sometimes = 'sometimes';

/**
 * Fields of single answers that are known to differ, as `case<TAB>request<TAB>path`: the exact list, so that a new
 * difference is seen at once, and one that is gone. known-differences.ts has the reasons. A fourth column `sometimes`
 * is written by hand, where a race on either side decides whether it differs.
 */
export function readAccepted(version: string, area: string): AcceptedDifferences {
  const path = acceptedPath(version, area);
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  return new Map(
    lines
      .filter((line) => line !== '')
      .map((line): [string, Occurrence] =>
        line.endsWith(`\t${sometimes}`)
          ? [line.slice(0, -sometimes.length - 1), sometimes]
          : [line, 'always'],
      ),
  );
}

export function writeAccepted(version: string, area: string, accepted: AcceptedDifferences): void {
  const lines = [...accepted].map(([key, one]) => (one === sometimes ? `${key}\t${one}` : key));
  writeFileSync(
    acceptedPath(version, area),
    lines
      .sort()
      .map((line) => `${line}\n`)
      .join(''),
  );
}

function acceptedPath(version: string, area: string): string {
  return join(folder, version, `${area}.differences.tsv`);
}

export function writeRecording(version: string, area: string, recording: Recording): void {
  mkdirSync(join(folder, version), { recursive: true });
  const lines = [...recording].flatMap(([name, exchanges]) =>
    exchanges.map((one) => `${JSON.stringify({ case: name, ...one })}\n`),
  );
  writeFileSync(recordingPath(version, area), lines.join(''));
}
