// Lifts the scheduling gate of pods that somebody waits for and no parked pod will replace.

import { isKubeError } from '../platform/kube/kube-error.ts';
import type { Clock } from '../platform/process/clock.ts';
import type { Log } from '../platform/process/log.ts';
import type { Cluster } from './cluster.ts';
import type { PodView } from './derive-pod-view.ts';
import type { PodEntry } from './pod-entry.ts';

/** The controller lifts it as well, a little later; after these tries it is left to it. */
const liftTriesMax = 5;
const liftAgainFirstMs = 50;
/** Without the right to lift gates it isn't tried again for so long. */
const forbiddenRestMs = 60_000;

export class GateLifter {
  readonly #ports: {
    readonly cluster: Pick<Cluster, 'liftGate'>;
    readonly clock: Clock;
    readonly log: Log;
  };
  #forbiddenUntilMs = 0;
  #hasWarned = false;

  constructor(ports: {
    readonly cluster: Pick<Cluster, 'liftGate'>;
    readonly clock: Clock;
    readonly log: Log;
  }) {
    this.#ports = ports;
  }

  /** Once per pod, unless it fails; never throws. */
  lift(entry: Pick<PodEntry, 'view' | 'isLifted'>): void {
    if (entry.view.gateIndex === undefined || entry.isLifted) return;
    if (this.#ports.clock.now() < this.#forbiddenUntilMs) return;
    entry.isLifted = true;
    void this.#liftUntilDone(entry.view).then((isDone) => {
      entry.isLifted = isDone;
    });
  }

  /** False when the gate may still be there. */
  async #liftUntilDone(pod: PodView): Promise<boolean> {
    const { cluster, clock, log } = this.#ports;
    for (let tried = 1; ; tried += 1) {
      try {
        await cluster.liftGate(pod);
        return true;
      } catch (error) {
        if (isKubeError(error, 403)) {
          this.#onForbidden(error);
          return false;
        }
        // The pod is gone, or somebody else has lifted the gate: a patch that tests for it is refused with 422.
        if (isKubeError(error) && error.status < 429) return true;
        if (tried >= liftTriesMax) {
          log.warn({ error, namespace: pod.namespace, pod: pod.name }, 'could not lift a gate');
          return false;
        }
      }
      const waitMs = liftAgainFirstMs * 2 ** (tried - 1);
      await new Promise<void>((resolve) => void clock.setTimeout(resolve, waitMs));
    }
  }

  #onForbidden(error: unknown): void {
    const { clock, log } = this.#ports;
    this.#forbiddenUntilMs = clock.now() + forbiddenRestMs;
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    log.warn(
      { error },
      'may not lift the gates of pods, so the controller has to: cold starts without a parked pod take longer; ' +
        'give the activator the right to patch pods, as the chart does',
    );
  }
}
