// Kills the controller, the activator and pods in whatever state they are, for real, one after the other.

import { pods } from '../../api/resources.ts';
import { waitFor } from '../support/wait-for.ts';
import type { ChaosWorld, Victim } from './chaos-world.ts';
import { pauseUnless } from './cold-traffic.ts';
import type { ActivatorKill, PodKill } from './judge-losses.ts';
import { lookAtPods, type PodState, type SeenPod } from './pod-states.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { Timeline } from './timeline.ts';

/** A pod is claimed for some milliseconds only, unless no controller is there to adopt it. */
const huntMs = 1_000;
/** On a machine that does much else, the pause of a supervisor or kubelet is the smaller part. */
const backMsMax = 240_000;

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
  /** What was killed, and how. */
  readonly counts = new Map<string, number>();
  /** Times that everybody was killed who could have told of a claim. */
  orphanedClaims = 0;
  readonly #world: ChaosWorld;
  readonly #random: SeededRandom;
  readonly #timeline: Timeline;
  readonly #returns: Promise<unknown>[] = [];

  constructor(ports: {
    readonly world: ChaosWorld;
    readonly random: SeededRandom;
    readonly timeline: Timeline;
  }) {
    this.#world = ports.world;
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
  listGatewaysUp(): readonly string[] {
    const down = this.activators.filter((one) => one.backMs === Infinity);
    const isDown = (url: string): boolean =>
      down.some((one) => one.gateway === url && one.deadMs !== Infinity);
    return this.#world.listGateways().filter((url) => !isDown(url));
  }

  async #doRound(signal: AbortSignal): Promise<void> {
    const { min, max } = this.#world.pauseMs;
    for (const deed of this.#random.shuffle(deeds)) {
      await pauseUnless(signal, this.#random.between(min, max));
      if (signal.aborted) return;
      try {
        await this.#do(deed, signal);
      } catch (error) {
        // A machine that is busy enough keeps even the API server waiting, and victims leave by themselves.
        this.#timeline.add(`${deed} was not killed: ${(error as Error).message}`);
      }
    }
  }

  async #do(deed: Deed, signal: AbortSignal): Promise<void> {
    switch (deed) {
      case 'controller':
        return this.#killController();
      case 'activator':
        return this.#killActivator(this.#pickGateway());
      case 'activator and controller':
        await this.#killActivator(this.#pickGateway());
        return this.#killController();
      case 'whoever knows of a claimed pod':
        return this.#orphanClaim(signal);
      case 'claimed without a controller':
        await this.#killController();
        return this.#hunt('claimed', signal);
      default:
        return this.#hunt(deed, signal);
    }
  }

  /** The last one that is up is spared, or there would soon be no traffic. */
  #pickGateway(): string | undefined {
    const dying = this.activators.filter((one) => one.backMs === Infinity);
    const well = this.#world
      .listGateways()
      .filter((url) => !dying.some((one) => one.gateway === url));
    return well.length > 1 ? this.#random.pick(well) : undefined;
  }

  async #killController(): Promise<void> {
    const victim = await this.#world.findController();
    if (victim === undefined) return;
    this.#count('controller', victim);
    await victim.kill();
  }

  /** From then on nobody but the pod itself can tell whose it is. */
  async #orphanClaim(signal: AbortSignal): Promise<void> {
    await this.#killController();
    const claimed = await this.#find('claimed', signal);
    if (claimed === undefined) return;
    this.#timeline.add(`${claimed.pod.metadata.name} is claimed by ${claimed.answer?.revision}`);
    this.orphanedClaims += 1;
    for (const gateway of this.#world.listGateways()) await this.#killActivator(gateway);
    await this.#killController();
  }

  async #killActivator(url: string | undefined): Promise<void> {
    const victim = url === undefined ? undefined : await this.#world.findActivator(url);
    if (url === undefined || victim === undefined) return;
    const kill = { gateway: url, atMs: performance.now(), deadMs: Infinity, backMs: Infinity };
    this.activators.push(kill);
    this.#count('activator', victim, url);
    const follow = async (): Promise<void> => {
      await becomesTrue(() => victim.isGone(), `${victim.name} to be dead`, 1);
      kill.deadMs = performance.now();
      await becomesTrue(() => this.#world.isBack(url), `an activator for ${url} to be back`);
      kill.backMs = performance.now();
      this.#timeline.add(`there is an activator again for ${url}`);
    };
    await victim.kill();
    // It is waited for at the end, where the first that failed is told of.
    this.#returns.push(follow().catch((error: unknown) => error));
  }

  async #hunt(state: PodState, signal: AbortSignal): Promise<void> {
    const victim = await this.#find(state, signal);
    if (victim !== undefined) await this.#killPod(victim);
  }

  async #find(state: PodState, signal: AbortSignal): Promise<SeenPod | undefined> {
    const untilMs = performance.now() + huntMs;
    do {
      const seen = await lookAtPods(this.#world.target);
      const prey = seen.filter((one) => one.state === state && isRunning(one));
      const victim = this.#random.pick(prey);
      if (victim !== undefined) return victim;
      await pauseUnless(signal, 5);
    } while (performance.now() < untilMs && !signal.aborted);
    return undefined;
  }

  async #killPod({ pod, state, answer }: SeenPod): Promise<void> {
    const victim = this.#world.findProcess(pod);
    if (victim === undefined) return;
    const { name, namespace, uid } = pod.metadata;
    const whose = answer?.revision ?? pod.metadata.labels?.['rouse.dev/revision'] ?? '';
    const how = this.#random.between(0, 1) < 0.3 ? 'deleted' : 'killed';
    const kill = { pod: name, atMs: performance.now(), goneMs: Infinity };
    this.pods.push(kill);
    this.#count(state, { how, name: `${name} ${victim.name}` }, whose);
    if (how === 'killed') await victim.kill();
    else {
      const options = { gracePeriodSeconds: 0, ...(uid !== undefined && { uid }) };
      await this.#world.target.kube.delete(pods, { name, namespace }, options);
    }
    const follow = async (): Promise<void> => {
      await becomesTrue(() => victim.isGone(), `the process of ${name} to be dead`);
      kill.goneMs = performance.now();
    };
    this.#returns.push(follow().catch((error: unknown) => error));
  }

  #count(what: string, { how, name }: Pick<Victim, 'how' | 'name'>, whose = ''): void {
    const kind = `${what} ${how}`;
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    this.#timeline.add(`KILL ${kind}: ${name} ${whose}`.trimEnd());
  }
}

function isRunning({ pod }: SeenPod): boolean {
  return pod.status?.containerStatuses?.[0]?.state?.running !== undefined;
}

function becomesTrue(
  ask: () => boolean | Promise<boolean>,
  what: string,
  stepMs = 20,
): Promise<boolean> {
  return waitFor(ask, { what, stepMs, deadlineMs: backMsMax });
}
