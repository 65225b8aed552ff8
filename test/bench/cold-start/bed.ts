// What cold starts are measured on: a platform with its pool, local or on a real Kubernetes, and what is beside it.

import type { Target } from '../../support/target.ts';
import type { NamespaceWatch } from './namespace-watch.ts';

export type Progress = (line: string) => void;

export const targets = ['local', 'cluster'] as const;
export type TargetName = (typeof targets)[number];

/** Of the pool, for the whole run. */
export const poolSize = { min: 25, max: 30 } as const;

/** Of parked pods: as many Functions as a minute wakes fit on one node of two cores beside Kubernetes' own. */
export const poolRequests = { cpu: '5m', memory: '64Mi' } as const;

/** What a start takes without the platform; each gives milliseconds, and leaves nothing behind. */
export type References = Readonly<Record<string, () => Promise<number>>>;

export interface Bed {
  readonly target: Target;
  readonly watch: NamespaceWatch;
  readonly references: References;
  /** The text of each activator's metrics. */
  readonly readMetrics: () => Promise<readonly string[]>;
  /** Writes that the API server was asked for so far, by everybody. */
  readonly countWrites: () => Promise<number>;
  /** Of controller and activators so far. */
  readonly controlPlaneCpuMs: () => number;
  readonly parkedPids: () => readonly number[];
  readonly dispose: () => Promise<void>;
}
