// Puts the figures of a run together: one object, and each target with what was reached.

import type { Measurement } from '../report.ts';
import { poolSize, type TargetName } from './bed.ts';
import type { Crowd } from './measure-crowds.ts';
import type { Single } from './measure-single.ts';
import type { Sustained } from './measure-sustained.ts';

export interface Results {
  readonly single: Single;
  readonly callers50: Crowd;
  readonly burst20: Crowd;
  readonly burst100: Crowd;
  readonly sustained: Sustained;
  /** The same, with Functions that stay awake for as long as they do by default. */
  readonly lasting: Sustained;
  readonly parkedPrivateBytes: number | undefined;
}

/** Times of "all within": of 20 Functions at once. */
const burstMsMax = 300;
const adoptedMsMax = 2_000;
const parkedBytesMax = 12e6;
const p50MsMax = { cluster: 25, local: 15 } as const;

export function buildFigures(target: TargetName, results: Results) {
  const { single, callers50, burst20, burst100, sustained, lasting, parkedPrivateBytes } = results;
  const { references, poolHit } = single;
  const ratioTo = (name: string): number | undefined => {
    const p50Ms = references[name]?.p50Ms;
    return p50Ms === undefined ? undefined : Math.round((p50Ms / poolHit.p50Ms) * 100) / 100;
  };
  return {
    target,
    pool: poolSize,
    poolHit,
    hitRatio: single.hitRatio,
    failures: single.failures,
    bareKubernetesP50Ms: references['bareKubernetes']?.p50Ms,
    bareFloorP50Ms: references['bareFloor']?.p50Ms,
    ratioToBareKubernetes: ratioTo('bareKubernetes'),
    ratioToFloor: ratioTo('bareFloor'),
    bareNodeCjsP50Ms: references['bareNodeCjs']?.p50Ms,
    bareNodeEsmP50Ms: references['bareNodeEsm']?.p50Ms,
    ratioToBareNodeCjs: ratioTo('bareNodeCjs'),
    ratioToBareNodeEsm: ratioTo('bareNodeEsm'),
    references,
    phases: single.phases,
    apiWritesBeforeFirstByte: Math.max(...single.writesBeforeFirstByte),
    apiWritesSeenBeforeFirstByte: single.writesSeen,
    apiWritesPerStart: sustained.apiWritesPerStart,
    controlPlaneCpuSecondsPerStart: sustained.controlPlaneCpuSecondsPerStart,
    callers50,
    burst20,
    burst100,
    sustained,
    lasting,
    adoptedMs: single.adopted,
    parkedPrivateBytes,
    raw: single.raw,
  };
}

export type Figures = ReturnType<typeof buildFigures>;

