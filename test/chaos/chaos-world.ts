// What the chaos test needs of the platform it is let loose on: who can be killed there, and how.

import type { Pod } from '../../api/kubernetes.ts';
import type { Target } from '../support/target.ts';
import type { SeenPod } from './pod-states.ts';

export interface Victim {
  /** How it dies, for counts: its process is killed, or its pod deleted without grace. */
  readonly how: 'killed' | 'deleted';
  /** Process or pod, for the timeline. */
  readonly name: string;
  kill(): Promise<void>;
  /** No process of it runs any more. */
  isGone(): boolean;
}

export interface ChaosWorld {
  readonly target: Target;
  /** Between two kills, in milliseconds: what was killed should mostly be back for the next. */
  readonly pauseMs: { readonly min: number; readonly max: number };
  /** Addresses of the activators, never none: callers choose one for each call. */
  listGateways(): readonly string[];
  /** `undefined`: one that is starting again right now, who is spared. */
  findController(): Promise<Victim | undefined>;
  findActivator(gateway: string): Promise<Victim | undefined>;
  /** The process in a pod of a Function or of the pool. */
  findProcess(pod: Pod): Victim | undefined;
  /** Whether the activator that died there has a successor that accepts connections, there or elsewhere. */
  isBack(gateway: string): Promise<boolean>;
  /** Processes of Functions without a pod, and pods without one. */
  findStrays(seen: readonly SeenPod[]): Promise<string[]>;
  /** For the report of a failure. */
  logs(): Promise<string>;
}
