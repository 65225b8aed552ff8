// Picks what nobody expects from what differs: fields that are new, fields that are listed but equal by now.

import { describeMismatch, keyOfMismatch } from './compare-exchanges.ts';
import type { Mismatch } from './compare-exchanges.ts';
import { coversMismatch } from './known-differences.ts';
import type { KnownDifference } from './known-differences.ts';

/** A difference of a recorded list; `sometimes` where a race decides whether it shows. */
export type Occurrence = 'always' | 'sometimes';
/** By the key of the mismatch. */
export type AcceptedDifferences = ReadonlyMap<string, Occurrence>;

export interface Expectations {
  readonly area: string;
  readonly accepted: AcceptedDifferences;
  readonly known: readonly KnownDifference[];
}

/** A text per surprise of one case, empty where all is as listed. */
export function pickSurprises(
  name: string,
  mismatches: readonly Mismatch[],
  { area, accepted, known }: Expectations,
): string[] {
  const accept = `node test/conformance/api/main.ts --accept ${area}`;
  const found = new Set(mismatches.map(keyOfMismatch));
  const reasonless = mismatches.filter((one) => !known.some((row) => coversMismatch(row, one)));
  const unlisted = mismatches.filter((one) => !accepted.has(keyOfMismatch(one)));
  const gone = [...accepted].filter(
    ([key, occurrence]) =>
      caseOf(key) === name && occurrence === 'always' && !found.has(key) && key !== '',
  );
  return [
    ...unlisted.map((one) => `differs, and is not listed ("${accept}"): ${describeMismatch(one)}`),
    ...reasonless
      .filter((one) => accepted.has(keyOfMismatch(one)))
      .map((one) => `no reason in known-differences.ts: ${describeMismatch(one)}`),
    ...gone.map(
      ([key]) => `is listed, but equal by now ("${accept}"): ${key.replaceAll('\t', ' ')}`,
    ),
  ];
}

/** Listed differences of cases that are no more. */
export function pickOrphans(accepted: AcceptedDifferences, cases: readonly string[]): string[] {
  return [...accepted.keys()].filter((key) => !cases.includes(caseOf(key)));
}

function caseOf(key: string): string {
  return key.slice(0, key.indexOf('\t'));
}
