// Runs the pods of this machine as processes, and reports how they are.

import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Pod } from '../../api/kubernetes.ts';
import { configMaps, pods as podResource, secrets } from '../../api/resources.ts';
import type { KubeClient } from '../../platform/kube/client.ts';
import { Informer, type Change } from '../../platform/kube/informer.ts';
import { isKubeError } from '../../platform/kube/kube-error.ts';
import { EventRecorder, type EventInput } from '../../platform/kube/record-event.ts';
import { WorkQueue } from '../../platform/kube/work-queue.ts';
import { systemClock, type Clock } from '../../platform/process/clock.ts';
import type { Log } from '../../platform/process/log.ts';
import type { Admit, PodLogs } from '../api-server/server-parts.ts';
import { buildStatusPatch } from '../workloads/build-status-patch.ts';
import { createPodAdmission, podAddress } from './admit-pods.ts';
import { AccountCredentials, type ApiAddress } from './account-credentials.ts';
import { buildClusterVariables } from './build-cluster-variables.ts';
import type { References, Values } from './build-environment.ts';
import { endLeftovers } from './end-leftovers.ts';
import { HostPorts } from './host-ports.ts';
import type { Runtimes } from './pick-program.ts';
import type { PodPorts, ResolvedReferences } from './pod-ports.ts';
import { PodWorker } from './pod-worker.ts';
import { ProcessRecords } from './process-records.ts';
import { readLog } from './read-log.ts';
import { Reaper } from './reaper.ts';
import { ServiceProxy } from './service-proxy.ts';

export interface KubeletOptions {
  /** Absolute. The kubelet uses the folders kubelet and logs/pods in it. */
  readonly home: string;
  /**
   * Where pods have their private folders; default `pods` in the home. Best with no node_modules in any folder above
   * it, since a function would find them here and nowhere else.
   */
  readonly podsFolder?: string;
  /** What the known images are on this machine. */
  readonly runtimes: Runtimes;
  readonly log: Log;
  /** Default `local`. */
  readonly nodeName?: string;
  readonly clock?: Clock;
}

/** Statuses are written this much later, so that the changes of one moment make one write. */
const statusDelayMs = 2;
/** Events wait: a wake's own writes go first. */
const eventDelayMs = 100;
/** Longest that `stop` waits for pods by default. */
const stopMsDefault = 5_000;
const writesAtOnceMax = 16;

export class Kubelet {
  /** For the API server: gives each new pod its ports and its node. */
  readonly admit: Admit;
  /** For the API server: what containers have printed. */
  readonly podLogs: PodLogs;

  readonly #nodeName: string;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #home: string;
  readonly #podsFolder: string;
  readonly #runtimes: Runtimes;
  readonly #hostPorts: HostPorts;
  readonly #reaper: Reaper;
  readonly #workers = new Map<string, PodWorker>();
  readonly #removals = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  readonly #statuses: WorkQueue;
  readonly #finals: WorkQueue;
  #ranBefore = new Map<string, Set<string>>();
  #informer: Informer<Pod> | undefined;
  #client: KubeClient | undefined;
  #credentials: AccountCredentials | undefined;
  #proxy: ServiceProxy | undefined;
  #ports: PodPorts | undefined;
  #runs: Promise<unknown>[] = [];

