// Proof pods that have given their answer: taken apart when nothing starts, since that costs a node as much as a start.

import type { Pod } from '../../api/kubernetes.ts';
import type { KubeClient } from '../../platform/kube/client.ts';
import type { Clock, Timer } from '../../platform/process/clock.ts';
import type { Log } from '../../platform/process/log.ts';
import { deletePod } from './delete-pod.ts';

export interface SpentPodsPorts {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Log;
}

/** Pods kept at once: they stay on their nodes with the little that they asked for. */
export const spentPodsMax = 64;
/** Longest that one is kept, in milliseconds, however many others start. */
export const spentMsMax = 30_000;

export class SpentPods {
  readonly #ports: SpentPodsPorts;
  /** The oldest first. */
  readonly #kept = new Map<Pod, Timer>();
  /** The last deletion worked, so that the right to delete is there. */
  #mayDelete = false;

  constructor(ports: SpentPodsPorts) {
    this.#ports = ports;
  }

  get size(): number {
    return this.#kept.size;
  }

  /** Keeps it, or deletes it at once until one deletion has worked: a missing right must be told with the verdict. */
  async add(pod: Pod): Promise<void> {
    if (!this.#mayDelete) return await this.delete(pod);
    const timer = this.#ports.clock.setTimeout(() => void this.#drop(pod), spentMsMax);
    this.#kept.set(pod, timer);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > spentPodsMax && oldest !== undefined) void this.#drop(oldest);
  }

  /** Now. Rejects where the API server doesn't take it. */
  async delete(pod: Pod): Promise<void> {
    try {
      await deletePod(pod, this.#ports.client);
      this.#mayDelete = true;
    } catch (error) {
      this.#mayDelete = false;
      throw error;
    }
  }

  /** Resolves when the API server knows of none any more, or doesn't take it. */
  async deleteAll(): Promise<void> {
    await Promise.all([...this.#kept.keys()].map((pod) => this.#drop(pod)));
  }

  /** Never rejects: a proof of the same Revision, a new leader, and the Revision's own end drop it again. */
  async #drop(pod: Pod): Promise<void> {
    this.#kept.get(pod)?.cancel();
    this.#kept.delete(pod);
    await this.delete(pod).catch((error: unknown) =>
      this.#ports.log.warn({ error, pod: pod.metadata.name }, 'a proof pod was left behind'),
    );
  }
}
