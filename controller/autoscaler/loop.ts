// Looks at every Revision that is awake, called or kept, and scales it as decided.

import { indexes, type Caches } from '../caches.ts';
import { deriveStarts } from '../derive-starts.ts';
import type { KubeClient } from '../../platform/kube/client.ts';
import type { EventRecorder } from '../../platform/kube/record-event.ts';
import { WorkQueue } from '../../platform/kube/work-queue.ts';
import type { Clock, Timer } from '../../platform/process/clock.ts';
import type { Log } from '../../platform/process/log.ts';
import { deriveRefusal } from '../../platform/kube/derive-refusal.ts';
import { isKubeError } from '../../platform/kube/kube-error.ts';
import { applyScale, markBusyPods, readDeployment } from './apply-scale.ts';
import { buildScaleMessage, type ScaleMessage } from './build-scale-message.ts';
import type { SampleCollector } from './collect-samples.ts';
import { calm, decideReplicas, type ScaleDecision, type ScaleState } from './decide-replicas.ts';
import { observeRevision, type RevisionView } from './observe-revision.ts';
import { recordScaling } from './record-scaling.ts';
import { SleepPace } from './sleep-pace.ts';

export interface AutoscalerPorts {
  readonly client: KubeClient;
  readonly caches: Caches;
  readonly samples: SampleCollector;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly log: Log;
  readonly observe: (reason: ScaleMessage['reason']) => void;
}

export const tickMs = 2_000;
/** Deployments written at once. */
const writesMax = 8;
/** A Deployment whose status changes all the time may refuse a few times; the next tick comes anyway. */
const conflictsMax = 3;

export class AutoscalerLoop {
  readonly #ports: AutoscalerPorts;
  readonly #queue: WorkQueue;
  readonly #states = new Map<string, ScaleState>();
  #signal: AbortSignal | undefined;
  readonly #sleeps = new SleepPace();

  constructor(ports: AutoscalerPorts) {
    this.#ports = ports;
    const { log, clock } = ports;
    this.#queue = new WorkQueue({ name: 'scaling', log, clock, concurrency: writesMax });
    ports.caches.deployments.onChange(({ type, object }) => {
      if (type !== 'deleted') return;
      this.#states.delete(`${object.metadata.namespace}/${object.metadata.name}`);
    });
    // minReplicas, or the traffic, may have changed.
    ports.caches.functions.onChange(({ type, object, old }) => {
      if (type === 'deleted') return;
      const targets = [...(object.status?.traffic ?? []), ...(old?.status?.traffic ?? [])];
      for (const one of targets) this.#look(`${object.metadata.namespace}/${one.revision}`);
    });
  }

