// Packs what an activator has counted into reports that a controller takes, however much it is.

import { reportBytesMax, wakeMessageLengthMax } from '../api/wire.ts';
import type { ClaimReport, RevisionSample, SampleReport, WakeReport } from '../api/wire.ts';

/** Of wakes, whose characters have up to three bytes, and of samples, plain text, each; a fifth is room to spare. */
const itemCharactersMax = reportBytesMax / 5;

/** JSON texts, at least one; each Revision stands in one of them, with all its pods. */
export function buildSampleReports(
  head: Pick<SampleReport, 'activator' | 'sentAtMs'>,
  revisions: readonly RevisionSample[],
  wakes: readonly WakeReport[],
  claims: readonly ClaimReport[] = [],
): string[] {
  const packed = pack(revisions);
  const packedClaims = pack(claims);
  const packedWakes = pack(wakes.map(shorten));
  const count = Math.max(1, packed.length, packedWakes.length, packedClaims.length);
  return Array.from({ length: count }, (_, index) => {
    const report: SampleReport = {
      ...head,
      revisions: packed[index] ?? [],
      wakes: packedWakes[index] ?? [],
      ...(packedClaims[index] !== undefined && { claims: packedClaims[index] }),
    };
    return JSON.stringify(report);
  });
}

function pack<T>(items: readonly T[]): T[][] {
  const packs: T[][] = [];
  let left = 0;
  for (const item of items) {
    const characters = JSON.stringify(item).length + 1;
    if (characters > left) {
      packs.push([]);
      left = itemCharactersMax;
    }
    packs.at(-1)?.push(item);
    left -= characters;
  }
  return packs;
}

/** A load error may carry a whole compiler's output. */
function shorten(wake: WakeReport): WakeReport {
  if (wake.failure === undefined) return wake;
  const { code, message } = wake.failure;
  return { ...wake, failure: { code, message: message.slice(0, wakeMessageLengthMax) } };
}
