// Writes Kubernetes Events, the lines `kubectl describe` shows, with repeats counted instead of repeated.

import { events } from '../../api/resources.ts';
import type { KubeEvent, KubeObject } from '../../api/kubernetes.ts';
import { systemClock, type Clock } from '../process/clock.ts';
import type { Log } from '../process/log.ts';
import type { KubeClient } from './client.ts';
import { isKubeError } from './kube-error.ts';

export interface EventInput {
  readonly object: KubeObject;
  readonly type: 'Normal' | 'Warning';
  /** CamelCase, for example ScaledUp. */
  readonly reason: string;
  readonly message: string;
}

interface Remembered {
  readonly name: string;
  count: number;
  /** Resolves when the first one was written, or could not be. */
  written: Promise<unknown>;
}

const messageLengthMax = 1024;
/** Events remembered for counting repeats; the oldest is forgotten first. */
const rememberedMax = 1000;
/** Good news waits this long: it comes when pods start, and every write would slow them down. */
export const goodNewsDelayMs = 1_000;
/** Writes waiting or under way at once; past that an Event is dropped, since Events are best effort. */
const writesMax = 100;

export class EventRecorder {
  readonly #client: KubeClient;
  readonly #component: string;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #seen = new Map<string, Remembered>();
  #serial = 0;
  #writes = 0;

  constructor(options: { client: KubeClient; component: string; log: Log; clock?: Clock }) {
    this.#client = options.client;
    this.#component = options.component;
    this.#log = options.log;
    this.#clock = options.clock ?? systemClock;
  }

  /** Never throws and never waits. */
  record(input: EventInput): void {
    if (this.#writes >= writesMax) {
      this.#log.warn({ reason: input.reason, writesMax }, 'event dropped');
      return;
    }
    this.#writes += 1;
    const isUrgent = input.type === 'Warning';
    void (isUrgent ? this.#write(input) : this.#writeLater(input))
      .catch((error: unknown) =>
        this.#log.debug({ error, reason: input.reason }, 'event not written'),
      )
      .finally(() => (this.#writes -= 1));
  }

  async #writeLater(input: EventInput): Promise<void> {
    const happenedAtMs = this.#clock.now();
    await new Promise<void>((resolve) => void this.#clock.setTimeout(resolve, goodNewsDelayMs));
    await this.#write(input, happenedAtMs);
  }

  async #write(input: EventInput, happenedAtMs = this.#clock.now()): Promise<void> {
    const { object, type, reason } = input;
    const message = input.message.slice(0, messageLengthMax);
    const now = new Date(happenedAtMs).toISOString().replace(/\.\d+Z$/, 'Z');
    const namespace = object.metadata.namespace ?? 'default';
    const key = [object.metadata.uid, type, reason, message].join('\n');
    const seen = this.#seen.get(key);
    if (seen !== undefined) {
      seen.count += 1;
      const again = { count: seen.count, lastTimestamp: now };
      await seen.written;
      try {
        await this.#client.patch(events, { namespace, name: seen.name }, again);
      } catch (error) {
        if (!isKubeError(error, 404)) throw error;
        // Kubernetes deletes Events after an hour: the next repeat is a first one again.
        if (this.#seen.get(key) === seen) this.#seen.delete(key);
        await this.#write(input, happenedAtMs);
      }
      return;
    }
    this.#serial += 1;
    const stamp = (this.#clock.now() * 1000 + (this.#serial % 1000)).toString(16);
    const name = `${object.metadata.name}.${stamp}`;
    const event: KubeEvent = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace },
      involvedObject: {
        apiVersion: object.apiVersion,
        kind: object.kind,
        namespace,
        name: object.metadata.name,
        ...(object.metadata.uid !== undefined && { uid: object.metadata.uid }),
      },
      type,
      reason,
      message,
      source: { component: this.#component },
      reportingComponent: this.#component,
      reportingInstance: this.#component,
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    };
    const writing = this.#client.create(events, event);
    this.#remember(key, { name, count: 1, written: writing.catch(() => undefined) });
    await writing;
  }

  #remember(key: string, event: Remembered): void {
    const oldest = this.#seen.keys().next().value;
    if (this.#seen.size >= rememberedMax && oldest !== undefined) this.#seen.delete(oldest);
    this.#seen.set(key, event);
  }
}
