// Kills the controller, the activator and pods in whatever state they are, for real, one after the other.

import { connect } from 'node:net';
import { pods } from '../../api/resources.ts';
import { findPart, processTree } from '../support/process-tree.ts';
import type { Target } from '../support/target.ts';
import { isAlive, pidOf } from '../support/test-cluster.ts';
import { waitFor } from '../support/wait-for.ts';
import { pauseUnless } from './cold-traffic.ts';
import type { Gateway } from './gateways.ts';
import type { ActivatorKill, PodKill } from './judge-losses.ts';
import { lookAtPods, type PodState, type SeenPod } from './pod-states.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { Timeline } from './timeline.ts';

const pauseMs = { min: 100, max: 1_000 };
/** A pod is claimed for some milliseconds only, unless no controller is there to adopt it. */
const huntMs = 1_000;
/** On a machine that does much else, the supervisor's own pause of up to 5 s is the smaller part. */
const partBackMs = 60_000;

/** Each is done once a round, in an order of that round. */
const deeds = [
  'parked',
  'parked',
  'claimed',
  'claimed',
  'claimed without a controller',
  'adopted',
  'adopted',
  'adopted',
  'own',
  'controller',
  'activator',
  'activator',
  'activator and controller',
  'whoever knows of a claimed pod',
] as const;
type Deed = (typeof deeds)[number];

export class Killer {
  readonly pods: PodKill[] = [];
  readonly activators: ActivatorKill[] = [];
  readonly counts = new Map<string, number>();
  readonly #target: Target;
  readonly #gateways: readonly Gateway[];
  readonly #random: SeededRandom;
  readonly #timeline: Timeline;
  readonly #returns: Promise<unknown>[] = [];

  constructor(ports: {
    readonly target: Target;
    readonly gateways: readonly Gateway[];
    readonly random: SeededRandom;
    readonly timeline: Timeline;
  }) {
    this.#target = ports.target;
    this.#gateways = ports.gateways;
    this.#random = ports.random;
    this.#timeline = ports.timeline;
  }

  /** At least one round, however slow the machine is. Resolves once it has stopped and all parts are back. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#doRound(new AbortController().signal);
    while (!signal.aborted) await this.#doRound(signal);
    const failed = (await Promise.all(this.#returns)).find((end) => end !== undefined);
    if (failed !== undefined) throw failed as Error;
  }

  /** Where callers would be sent: an activator that is down is known to be down a moment later. */
  listGatewaysUp(): string[] {
    const down = this.activators.filter((one) => one.backMs === Infinity);
    const isDown = (url: string): boolean =>
      down.some((one) => one.gateway === url && one.deadMs !== Infinity);
    const all = this.#gateways.map((one) => one.url);
    const up = all.filter((url) => !isDown(url));
    return up.length === 0 ? all : up;
  }

  async #doRound(signal: AbortSignal): Promise<void> {
    for (const deed of this.#random.shuffle(deeds)) {
      await pauseUnless(signal, this.#random.between(pauseMs.min, pauseMs.max));
      if (signal.aborted) return;
      await this.#do(deed, signal);
    }
  }