/** A line each for people; those with a target decide how the command ends. */
export function buildMeasurements(figures: Figures): Measurement[] {
  const { poolHit, burst20, burst100, callers50, sustained, lasting, adoptedMs } = figures;
  const ms = (what: string, value: number, below?: number): Measurement => ({
    what,
    value,
    unit: 'ms',
    ...(below !== undefined && { target: { below } }),
  });
  const isCluster = figures.target === 'cluster';
  return [
    {
      ...ms('pool hit, p50', poolHit.p50Ms, p50MsMax[figures.target]),
      raw: figures.raw,
      note: figures.phases,
    },
    ms('pool hit, p90', poolHit.p90Ms),
    ms(`pool hit, p99 of ${poolHit.n}`, poolHit.p99Ms, isCluster ? 100 : undefined),
    {
      what: 'single: hit ratio',
      value: figures.hitRatio,
      unit: '',
      note: figures.failures.join('; '),
    },
    ...Object.entries(figures.references).map(([name, { p50Ms }]) => ms(`${name}, p50`, p50Ms)),
    ...atLeast(
      'bare Kubernetes, through its Service / pool hit',
      figures.ratioToBareKubernetes,
      30,
    ),
    ...atLeast('bare Kubernetes, its floor / pool hit', figures.ratioToFloor, 10),
    ...atLeast('bare node (CommonJS) / pool hit', figures.ratioToBareNodeCjs),
    ...atLeast('bare node (ESM) / pool hit', figures.ratioToBareNodeEsm),
    {
      what: 'API writes before the first byte, at most',
      value: figures.apiWritesBeforeFirstByte,
      unit: '',
      target: { exactly: 0 },
      note: figures.apiWritesSeenBeforeFirstByte.join(', '),
    },
    ms('adopted: 1/1 with its resources, slowest', adoptedMs.maxMs, adoptedMsMax),
    ms('adopted, p50', adoptedMs.p50Ms),
    ...describeCrowd('50 callers of one', callers50),
    {
      what: '50 callers of one: wakes',
      value: callers50.wakes,
      unit: '',
      target: { exactly: callers50.rounds },
    },
    ...describeCrowd('20 at once', burst20, { below: burstMsMax }),
    ...describeCrowd('100 at once', burst100, { isFull: isCluster }),
    ...describeSustained(sustained, { hitRatio: 0.95, failed: 0 }),
    ...describeSustained(lasting),
    {
      what: 'private memory of a parked pod',
      value: (figures.parkedPrivateBytes ?? NaN) / 1e6,
      unit: 'MB',
      ...(figures.parkedPrivateBytes !== undefined && { target: { below: parkedBytesMax / 1e6 } }),
    },
  ];
}

interface Limits {
  readonly below?: number;
  /** More pods than a node takes: it may say so, by 503 and Retry-After. */
  readonly isFull?: boolean;
}

function describeCrowd(what: string, crowd: Crowd, limits: Limits = {}): Measurement[] {
  const { below, isFull } = limits;
  const note = [
    `p90 ${crowd.p90Ms}, p99 ${crowd.p99Ms}, hit ratio ${crowd.hitRatio}`,
    ...crowd.failures,
  ];
  return [
    { what: `${what}: p50`, value: crowd.p50Ms, unit: 'ms', note: note.join('; ') },
    {
      what: `${what}: the slowest`,
      value: crowd.maxMs,
      unit: 'ms',
      ...(below !== undefined && { target: { below } }),
      raw: crowd.lastMs,
    },
    {
      what: `${what}: failed`,
      value: crowd.failed,
      unit: '',
      ...(isFull !== true && { target: { exactly: 0 } }),
    },
  ];
}

function describeSustained(
  sustained: Sustained,
  goal?: { readonly hitRatio: number; readonly failed: number },
): Measurement[] {
  const { perSecond, seconds, idleSeconds } = sustained;
  const what = `${perSecond}/s for ${seconds} s, awake for ${idleSeconds} s`;
  return [
    ...atLeast(`${what}: hit ratio`, sustained.hitRatio, goal?.hitRatio, ''),
    {
      what: `${what}: failed`,
      value: sustained.failed,
      unit: '',
      ...(goal && { target: { exactly: goal.failed } }),
    },
    {
      what: `${what}: p50`,
      value: sustained.p50Ms,
      unit: 'ms',
      note: [`p90 ${sustained.p90Ms}, ${sustained.warm} warm`, ...sustained.failures].join('; '),
    },
    { what: `${what}: p99`, value: sustained.p99Ms, unit: 'ms' },
    {
      what: `${what}: API writes per start, by everybody`,
      value: sustained.apiWritesPerStart,
      unit: '',
    },
    {
      what: `${what}: controller and activator per start`,
      value: sustained.controlPlaneCpuSecondsPerStart,
      unit: 's CPU',
    },
  ];
}

/** Nothing where it wasn't measured. */
function atLeast(
  what: string,
  value: number | undefined,
  above?: number,
  unit = 'x',
): Measurement[] {
  if (value === undefined) return [];
  return [{ what, value, unit, ...(above !== undefined && { target: { atLeast: above } }) }];
}
