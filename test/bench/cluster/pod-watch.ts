// Sees the pods of one namespace by a watch: polling would take the processor from what is measured.

import type { Pod } from '../../../api/kubernetes.ts';
import { labels } from '../../../api/names.ts';
import { pods } from '../../../api/resources.ts';
import type { KubeClient } from '../../../platform/kube/client.ts';
import { Informer } from '../../../platform/kube/informer.ts';

const deadlineMs = 120_000;

export class PodWatch {
  readonly #informer: Informer<Pod>;
  readonly #looks = new Set<() => void>();
  readonly #stopper = new AbortController();

  constructor(client: KubeClient, namespace: string) {
    this.#informer = new Informer({ client, namespace, resource: pods });
    this.#informer.onChange(() => {
      for (const look of this.#looks) look();
    });
  }

  async start(): Promise<void> {
    this.#informer.start(this.#stopper.signal);
    await this.#informer.synced;
  }

  stop(): void {
    this.#stopper.abort();
  }

  /** The first value of `judge` that isn't `undefined`. */
  until<T>(what: string, judge: (all: readonly Pod[]) => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = judge(this.#informer.list());
        if (found === undefined) return;
        done();
        resolve(found);
      };
      const late = setTimeout(() => {
        done();
        reject(new Error(`waited ${deadlineMs} ms for ${what}`));
      }, deadlineMs);
      const done = (): void => {
        clearTimeout(late);
        this.#looks.delete(look);
      };
      this.#looks.add(look);
      look();
    });
  }

  /** Nothing runs here any more, neither pods that serve nor pods that prove; parked ones wait for good. */
  async empty(): Promise<void> {
    await this.until('all pods to go', (all) =>
      all.every((pod) => pod.metadata.labels?.[labels.pool] !== undefined) ? true : undefined,
    );
  }

  addressOf(label: string, value: string): Promise<string> {
    return this.until(`a pod of ${value} with an address`, (all) =>
      all
        .filter((pod) => pod.metadata.labels?.[label] === value)
        .filter((pod) => pod.metadata.deletionTimestamp === undefined)
        .map((pod) => pod.status?.podIP)
        .find((ip) => ip !== undefined && ip !== ''),
    );
  }

  isReady(label: string, value: string): Promise<true> {
    return this.until(`a pod of ${value} to be Ready`, (all) =>
      all.some(
        (pod) =>
          pod.metadata.labels?.[label] === value &&
          pod.metadata.labels[labels.proof] === undefined &&
          pod.status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True'),
      )
        ? true
        : undefined,
    );
  }
}
