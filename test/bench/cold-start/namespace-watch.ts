// Follows everything that a cold start changes in one namespace: pods, Deployments, ReplicaSets, Functions, Revisions.

import { setTimeout as pause } from 'node:timers/promises';
import type { Deployment, KubeObject, Pod, Resource } from '../../../api/kubernetes.ts';
import type { RouseFunction } from '../../../api/function.ts';
import { annotations, labels } from '../../../api/names.ts';
import { deployments, functions, pods, replicaSets, revisions } from '../../../api/resources.ts';
import type { KubeClient } from '../../../platform/kube/client.ts';
import { Informer } from '../../../platform/kube/informer.ts';
import { condition } from '../../support/target.ts';

const deadlineMs = 300_000;
/** Until the adoption of a claimed pod shows, in milliseconds. */
const claimedMsMax = 3_000;

export interface SeenWrite {
  /** On the clock of `performance.now()`. */
  readonly atMs: number;
  /** Name of the Function that it is about, else of the object itself. */
  readonly owner: string;
  readonly what: string;
}

export class NamespaceWatch {
  readonly #pods: Informer<Pod>;
  readonly #deployments: Informer<Deployment>;
  readonly #functions: Informer<RouseFunction>;
  readonly #informers: readonly Pick<Informer<Pod>, 'start' | 'synced'>[];
  readonly #looks = new Set<() => void>();
  readonly #stopper = new AbortController();
  #writes: SeenWrite[] | undefined;

  constructor(client: KubeClient, namespace: string) {
    const follow = <T extends KubeObject>(resource: Resource<T>): Informer<T> => {
      const informer = new Informer<T>({ client, namespace, resource });
      informer.onChange(({ type, object }) => {
        const atMs = performance.now();
        const owner = object.metadata.labels?.[labels.function] ?? object.metadata.name;
        const what = `${type} ${resource.plural}/${object.metadata.name}`;
        this.#writes?.push({ atMs, owner, what });
        for (const look of this.#looks) look();
      });
      return informer;
    };
    this.#pods = follow(pods);
    this.#deployments = follow(deployments);
    this.#functions = follow(functions);
    const others = [follow(replicaSets), follow(revisions)];
    this.#informers = [this.#pods, this.#deployments, this.#functions, ...others];
  }

  async start(): Promise<void> {
    for (const one of this.#informers) one.start(this.#stopper.signal);
    await Promise.all(this.#informers.map((one) => one.synced));
  }

  stop(): void {
    this.#stopper.abort();
  }

  /**
   * From now on, until the function that is returned is called with a time: the writes up to then that are about this
   * Function. Others fall asleep meanwhile, which is no part of its start.
   */
  recordWrites(functionName: string): (untilMs: number) => readonly SeenWrite[] {
    const writes: SeenWrite[] = [];
    this.#writes = writes;
    return (untilMs) => {
      this.#writes = undefined;
      return writes.filter(({ atMs, owner }) => atMs <= untilMs && owner === functionName);
    };
  }

  parked(): Pod[] {
    return this.#pods
      .list()
      .filter((pod) => pod.metadata.labels?.[labels.pool] !== undefined && isReady(pod));
  }

  allReady(names: readonly string[]): Promise<true> {
    return this.#until(`${names.length} Functions to be Ready`, () => {
      const ready = this.#functions
        .list()
        .filter((one) => condition(one, 'Ready')?.status === 'True')
        .map(({ metadata }) => metadata.name);
      const missing = names.filter((name) => !ready.includes(name));
      return missing.length === 0 ? undefined : `${missing.length} are not`;
    });
  }

  /** So many parked pods wait, and no pod starts or ends. */
  quiet(parked: number): Promise<true> {
    return this.#until(`${parked} parked pods and no pod that starts or ends`, () => {
      const moving = this.#pods.list().filter((pod) => !isReady(pod));
      const isQuiet = moving.length === 0 && this.parked().length >= parked;
      return isQuiet ? undefined : `${this.parked().length} parked, ${moving.length} moving`;
    });
  }

  /**
   * The same, no pod serves any Function, and that for a while: pods that were claimed a moment ago still look
   * parked.
   */
  async asleep(parked: number): Promise<void> {
    const obstacle = (): string | undefined => {
      const all = this.#pods.list();
      const isAsleep = all.length === this.parked().length && all.length >= parked;
      return isAsleep ? undefined : `${this.parked().length} parked of ${all.length} pods`;
    };
    do {
      await this.#until(`${parked} parked pods and all Functions asleep`, obstacle);
      await pause(claimedMsMax);
    } while (obstacle() !== undefined);
  }

  /** Its Deployment says 1/1, by a pod that came from the pool and has these requests. */
  adopted(functionName: string, requests: Readonly<Record<string, string>>): Promise<true> {
    const wanted = JSON.stringify(sorted(requests));
    return this.#until(`${functionName} to be adopted`, () => {
      const deployment = this.#deployments.list().find((one) => isOf(one, functionName));
      const { replicas, readyReplicas } = deployment?.status ?? {};
      if (replicas !== 1 || readyReplicas !== 1) return `${readyReplicas} of ${replicas} ready`;
      const own = this.#pods.list().filter((one) => isOf(one, functionName));
      const pod = own.find((one) => one.metadata.annotations?.[annotations.adopted] !== undefined);
      if (pod === undefined) return 'no adopted pod';
      const given = JSON.stringify(sorted(pod.spec.containers[0]?.resources?.requests ?? {}));
      return given === wanted ? undefined : `its pod has ${given}`;
    });
  }

  /** `obstacle` gives `undefined` once all is as wanted. */
  #until(what: string, obstacle: () => string | undefined): Promise<true> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (obstacle() !== undefined) return;
        done();
        resolve(true);
      };
      const late = setTimeout(() => {
        done();
        reject(new Error(`waited ${deadlineMs} ms for ${what}: ${obstacle()}`));
      }, deadlineMs);
      const done = (): void => {
        clearTimeout(late);
        this.#looks.delete(look);
      };
      this.#looks.add(look);
      look();
    });
  }
}

function isOf({ metadata }: KubeObject, functionName: string): boolean {
  return metadata.labels?.[labels.function] === functionName;
}

function isReady(pod: Pod): boolean {
  return (
    pod.metadata.deletionTimestamp === undefined &&
    pod.status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') === true
  );
}

function sorted(record: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(record).sort(([a], [b]) => a.localeCompare(b));
}