  constructor(options: KubeletOptions) {
    const { home, runtimes, log, nodeName = 'local', clock = systemClock } = options;
    this.#nodeName = nodeName;
    this.#log = log;
    this.#clock = clock;
    this.#home = home;
    this.#podsFolder = options.podsFolder ?? join(home, 'pods');
    this.#runtimes = runtimes;
    this.#hostPorts = new HostPorts({ home, clock, log });
    this.#reaper = new Reaper(log);
    const concurrency = writesAtOnceMax;
    this.#statuses = new WorkQueue({ name: 'pod status', clock, log, concurrency });
    this.#finals = new WorkQueue({ name: 'pod removal', clock, log, concurrency });
    this.admit = createPodAdmission({
      hostPorts: this.#hostPorts,
      readNode: () => ({ name: nodeName, labels: this.#nodeLabels(), isSchedulable: true }),
      now: () => clock.now(),
    });
    this.podLogs = (namespace, name, logOptions) => {
      const uid = this.#informer?.get(namespace, name)?.metadata.uid ?? '';
      const { container = '', previous = false } = logOptions;
      const source = this.#workers.get(uid)?.readLogSource(container, previous);
      return source === undefined ? undefined : readLog(source, logOptions, clock.now());
    };
  }

  /**
   * Resolves when leftovers of an earlier kubelet are ended, ports are in reserve and every pod is taken over. Let
   * nobody create pods before that: ports of pods that exist already could be given away twice. Without `api` pods get
   * no access to the API server.
   */
  async start(client: KubeClient, api?: ApiAddress): Promise<void> {
    const records = new ProcessRecords(join(this.#home, 'kubelet', 'processes'));
    this.#client = client;
    this.#reaper.start();
    this.#ranBefore = await endLeftovers(records, this.#log);
    const { signal } = this.#stopping;
    const proxy = this.#createProxy(client);
    this.#ports = this.#createPorts({ client, records, api, proxy });
    // Before any pod: its environment says where the Services are.
    await proxy.start(signal);
    const informer = new Informer<Pod>({
      client,
      resource: podResource,
      log: this.#log,
      clock: this.#clock,
    });
    this.#informer = informer;
    informer.onChange((change) => this.#receive(change));
    informer.start(signal);
    await Promise.all([informer.synced, this.#hostPorts.start()]);
    this.#ranBefore.clear();
    this.#runs = [
      this.#statuses.run((uid) => this.#writeStatus(uid), signal),
      this.#finals.run((uid) => this.#deleteObject(uid), signal),
    ];
  }

  /** Ends all processes (TERM, then KILL after `graceMs`); the pods' objects stay for the next start. */
  async stop(graceMs: number = stopMsDefault): Promise<void> {
    this.#stopping.abort();
    await Promise.all([...this.#workers.values()].map((one) => one.endForNow(graceMs)));
    await Promise.all(this.#removals);
    await Promise.all(this.#runs);
    this.#credentials?.stop();
    this.#proxy?.stop();
    this.#hostPorts.stop();
    this.#reaper.stop();
  }

  /** For tests of what happens when the kubelet is killed. */
  get reaperPid(): number | undefined {
    return this.#reaper.pid;
  }

  #nodeLabels(): Record<string, string> {
    return { 'kubernetes.io/hostname': this.#nodeName };
  }

  #createRecorder(client: KubeClient, component: string): (input: EventInput) => void {
    const recorder = new EventRecorder({ client, component, log: this.#log, clock: this.#clock });
    return (input) => {
      if (this.#stopping.signal.aborted) return;
      this.#clock.setTimeout(() => recorder.record(input), eventDelayMs);
    };
  }

  #createProxy(client: KubeClient): ServiceProxy {
    const recordEvent = this.#createRecorder(client, 'kube-proxy');
    const clock = this.#clock;
    this.#proxy = new ServiceProxy({
      home: this.#home,
      client,
      recordEvent,
      clock,
      log: this.#log,
    });
    return this.#proxy;
  }

  #createPorts(parts: {
    client: KubeClient;
    records: ProcessRecords;
    api: ApiAddress | undefined;
    proxy: ServiceProxy;
  }): PodPorts {
    const { client, records, api, proxy } = parts;
    const credentials =
      api &&
      new AccountCredentials({
        ...{ client, api, clock: this.#clock, log: this.#log },
        podsFolder: this.#podsFolder,
      });
    this.#credentials = credentials;
    return {
      clock: this.#clock,
      log: this.#log,
      home: this.#home,
      podsFolder: this.#podsFolder,
      address: podAddress,
      runtimes: this.#runtimes,
      reaper: this.#reaper,
      records,
      node: { cpus: Math.max(1, cpus().length), memoryBytes: totalmem() },
      resolve: async (pod, references) => ({
        ...(await resolveReferences(client, pod.metadata.namespace ?? '', references)),
        credentials: (await this.#provideCredentials(pod)) ?? {},
      }),
      wantsCredentials: ({ spec }) =>
        credentials !== undefined && spec.automountServiceAccountToken !== false,
      clusterVariables: ({ metadata, spec }) =>
        buildClusterVariables({
          apiUrl: api?.url,
          services:
            spec.enableServiceLinks === false ? [] : proxy.addresses(metadata.namespace ?? ''),
        }),
      recordEvent: this.#createRecorder(client, 'kubelet'),
    };
  }

  async #provideCredentials(pod: Pod): Promise<Record<string, string> | undefined> {
    const variables = await this.#credentials?.provide(pod);
    // It may have gone meanwhile: nobody else would end the renewal of its token.
    if (!this.#workers.has(pod.metadata.uid ?? '')) this.#credentials?.forget(pod);
    return variables;
  }

  #receive({ type, object }: Change<Pod>): void {
    const uid = object.metadata.uid ?? '';
    if (type === 'deleted') {
      this.#gone(object);
      return;
    }
    this.#hostPorts.hold(object);
    if (object.spec.nodeName !== this.#nodeName) return;
    const worker = this.#workers.get(uid);
    if (worker === undefined) this.#begin(object);
    else worker.update(object);
  }

  #begin(pod: Pod): void {
    if (this.#ports === undefined) return;
    const uid = pod.metadata.uid ?? '';
    const worker = new PodWorker(this.#ports, {
      pod,
      ranBefore: this.#ranBefore.get(uid) ?? new Set(),
      onChange: () => this.#statuses.addAfter(uid, statusDelayMs),
      onStopped: () => this.#finals.add(uid),
    });
    this.#workers.set(uid, worker);
    worker.start();
  }

  #gone(pod: Pod): void {
    this.#hostPorts.release(pod);
    this.#credentials?.forget(pod);
    const worker = this.#workers.get(pod.metadata.uid ?? '');
    if (worker === undefined) return;
    this.#workers.delete(worker.uid);
    const removal = worker.remove().finally(() => this.#removals.delete(removal));
    this.#removals.add(removal);
  }

  async #writeStatus(uid: string): Promise<null> {
    const worker = this.#workers.get(uid);
    const status = worker?.deriveStatus();
    if (worker === undefined || status === undefined) return null;
    const patch = buildStatusPatch(worker.pod.status, status);
    if (patch === undefined) return null;
    const { namespace, name } = worker.pod.metadata;
    const body = { metadata: { uid }, ...patch };
    try {
      await this.#client?.patch(podResource, { namespace, name }, body, { subresource: 'status' });
    } catch (error) {
      // 404: gone; 409: another pod has the name now.
      if (!isKubeError(error, 404) && !isKubeError(error, 409)) throw error;
    }
    return null;
  }

  async #deleteObject(uid: string): Promise<null> {
    const worker = this.#workers.get(uid);
    if (worker === undefined) return null;
    const { namespace, name } = worker.pod.metadata;
    try {
      await this.#client?.delete(podResource, { namespace, name }, { uid, gracePeriodSeconds: 0 });
    } catch (error) {
      if (!isKubeError(error, 409)) throw error;
    }
    return null;
  }
}

async function resolveReferences(
  client: KubeClient,
  namespace: string,
  references: References,
): Promise<Omit<ResolvedReferences, 'credentials'>> {
  const secretValues = new Map<string, Values>();
  const configMapValues = new Map<string, Values>();
  for (const name of references.secrets) {
    const found = await client.getOrUndefined(secrets, { namespace, name });
    secretValues.set(name, found && decodeAll(found.data ?? {}));
  }
  for (const name of references.configMaps) {
    const found = await client.getOrUndefined(configMaps, { namespace, name });
    const { data = {}, binaryData = {} } = found ?? {};
    configMapValues.set(name, found && { ...decodeAll(binaryData), ...data });
  }
  return { secrets: secretValues, configMaps: configMapValues };
}

function decodeAll(data: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
  );
}
