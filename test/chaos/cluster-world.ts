// A real cluster for the chaos test, from inside its node's network: activators and pods at their own addresses.

import type { Pod } from '../../api/kubernetes.ts';
import { system } from '../../api/names.ts';
import { leases, pods } from '../../api/resources.ts';
import type { Target } from '../support/target.ts';
import { runKubectl } from '../support/platform.ts';
import { namespace } from '../cluster/helm-release.ts';
import { accepts } from './accepts.ts';
import type { ChaosWorld, Victim } from './chaos-world.ts';
import { pauseUnless } from './cold-traffic.ts';
import type { SeenPod } from './pod-states.ts';
import { processesOf, processesOn } from './node-processes.ts';

const refreshMs = 100;
const gatewayPort = 8080;
const logLines = 150;

export class ClusterWorld implements ChaosWorld {
  readonly pauseMs = { min: 300, max: 4_000 };
  readonly target: Target;
  readonly #nodeId: string;
  readonly #activatorsWanted: number;
  readonly #over = new AbortController();
  #gateways: readonly string[] = [];
  #refreshing: Promise<void> = Promise.resolve();

  /** `nodeId`: of the container that is the node. */
  constructor(options: {
    readonly target: Target;
    readonly nodeId: string;
    readonly activatorsWanted: number;
  }) {
    this.target = options.target;
    this.#nodeId = options.nodeId;
    this.#activatorsWanted = options.activatorsWanted;
  }

  /** Looks after the activators, who come and go, until `stop`. */
  start(): void {
    this.#refreshing = this.#refresh();
  }

  async stop(): Promise<void> {
    this.#over.abort();
    await this.#refreshing;
  }

  listGateways(): readonly string[] {
    return this.#gateways;
  }

  /** The one that leads: after a deletion nobody does until the lease runs out, and there is nothing to kill. */
  async findController(): Promise<Victim | undefined> {
    const { controllerLease: name } = system;
    const { spec } = await this.target.kube.get(leases, { name, namespace });
    const found = await this.#list('controller');
    const leader = found.find(({ metadata }) => metadata.name === spec.holderIdentity);
    return leader && this.#findPart(leader);
  }

  async findActivator(gateway: string): Promise<Victim | undefined> {
    const found = (await this.#list('activator')).find((pod) => urlOf(pod) === gateway);
    return found && this.#findPart(found);
  }

  findProcess(pod: Pod): Victim | undefined {
    const container = pod.status?.containerStatuses?.[0];
    const id = container?.containerID?.replace(/^\w+:\/\//, '');
    if (id === undefined || container?.state?.running === undefined) return undefined;
    const pids = processesOf(id);
    if (pids.length === 0) return undefined;
    return {
      how: 'killed',
      name: `${pod.metadata.name} pid ${pids.join(' ')}`,
      kill: async () => {
        for (const pid of processesOf(id)) process.kill(pid, 'SIGKILL');
      },
      isGone: () => processesOf(id).length === 0,
    };
  }

  async isBack(gateway: string): Promise<boolean> {
    const all = await this.#list('activator');
    if (all.some((pod) => urlOf(pod) === gateway)) return accepts(gateway);
    return all.filter(isReady).length >= this.#activatorsWanted;
  }

  async findStrays(seen: readonly SeenPod[]): Promise<string[]> {
    const { items } = await this.target.kube.list(pods, {});
    const known = new Set(items.map(({ metadata }) => metadata.uid));
    const all = processesOn(this.#nodeId).filter((one) => /runtime-node\.cjs/.test(one.command));
    const strays = all
      .filter((one) => !known.has(one.podUid))
      .map((one) => `process ${one.pid} runs for pod ${one.podUid}, which is gone`);
    const faults = seen.flatMap(({ pod: { metadata } }) => {
      const { length } = all.filter((one) => one.podUid === metadata.uid);
      return length === 1 ? [] : [`${length} processes run in pod ${metadata.name}`];
    });
    return [...strays, ...faults];
  }

  /** Those of pods that were deleted went with them. */
  async logs(): Promise<string> {
    const { kubeconfig } = this.target;
    const which = ['-n', namespace, 'logs', '-l', 'app.kubernetes.io/name=rouse'];
    const args = [...which, '--prefix', `--tail=${logLines}`];
    const now = await runKubectl({ kubeconfig, args });
    const before = await runKubectl({ kubeconfig, args: [...args, '--previous'] });
    return `--- before\n${before.stdout}${before.stderr}\n--- now\n${now.stdout}${now.stderr}`;
  }

  async #refresh(): Promise<void> {
    while (!this.#over.signal.aborted) {
      // A busy API server is asked again; the last that were there are better than none.
      const found = await this.#list('activator').catch(() => []);
      const ready = found.filter(isReady).map(urlOf);
      if (ready.length > 0) this.#gateways = ready;
      await pauseUnless(this.#over.signal, refreshMs);
    }
  }

  async #list(component: 'activator' | 'controller'): Promise<Pod[]> {
    const labelSelector = `app.kubernetes.io/component=${component}`;
    const { items } = await this.target.kube.list(pods, { namespace, labelSelector });
    return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  }

  /** The kubelet starts a container again at once the first time, and later ever more slowly. */
  #findPart(pod: Pod): Victim | undefined {
    const victim = this.findProcess(pod);
    const restarts = pod.status?.containerStatuses?.[0]?.restartCount ?? 0;
    if (victim === undefined || restarts === 0) return victim;
    const { name, uid = '' } = pod.metadata;
    const kill = async (): Promise<void> => {
      await this.target.kube.delete(pods, { name, namespace }, { gracePeriodSeconds: 0, uid });
    };
    return { ...victim, how: 'deleted', kill };
  }
}

function urlOf(pod: Pod): string {
  return `http://${pod.status?.podIP}:${gatewayPort}`;
}

function isReady(pod: Pod): boolean {
  return (
    pod.status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') === true
  );
}
