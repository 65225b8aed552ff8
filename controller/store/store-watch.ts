// Whether Redis answers and takes writes: a gauge, a line in /readyz, one log line and one Event per change.

import { Gauge, type Registry } from 'prom-client';
import type { KubeObject } from '../../api/kubernetes.ts';
import { system } from '../../api/names.ts';
import { leases } from '../../api/resources.ts';
import type { KubeClient } from '../../platform/kube/client.ts';
import type { EventRecorder } from '../../platform/kube/record-event.ts';
import { pause, type Clock } from '../../platform/process/clock.ts';
import type { Log } from '../../platform/process/log.ts';
import { connectionClosed, type RedisProblem } from '../../platform/redis/derive-redis-problem.ts';
import type { RedisAddress } from '../../platform/redis/parse-redis-url.ts';
import { RedisConnection, RedisError } from '../../platform/redis/redis-connection.ts';

export interface StoreWatchPorts {
  readonly client: KubeClient;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly log: Log;
  readonly registry: Registry;
  readonly systemNamespace: string;
  /** Of several controllers that see the same, one tells. */
  readonly isLeader: () => boolean;
}

/** Between two looks, in milliseconds; a broken connection is seen at once. */
const lookMs = 3_000;
/** No Function has this name, which lacks a namespace. The key goes away by itself after a minute. */
const probe = ['SET', 'rouse:{platform}:probe', '1', 'PX', '60000'] as const;

const goesOn = 'synchronous calls and scaling go on; it is tried again all the time';

export class StoreWatch {
  readonly #label: string;
  readonly #ports: StoreWatchPorts;
  readonly #connection: RedisConnection;
  /** `undefined` until the first look is over. */
  #seen: RedisProblem | 'up' | undefined;
  /** What this process last made an Event of. */
  #told: RedisProblem['kind'] | 'up' | undefined;
  #isLooking = false;
  #isStopped = false;

  constructor(address: RedisAddress, ports: StoreWatchPorts) {
    this.#label = address.label;
    this.#ports = ports;
    this.#connection = new RedisConnection(address, {
      onReady: () => void this.#look(),
      onUnready: (problem) => this.#saw(problem),
    });
    const read = (): number => Number(this.#seen === 'up');
    // prom-client calls it with the gauge as `this`.
    function collect(this: Gauge): void {
      this.set(read());
    }
    const help = 'Whether Redis answers and takes writes.';
    new Gauge({ name: 'rouse_store_up', help, registers: [ports.registry], collect });
  }

  /** A sentence for /readyz; `undefined` while all is well. */
  get problem(): string | undefined {
    if (this.#seen === 'up') return undefined;
    const text = this.#seen?.text ?? 'was not reached yet';
    return `Redis at ${this.#label} ${text}; ${goesOn}`;
  }

  /** Looks until the signal aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const stop = (): void => {
      this.#isStopped = true;
      void this.#connection.close();
    };
    signal.addEventListener('abort', stop, { once: true });
    while (!signal.aborted) {
      await this.#look();
      await pause(this.#ports.clock, lookMs, signal);
    }
    await this.#connection.close();
  }

  /** Writes instead of a PING: a Redis that is full, or a replica, answers that as well. */
  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      await this.#connection.run(...probe);
      this.#saw('up');
    } catch (error) {
      this.#saw(error instanceof RedisError ? error.problem : connectionClosed);
    } finally {
      this.#isLooking = false;
    }
  }

  #saw(now: RedisProblem | 'up'): void {
    if (this.#isStopped) return;
    const before = this.#seen;
    this.#seen = now;
    if (kindOf(before) !== kindOf(now)) this.#log(now);
    this.#tell(now);
  }

  #log(now: RedisProblem | 'up'): void {
    const store = this.#label;
    if (now === 'up') this.#ports.log.info({ store }, 'Redis answers and takes writes');
    else this.#ports.log.error({ store, kind: now.kind }, this.problem ?? '');
  }

  #tell(now: RedisProblem | 'up'): void {
    if (!this.#ports.isLeader() || this.#told === kindOf(now)) return;
    const isFirst = this.#told === undefined;
    this.#told = kindOf(now);
    if (now === 'up') {
      // A start without any trouble is no news.
      if (isFirst) return;
      void this.#record(
        'Normal',
        'StoreAvailable',
        `Redis at ${this.#label} answers and takes writes`,
      );
    } else {
      void this.#record('Warning', 'StoreUnavailable', this.problem ?? '');
    }
  }

  /** On the controllers' Lease: the object of theirs that is there however they were installed. */
  async #record(type: 'Normal' | 'Warning', reason: string, message: string): Promise<void> {
    const { client, events, systemNamespace } = this.#ports;
    const metadata = { name: system.controllerLease, namespace: systemNamespace };
    const lease: KubeObject = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata };
    // With its uid `kubectl describe` shows the Event too; without, `kubectl get events` does.
    const found = await client.getOrUndefined(leases, metadata).catch(() => undefined);
    events.record({ object: found ?? lease, type, reason, message });
  }
}

function kindOf(seen: RedisProblem | 'up' | undefined): RedisProblem['kind'] | 'up' | undefined {
  return typeof seen === 'object' ? seen.kind : seen;
}
