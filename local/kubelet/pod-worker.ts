// Runs one pod: its containers side by side, until it is deleted or all of them have ended for good.

import { mkdirSync, rm } from 'node:fs';
import type { Pod } from '../../api/kubernetes.ts';
import { ContainerWorker } from './container-worker.ts';
import { derivePodStatus, type PodStatus } from './derive-pod-status.ts';
import { podFolder, podLogFolder, type PodPorts } from './pod-ports.ts';

export interface PodWorkerOptions {
  readonly pod: Pod;
  /** Containers an earlier kubelet's records name as having run. */
  readonly ranBefore: ReadonlySet<string>;
  /** The status may differ from what the API server has. */
  readonly onChange: () => void;
  /** All processes of a pod that is being deleted have ended. */
  readonly onStopped: () => void;
}

/** What a pod gets whose object was removed without waiting for it. */
const forcedGraceMs = 2_000;
const graceDefaultSeconds = 30;

export class PodWorker {
  readonly uid: string;
  pod: Pod;

  readonly #ports: PodPorts;
  readonly #options: PodWorkerOptions;
  readonly #containers: ContainerWorker[];
  readonly #startedAtMs: number;
  #graceMs = Infinity;
  #isEnded: boolean;

  constructor(ports: PodPorts, options: PodWorkerOptions) {
    this.#ports = ports;
    this.#options = options;
    this.pod = options.pod;
    this.uid = options.pod.metadata.uid ?? '';
    this.#startedAtMs = ports.clock.now();
    const phase = this.pod.status?.phase;
    this.#isEnded = phase === 'Succeeded' || phase === 'Failed';
    this.#containers = this.pod.spec.containers.map(
      (container) =>
        new ContainerWorker(ports, {
          pod: this.pod,
          container,
          before: this.pod.status?.containerStatuses?.find((one) => one.name === container.name),
          hasRun: options.ranBefore.has(container.name),
          onChange: options.onChange,
        }),
    );
  }

  /** Spawns at once where nothing has to be looked up first. */
  start(): void {
    if (this.pod.metadata.deletionTimestamp !== undefined) {
      this.update(this.pod);
      return;
    }
    if (this.#isEnded) return;
    mkdirSync(podFolder(this.#ports.home, this.uid), { recursive: true, mode: 0o700 });
    for (const one of this.#containers) one.start();
  }

  update(pod: Pod): void {
    this.pod = pod;
    const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
    if (deletionTimestamp === undefined) {
      this.#options.onChange();
      return;
    }
    const seconds =
      deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? graceDefaultSeconds;
    this.#stop(seconds * 1000);
  }

  /** The object is gone: end what still runs, then leave nothing behind. */
  async remove(): Promise<void> {
    await this.#endAll(Math.min(this.#graceMs, forcedGraceMs));
    const { home } = this.#ports;
    const options = { recursive: true, force: true, maxRetries: 3 };
    for (const folder of [podFolder(home, this.uid), podLogFolder(home, this.pod)]) {
      rm(folder, options, (error) => {
        if (error) this.#ports.log.warn({ error, folder }, 'a pod left files behind');
      });
    }
  }

  /** The kubelet stops: the pod's object stays, and the next kubelet goes on with it. */
  async endForNow(graceMs: number): Promise<void> {
    await this.#endAll(graceMs);
  }

  /** `undefined` when there is nothing (more) to say: the pod has ended before, or goes away. */
  deriveStatus(): PodStatus | undefined {
    if (this.#isEnded) return undefined;
    const { address, clock } = this.#ports;
    return derivePodStatus(this.pod, {
      address,
      startedAtMs: this.#startedAtMs,
      nowMs: clock.now(),
      containers: this.#containers.map((one) => one.facts()),
    });
  }

  readLogSource(container: string, isPrevious: boolean) {
    return this.#containers.find((one) => one.name === container)?.readLogSource(isPrevious);
  }

  #stop(graceMs: number): void {
    // A later, shorter grace period replaces an earlier one.
    if (graceMs >= this.#graceMs) return;
    const isFirst = this.#graceMs === Infinity;
    this.#graceMs = graceMs;
    if (isFirst && this.#containers.some((one) => one.isRunning)) {
      const names = this.#containers.map((one) => one.name).join(', ');
      const message = `Stopping container ${names}`;
      this.#ports.recordEvent({ object: this.pod, type: 'Normal', reason: 'Killing', message });
    }
    void this.#endAll(graceMs).then(() => this.#options.onStopped());
  }

  async #endAll(graceMs: number): Promise<void> {
    await Promise.all(this.#containers.map((one) => one.stop(graceMs)));
  }
}