  /** Scales until the signal aborts; only the leader may. */
  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    let timer: Timer | undefined;
    const tick = (): void => {
      this.#tick();
      timer = this.#ports.clock.setTimeout(tick, tickMs);
    };
    tick();
    await this.#queue.run((key) => this.#scale(key), signal);
    timer?.cancel();
    this.#signal = undefined;
    this.#states.clear();
  }

  /** Looks at one Revision at once. What sleeps is left to the wake under way; the next tick sees to the rest. */
  poke(key: string): void {
    const [namespace, name = ''] = key.split('/');
    const found = this.#ports.caches.deployments.get(namespace, name);
    if ((found?.spec.replicas ?? 0) > 0) this.#look(key);
  }

  #tick(): void {
    const { caches, clock, samples } = this.#ports;
    samples.prune();
    this.#sleeps.tick(deriveStarts(caches.pods.list(), clock.now()));
    const keys = new Set(samples.keys());
    for (const one of caches.deployments.byIndex(indexes.awake, indexes.awake)) {
      keys.add(`${one.metadata.namespace}/${one.metadata.name}`);
    }
    for (const one of caches.functions.byIndex(indexes.kept, indexes.kept)) {
      for (const { revision } of one.status?.traffic ?? []) {
        keys.add(`${one.metadata.namespace}/${revision}`);
      }
    }
    for (const key of keys) this.#look(key);
  }

  /** Decides, which costs microseconds; only a change goes through the queue. */
  #look(key: string): void {
    if (this.#signal === undefined || this.#signal.aborted) return;
    const nowMs = this.#ports.clock.monotonicNow();
    const view = observeRevision(key, this.#ports.caches, this.#ports.samples, nowMs);
    if (view === undefined) return;
    const decision = this.#decide(key, view, nowMs);
    if (decision.replicas === view.seen.replicasWanted) return;
    const { seen, policy } = view;
    const overdueMs = nowMs - Math.max(seen.lastBusyMs, seen.seenSinceMs) - policy.idleMs;
    if (decision.mode === 'idle' && !this.#sleeps.maySleep(overdueMs)) return;
    this.#queue.add(key);
  }

  #decide(key: string, view: RevisionView, nowMs: number): ScaleDecision {
    const before = this.#states.get(key) ?? calm;
    const decision = decideReplicas(before, view.seen, view.policy, nowMs);
    if (decision.state.panicUntilMs === null) this.#states.delete(key);
    else this.#states.set(key, decision.state);
    return decision;
  }

  async #scale(key: string): Promise<null> {
    const { caches, samples, clock } = this.#ports;
    let view = observeRevision(key, caches, samples, clock.monotonicNow());
    for (let conflicts = 0; view !== undefined && conflicts < conflictsMax; conflicts += 1) {
      const decision = this.#decide(key, view, clock.monotonicNow());
      const { replicas } = decision;
      if (replicas === view.seen.replicasWanted) return null;
      const result = await this.#apply(key, replicas, view);
      if (result === 'written') this.#tell(view, decision);
      if (result !== 'conflict') return null;
      view = await this.#refresh(view);
    }
    return null;
  }

  async #apply(
    key: string,
    replicas: number,
    view: RevisionView,
  ): Promise<'written' | 'conflict' | 'gone' | 'refused'> {
    const { namespace, name } = view.revision.metadata;
    const { resourceVersion } = view;
    try {
      await this.#markBusy(key, replicas, view);
      const write = { namespace, name, replicas, resourceVersion };
      const result = await applyScale(this.#ports.client, write);
      if (result === 'written') await recordScaling(view, undefined, this.#ports);
      return result;
    } catch (error) {
      const refusal = isKubeError(error) ? deriveRefusal(error) : undefined;
      if (refusal === undefined) throw error;
      // The next tick tries again.
      await recordScaling(view, refusal, this.#ports);
      return 'refused';
    }
  }

  async #markBusy(key: string, replicas: number, view: RevisionView): Promise<void> {
    if (replicas === 0 || replicas > view.seen.replicasWanted) return;
    const { client, caches, samples, clock } = this.#ports;
    const pods = caches.pods.byIndex(indexes.revision, key);
    await markBusyPods(client, pods, samples.find(key)?.pods(clock.monotonicNow()) ?? new Map());
  }

  /** The same view with the Deployment as the server has it. */
  async #refresh(view: RevisionView): Promise<RevisionView | undefined> {
    const found = await readDeployment(this.#ports.client, view.revision.metadata);
    if (found === undefined) return undefined;
    const seen = {
      ...view.seen,
      replicasWanted: found.spec.replicas ?? 0,
      replicasReady: found.status?.readyReplicas ?? 0,
    };
    return { ...view, seen, resourceVersion: found.metadata.resourceVersion };
  }

  #tell(view: RevisionView, decision: ScaleDecision): void {
    const { events, observe, log } = this.#ports;
    const { owner, revision, seen, policy } = view;
    const text = buildScaleMessage(revision.metadata.name, decision, seen, policy);
    observe(text.reason);
    const { namespace, name } = revision.metadata;
    log.info({ namespace, revision: name, reason: text.reason }, text.message);
    events.record({ object: owner, type: 'Normal', ...text });
  }
}
