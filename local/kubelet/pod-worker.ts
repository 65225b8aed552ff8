// Runs one pod: its containers side by side, until it is deleted or all of them have ended for good.

import { mkdirSync, rm } from 'node:fs';
import type { Container, Pod, PodSpec } from '../../api/kubernetes.ts';
import { ContainerWorker } from './container-worker.ts';
import {
  derivePodStatus,
  isInitDone,
  type InitContainerFacts,
  type PodStatus,
} from './derive-pod-status.ts';
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

interface InitContainer {
  readonly isSidecar: boolean;
  readonly worker: ContainerWorker;
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
  readonly #inits: InitContainer[];
  #initsStarted = 0;
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
    const { containers, initContainers = [], restartPolicy } = this.pod.spec;
    this.#inits = initContainers.map((one) => ({
      isSidecar: one['restartPolicy'] === 'Always',
      worker: this.#createWorker(one, initPolicyOf(one, restartPolicy), () => this.#advance()),
    }));
    this.#containers = containers.map((one) =>
      this.#createWorker(one, restartPolicy, () => this.#endSidecars()),
    );
  }

  /** Spawns at once where nothing has to be looked up first. */
  start(): void {
    if (this.pod.metadata.deletionTimestamp !== undefined) {
      this.update(this.pod);
      return;
    }
    if (this.#isEnded) return;
    mkdirSync(podFolder(this.#ports.podsFolder, this.uid), { recursive: true, mode: 0o700 });
    this.#warnOfVolumes();
    this.#startNext();
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
    const { home, podsFolder } = this.#ports;
    const options = { recursive: true, force: true, maxRetries: 3 };
    for (const folder of [podFolder(podsFolder, this.uid), podLogFolder(home, this.pod)]) {
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
      initContainers: this.#inits.map(factsOf),
    });
  }

  readLogSource(container: string, isPrevious: boolean) {
    return this.#all()
      .find((one) => one.name === container)
      ?.readLogSource(isPrevious);
  }

  #createWorker(
    container: Container,
    restartPolicy: PodSpec['restartPolicy'],
    onChange: () => void,
  ): ContainerWorker {
    const status = this.pod.status as PodStatus | undefined;
    const before = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
    return new ContainerWorker(this.#ports, {
      pod: this.pod,
      container,
      restartPolicy,
      before: before.find((one) => one.name === container.name),
      hasRun: this.#options.ranBefore.has(container.name),
      onChange: () => {
        this.#options.onChange();
        onChange();
      },
    });
  }

  /** Init containers run one after the other, the others side by side. */
  #startNext(): void {
    const next = this.#inits[this.#initsStarted];
    this.#initsStarted += 1;
    if (next !== undefined) next.worker.start();
    else for (const one of this.#containers) one.start();
  }

  #advance(): void {
    const current = this.#inits[this.#initsStarted - 1];
    if (current === undefined || !isInitDone(factsOf(current))) return;
    this.#startNext();
  }

  /** Sidecars have nothing left to do when the other containers have ended. */
  #endSidecars(): void {
    if (!this.#containers.every((one) => one.facts().isFinal)) return;
    const { terminationGracePeriodSeconds = graceDefaultSeconds } = this.pod.spec;
    for (const { worker } of this.#inits) void worker.stop(terminationGracePeriodSeconds * 1000);
  }

  #warnOfVolumes(): void {
    if ((this.pod.spec.volumes ?? []).length === 0) return;
    const message = 'the local cluster mounts no volumes; run this pod on a real cluster';
    this.#ports.recordEvent({ object: this.pod, type: 'Warning', reason: 'FailedMount', message });
  }

  #all(): ContainerWorker[] {
    return [...this.#containers, ...this.#inits.map((one) => one.worker)];
  }

  #stop(graceMs: number): void {
    // A later, shorter grace period replaces an earlier one.
    if (graceMs >= this.#graceMs) return;
    const isFirst = this.#graceMs === Infinity;
    this.#graceMs = graceMs;
    if (isFirst && this.#all().some((one) => one.isRunning)) {
      const names = this.#containers.map((one) => one.name).join(', ');
      const message = `Stopping container ${names}`;
      this.#ports.recordEvent({ object: this.pod, type: 'Normal', reason: 'Killing', message });
    }
    void this.#endAll(graceMs).then(() => this.#options.onStopped());
  }

  async #endAll(graceMs: number): Promise<void> {
    await Promise.all(this.#all().map((one) => one.stop(graceMs)));
  }
}

/** An init container has to succeed once: where the pod restarts at all, it does so until then. */
function initPolicyOf(container: Container, policy: PodSpec['restartPolicy']): typeof policy {
  if (container['restartPolicy'] === 'Always') return 'Always';
  return policy === 'Never' ? 'Never' : 'OnFailure';
}

function factsOf({ isSidecar, worker }: InitContainer): InitContainerFacts {
  return { ...worker.facts(), isSidecar };
}
