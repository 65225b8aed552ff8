// Keeps what activators report, per Revision. Every controller collects, so that a new leader knows the past.

import type { ClaimReport, SampleReport, WakeReport } from '../../api/wire.ts';
import type { Clock } from '../../platform/process/clock.ts';
import type { Caches } from '../caches.ts';
import { ConcurrencyWindow } from './concurrency-window.ts';

export interface SamplePorts {
  readonly caches: Pick<Caches, 'functions' | 'revisions' | 'deployments'>;
  readonly clock: Clock;
  /** A Revision that was silent reports again. */
  readonly onPoke: (revisionKey: string) => void;
  readonly onWake: (revisionKey: string, wake: WakeReport) => void;
  readonly onClaim: (claim: ClaimReport) => void;
}

const stableWindowMsDefault = 60_000;

export class SampleCollector {
  /** When this process began to collect: of what was before it knows nothing. */
  readonly seenSinceMs: number;
  readonly #ports: SamplePorts;
  readonly #windows = new Map<string, ConcurrencyWindow>();
  /** When a Deployment was last raised from zero, as far as this process saw it. */
  readonly #wokenMs = new Map<string, number>();

  constructor(ports: SamplePorts) {
    this.#ports = ports;
    this.seenSinceMs = ports.clock.monotonicNow();
    ports.caches.deployments.onChange(({ type, object, old }) => {
      const key = `${object.metadata.namespace}/${object.metadata.name}`;
      if (type === 'deleted') {
        this.#windows.delete(key);
        this.#wokenMs.delete(key);
      } else if ((object.spec.replicas ?? 0) > 0 && (old?.spec.replicas ?? 0) === 0) {
        this.#wokenMs.set(key, ports.clock.monotonicNow());
      }
    });
  }

  /** Revisions nobody knows are left out, so that memory is bounded by what exists. */
  add(report: SampleReport): void {
    const { caches, clock, onPoke, onWake } = this.#ports;
    const nowMs = clock.monotonicNow();
    for (const sample of report.revisions) {
      const revision = caches.revisions.get(sample.namespace, sample.revision);
      if (revision === undefined) continue;
      const key = `${sample.namespace}/${sample.revision}`;
      const known = this.#windows.get(key);
      const windowMs = this.#windowMsOf(sample.namespace, revision.spec.functionName);
      const window =
        known !== undefined && known.windowMs >= windowMs
          ? known
          : new ConcurrencyWindow(windowMs, nowMs);
      this.#windows.set(key, window);
      window.add({ ...sample, activator: report.activator }, nowMs);
      if (known === undefined) onPoke(key);
    }
    // Before the Revision is asked for: a claimed pod of one that nobody knows is to be deleted.
    for (const claim of report.claims ?? []) this.#ports.onClaim(claim);
    for (const wake of report.wakes) {
      const key = `${wake.namespace}/${wake.revision}`;
      if (caches.revisions.get(wake.namespace, wake.revision) !== undefined) onWake(key, wake);
    }
  }

  find(key: string): ConcurrencyWindow | undefined {
    return this.#windows.get(key);
  }

  /** Keys of the Revisions that have reported within their window. */
  keys(): Iterable<string> {
    return this.#windows.keys();
  }

  wokenMs(key: string): number | undefined {
    return this.#wokenMs.get(key);
  }

  /** Forgets windows that hold nothing any more. */
  prune(): void {
    const nowMs = this.#ports.clock.monotonicNow();
    for (const [key, window] of this.#windows) {
      if (nowMs - window.reportedMs > window.windowMs) this.#windows.delete(key);
    }
  }

  #windowMsOf(namespace: string, functionName: string): number {
    const found = this.#ports.caches.functions.get(namespace, functionName);
    const seconds = found?.spec.scaling.stableWindowSeconds;
    return seconds === undefined ? stableWindowMsDefault : seconds * 1000;
  }
}
