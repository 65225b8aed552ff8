// Reads what an activator has posted; nothing in it is trusted to have the right shape.

import { claimOutcomes, claimsMax, wakeMessageLengthMax } from '../../api/wire.ts';
import type { ClaimReport, RevisionSample, SampleReport, WakeReport } from '../../api/wire.ts';

const revisionsMax = 20_000;
const wakesMax = 10_000;
const podsMax = 2_000;
const nameLengthMax = 253;
/** No activator holds this many; a number above it is a mistake that must not become pods. */
const countMax = 1_000_000;

export type ParsedReport =
  | { readonly report: SampleReport }
  /** One sentence for whoever sent it. */
  | { readonly problem: string };

/** Never throws. */
export function parseSampleReport(text: string): ParsedReport {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: 'the body is not JSON' };
  }
  if (!isRecord(value)) return { problem: 'the body is not an object' };
  const { activator, sentAtMs } = value;
  if (!isName(activator)) return { problem: 'activator must be a name' };
  if (!isCount(sentAtMs, Number.MAX_SAFE_INTEGER)) return { problem: 'sentAtMs must be a time' };
  const revisions = parseList(value['revisions'], revisionsMax, parseSample);
  if (revisions === undefined) return { problem: 'revisions must be a list of samples' };
  const wakes = parseList(value['wakes'], wakesMax, parseWake);
  if (wakes === undefined) return { problem: 'wakes must be a list of wakes' };
  // An activator from before the warm pool says nothing of claims.
  const claims = parseList(value['claims'] ?? [], claimsMax, parseClaim);
  if (claims === undefined) return { problem: `claims must be at most ${claimsMax} claims` };
  return { report: { activator, sentAtMs, revisions, wakes, claims } };
}

function parseSample(value: unknown): RevisionSample | undefined {
  if (!isRecord(value)) return undefined;
  const { namespace, revision, concurrency, requests, inFlight, pods = {} } = value;
  if (!isName(namespace) || !isName(revision)) return undefined;
  if (!isCount(concurrency) || !isCount(requests) || !isCount(inFlight)) return undefined;
  if (!isRecord(pods) || Object.keys(pods).length > podsMax) return undefined;
  if (!Object.values(pods).every((one) => isCount(one))) return undefined;
  return {
    ...{ namespace, revision, concurrency, requests, inFlight },
    pods: pods as Record<string, number>,
  };
}

function parseWake(value: unknown): WakeReport | undefined {
  if (!isRecord(value)) return undefined;
  const { namespace, revision, durationMs, failure } = value;
  if (!isName(namespace) || !isName(revision) || !isCount(durationMs, 1e12)) return undefined;
  if (failure === undefined) return { namespace, revision, durationMs };
  if (!isRecord(failure)) return undefined;
  const { code, message } = failure;
  if (typeof code !== 'string' || typeof message !== 'string') return undefined;
  return {
    ...{ namespace, revision, durationMs },
    failure: {
      code: code.slice(0, nameLengthMax),
      message: message.slice(0, wakeMessageLengthMax),
    },
  };
}

function parseClaim(value: unknown): ClaimReport | undefined {
  if (!isRecord(value)) return undefined;
  const { namespace, revision, revisionUid, pod, uid } = value;
  if (!isName(namespace) || !isName(revision) || !isName(pod) || !isName(uid)) return undefined;
  if (revisionUid !== undefined && !isName(revisionUid)) return undefined;
  const outcome = claimOutcomes.find((one) => one === value['outcome']);
  if (outcome === undefined) return undefined;
  return {
    ...{ namespace, revision, pod, uid, outcome },
    ...(revisionUid !== undefined && { revisionUid }),
  };
}

/** One bad item refuses the whole list: half a report would scale by half the load. */
function parseList<T>(
  value: unknown,
  itemsMax: number,
  parse: (item: unknown) => T | undefined,
): T[] | undefined {
  if (!Array.isArray(value) || value.length > itemsMax) return undefined;
  const items: T[] = [];
  for (const item of value) {
    const parsed = parse(item);
    if (parsed === undefined) return undefined;
    items.push(parsed);
  }
  return items;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= nameLengthMax;
}

function isCount(value: unknown, max = countMax): value is number {
  return typeof value === 'number' && value >= 0 && value <= max;
}
