// Watches everything a Function is made of, and reconciles the Function whenever a part of it changes.

import { derivePodObstacle } from '../../api/derive-pod-obstacle.ts';
import type { KubeObject, Pod } from '../../api/kubernetes.ts';
import { labels } from '../../api/names.ts';
import type { Informer } from '../../platform/kube/informer.ts';
import { WorkQueue } from '../../platform/kube/work-queue.ts';
import type { Log } from '../../platform/process/log.ts';
import { indexes } from '../caches.ts';
import type { FunctionPorts } from './function-ports.ts';
import { reconcileFunction } from './reconcile-function.ts';

/** Functions reconciled at once; each mostly waits for the API server. */
const reconcilesMax = 8;

/**
 * After news of a Deployment's status: it changes several times in a wake, when every processor has better to do, and
 * only counts of pods depend on it.
 */
const statusDelayMs = 1_000;

export interface ReconcileObserver {
  readonly reconciled: (durationMs: number, isOk: boolean) => void;
}

export class FunctionController {
  readonly #ports: FunctionPorts;
  readonly #queue: WorkQueue;
  readonly #observer: ReconcileObserver;

  constructor(ports: FunctionPorts, log: Log, observer: ReconcileObserver) {
    this.#ports = ports;
    this.#observer = observer;
    this.#queue = new WorkQueue({
      name: 'reconcile of a Function',
      log,
      concurrency: reconcilesMax,
      clock: ports.clock,
    });
    this.#follow();
  }

  get size(): number {
    return this.#queue.size;
  }

  /** What every Function is made of has changed. */
  lookAtAll(): void {
    this.#addAll();
  }

  /** Reconciles every Function once, then each that changes, until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    this.#addAll();
    await this.#queue.run((key) => this.#handle(key), signal);
  }

  async #handle(key: string): Promise<number | null> {
    const { clock } = this.#ports;
    const startedMs = clock.monotonicNow();
    let isOk = false;
    try {
      const againAfterMs = await reconcileFunction(key, this.#ports);
      isOk = true;
      return againAfterMs;
    } finally {
      this.#observer.reconciled(clock.monotonicNow() - startedMs, isOk);
    }
  }

  #follow(): void {
    const { caches } = this.#ports;
    caches.functions.onChange(({ object }) => this.#add(object.metadata.name, object));
    caches.revisions.onChange(({ object }) => this.#add(object.spec.functionName, object));
    caches.deployments.onChange(({ type, object, old }) => {
      const name = object.metadata.labels?.[labels.function];
      if (name === undefined) return;
      const { generation } = object.metadata;
      const isStatusOnly = type === 'modified' && old?.metadata.generation === generation;
      if (isStatusOnly) this.#queue.addAfter(`${object.metadata.namespace}/${name}`, statusDelayMs);
      else this.#add(name, object);
    });
    this.#followLabelled(caches.services);
    this.#followLabelled(caches.slices);
    this.#followPods();
    caches.configMaps.onChange(({ object, old }) => {
      if (old?.codeDigest === object.codeDigest) return;
      const key = `${object.metadata.namespace}/${object.metadata.name}`;
      for (const one of caches.functions.byIndex(indexes.configMap, key)) {
        this.#add(one.metadata.name, one);
      }
    });
    // Every Function's Service points there.
    caches.activators.onChange(() => this.#addAll());
  }

  /** Pods come and go all the time; only those that get stuck, or free again, change what a Function says. */
  #followPods(): void {
    const { caches, failuresTold } = this.#ports;
    const tell = (pod: Pod | undefined): string | undefined => {
      if (pod?.metadata.labels?.[labels.revision] === undefined) return undefined;
      return derivePodObstacle(pod)?.message;
    };
    caches.pods.onChange(({ type, object, old }) => {
      if (tell(old) === tell(type === 'deleted' ? undefined : object)) return;
      const name = object.metadata.labels?.[labels.function];
      if (name !== undefined) this.#add(name, object);
    });
    caches.deployments.onChange(({ type, object: { metadata } }) => {
      if (type === 'deleted') failuresTold.delete(`${metadata.namespace}/${metadata.name}`);
    });
  }

  #followLabelled<T extends KubeObject>(informer: Informer<T>): void {
    informer.onChange(({ object }) => {
      const name = object.metadata.labels?.[labels.function];
      if (name !== undefined) this.#add(name, object);
    });
  }

  #add(name: string, object: KubeObject): void {
    this.#queue.add(`${object.metadata.namespace}/${name}`);
  }

  #addAll(): void {
    for (const one of this.#ports.caches.functions.list()) this.#add(one.metadata.name, one);
  }
}