  async #do(deed: Deed, signal: AbortSignal): Promise<void> {
    switch (deed) {
      case 'controller':
        return this.#killController();
      case 'activator':
        return this.#killActivator(this.#random.pick(this.#gateways));
      case 'activator and controller':
        this.#killActivator(this.#random.pick(this.#gateways));
        return this.#killController();
      case 'whoever knows of a claimed pod':
        return this.#orphanClaim(signal);
      case 'claimed without a controller':
        this.#killController();
        return this.#hunt('claimed', signal);
      default:
        return this.#hunt(deed, signal);
    }
  }

  #killController(): void {
    const pid = this.#findController();
    if (pid === undefined) return;
    this.#count('controller', `pid ${pid}`);
    process.kill(pid, 'SIGKILL');
  }

  /** From then on nobody but the pod itself can tell whose it is. */
  async #orphanClaim(signal: AbortSignal): Promise<void> {
    this.#killController();
    const claimed = await this.#find('claimed', signal);
    if (claimed === undefined) return;
    this.#count('claim', `${claimed.pod.metadata.name} ${claimed.answer?.revision}`);
    for (const gateway of this.#gateways) this.#killActivator(gateway);
    this.#killController();
  }

  #killActivator(gateway: Gateway | undefined): void {
    const pid = gateway?.findPid();
    if (gateway === undefined || pid === undefined) return;
    const { url } = gateway;
    const kill = { gateway: url, atMs: performance.now(), deadMs: Infinity, backMs: Infinity };
    this.activators.push(kill);
    this.#count('activator', `pid ${pid} of ${url}`);
    process.kill(pid, 'SIGKILL');
    const follow = async (): Promise<void> => {
      await waitFor(() => !isAlive(pid), { what: 'the activator to be dead', stepMs: 1 });
      kill.deadMs = performance.now();
      await waitFor(() => accepts(url), {
        what: 'an activator to be back',
        deadlineMs: partBackMs,
        stepMs: 5,
      });
      kill.backMs = performance.now();
      this.#timeline.add(`${url} accepts connections again`);
    };
    // It is waited for at the end, where the first that failed is told of.
    this.#returns.push(follow().catch((error: unknown) => error));
  }

  /** One that is starting again right now is spared. */
  #findController(): number | undefined {
    try {
      return findPart(this.#platformPid(), 'controller').pid;
    } catch {
      return undefined;
    }
  }

  async #hunt(state: PodState, signal: AbortSignal): Promise<void> {
    const victim = await this.#find(state, signal);
    if (victim !== undefined) await this.#killPod(victim);
  }

  async #find(state: PodState, signal: AbortSignal): Promise<SeenPod | undefined> {
    const untilMs = performance.now() + huntMs;
    do {
      // A machine that is busy enough keeps even the API server waiting.
      const seen = await lookAtPods(this.#target).catch((error: unknown) => {
        this.#timeline.add(`pods could not be listed: ${(error as Error).message}`);
        return [];
      });
      const prey = seen.filter((one) => one.state === state && pidOf(one.pod) > 0);
      const victim = this.#random.pick(prey);
      if (victim !== undefined) return victim;
      await pauseUnless(signal, 5);
    } while (performance.now() < untilMs && !signal.aborted);
    return undefined;
  }

  async #killPod({ pod, state, answer }: SeenPod): Promise<void> {
    const { name, namespace, uid } = pod.metadata;
    const pid = pidOf(pod);
    const whose = answer?.revision ?? pod.metadata.labels?.['rouse.dev/revision'] ?? '';
    const isDeleted = this.#random.between(0, 1) < 0.3;
    // Another process may have the pid by now: only what this platform has started is killed.
    const isOurs = processTree(this.#platformPid()).some((one) => one.pid === pid);
    if (!isDeleted && !isOurs) return;
    this.pods.push({ pod: name, atMs: performance.now() });
    this.#count(state, `${name} ${whose} ${isDeleted ? 'deleted by force' : `pid ${pid}`}`);
    if (isDeleted) {
      const ref = { name, namespace };
      const options = { gracePeriodSeconds: 0, ...(uid !== undefined && { uid }) };
      await this.#target.kube.delete(pods, ref, options).catch((error: unknown) => {
        // Adopted or gone since it was looked at.
        this.#timeline.add(`${name} was not deleted: ${(error as Error).message}`);
      });
    } else if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  }

  #count(what: string, detail: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
    this.#timeline.add(`KILL ${what}: ${detail}`);
  }

  #platformPid(): number {
    const pid = this.#target.platform?.pid;
    if (pid === undefined) throw new Error('only processes of a platform of this test are killed');
    return pid;
  }
}

function accepts(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    const end = (isOpen: boolean): void => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
