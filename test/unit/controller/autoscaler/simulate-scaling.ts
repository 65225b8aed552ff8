// Plays traffic against the autoscaler's rules, a second at a time, with pods that are ready a second later.

import { buildPolicy, panicWindowMs } from '../../../../controller/autoscaler/build-policy.ts';
import { buildScaleMessage } from '../../../../controller/autoscaler/build-scale-message.ts';
import { ConcurrencyWindow } from '../../../../controller/autoscaler/concurrency-window.ts';
import {
  calm,
  decideReplicas,
  type ScaleObservation,
  type ScalePolicy,
} from '../../../../controller/autoscaler/decide-replicas.ts';
import { functionDefaults } from '../../../../api/function.ts';

export interface Second {
  /** Average in flight or waiting. */
  readonly concurrency: number;
  readonly requests: number;
  /** At the end of the second. */
  readonly inFlight: number;
}

const startMs = 1_000_000_000;
const tickSeconds = 2;

export class ScalingSimulation {
  /** Every change, as `12 s: 1 -> 3, 240 concurrent, target 70 per pod`. */
  readonly changes: string[] = [];
  replicas = 0;
  #ready = 0;
  #second = 0;
  #policy: ScalePolicy = this.#build({});
  #state = calm;
  #window: ConcurrencyWindow | undefined;
  #seenSinceMs = 0;
  #wokenMs = 0;

  setPolicy(values: Readonly<Record<string, number>>): void {
    this.#policy = this.#build(values);
  }

  setReplicas(replicas: number): void {
    this.replicas = replicas;
    this.#ready = replicas;
    this.#wokenMs = this.#nowMs;
  }

  /** Another process goes on, and knows nothing of the past. */
  restart(): void {
    this.#state = calm;
    this.#window = undefined;
    this.#seenSinceMs = this.#nowMs;
    this.#wokenMs = this.#nowMs;
  }

  play(load: Second): void {
    this.#second += 1;
    this.#ready = this.replicas;
    if (load.concurrency > 0 || load.requests > 0 || load.inFlight > 0) {
      if (this.replicas === 0) this.#change(1, 'woken');
      this.#window ??= new ConcurrencyWindow(this.#policy.stableWindowMs, this.#nowMs);
      this.#window.add({ activator: 'a', pods: {}, ...load }, this.#nowMs);
    }
    if (this.#second % tickSeconds === 0) this.#tick();
  }

  get #nowMs(): number {
    return startMs + this.#second * 1000;
  }

  #tick(): void {
    const { stableWindowMs } = this.#policy;
    const nowMs = this.#nowMs;
    const seen: ScaleObservation = {
      concurrencyStableAvg: this.#window?.average(stableWindowMs, nowMs) ?? 0,
      concurrencyPanicAvg: this.#window?.average(panicWindowMs(stableWindowMs), nowMs) ?? 0,
      inFlight: this.#window?.inFlight(nowMs) ?? 0,
      replicasWanted: this.replicas,
      replicasReady: this.#ready,
      lastBusyMs: Math.max(this.#window?.busyMs ?? 0, this.#wokenMs),
      seenSinceMs: this.#seenSinceMs,
    };
    const decision = decideReplicas(this.#state, seen, this.#policy, nowMs);
    this.#state = decision.state;
    if (decision.replicas === this.replicas) return;
    const { message } = buildScaleMessage('r', decision, seen, this.#policy);
    this.#change(decision.replicas, message.replace(/^r from \d+ to \d+: /, ''));
  }

  #change(replicas: number, why: string): void {
    this.changes.push(`${this.#second} s: ${this.replicas} -> ${replicas}, ${why}`);
    if (this.replicas === 0) this.#wokenMs = this.#nowMs;
    this.replicas = replicas;
  }

  #build(values: Readonly<Record<string, number>>): ScalePolicy {
    const { target = 100, limit = 0, ...scaling } = values;
    const merged = { ...functionDefaults.scaling, ...scaling };
    return buildPolicy(merged, { concurrency: { target, limit } }, true);
  }
}
