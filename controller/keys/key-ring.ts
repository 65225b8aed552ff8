// The platform's keys as they are now: made when they are missing, read again in case somebody changed them.

import { pause, type Clock } from '../../platform/process/clock.ts';
import type { KubeClient } from '../../platform/kube/client.ts';
import type { Log } from '../../platform/process/log.ts';
import { ensureKeys, type Keys } from './ensure-keys.ts';

/** Between two looks at the Secret, in milliseconds. Polled: a watch would need a right to list Secrets. */
const lookEveryMs = 60_000;
/** Between two looks when an activator's token is refused, which is how a change shows first. */
const lookAgainMsMin = 5_000;
const retryFirstMs = 100;
const retryMaxMs = 5_000;

export interface KeyRingOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Other keys than before: whatever was made of the old ones has to be made again. */
  readonly onChange: () => void;
}

export class KeyRing {
  /** Resolves when there are keys. Rejects never; a Secret that can't be read is tried again. */
  readonly first: Promise<void>;
  readonly #options: KeyRingOptions;
  #keys: Keys | undefined;
  #problem: string | undefined;
  #resolveFirst: () => void = () => {};
  #lookedMs = -Infinity;
  #isAsked = false;
  #wake: () => void = () => {};

  constructor(options: KeyRingOptions) {
    this.#options = options;
    this.first = new Promise((resolve) => (this.#resolveFirst = resolve));
  }

  /** Throws before `first` has resolved. */
  get keys(): Keys {
    if (this.#keys === undefined) throw new Error('the keys have not been read yet');
    return this.#keys;
  }

  get token(): string | undefined {
    return this.#keys?.internalToken;
  }

  /** Why there are no keys yet. */
  get obstacle(): string | undefined {
    return this.#keys === undefined ? (this.#problem ?? 'the keys are being read') : undefined;
  }

  /** Somebody came with a token that isn't ours: perhaps ours is the old one. */
  lookSoon(): void {
    if (this.#options.clock.monotonicNow() - this.#lookedMs < lookAgainMsMin) return;
    this.#isAsked = true;
    this.#wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    let retryMs = retryFirstMs;
    while (!signal.aborted) {
      const isOk = await this.#look();
      retryMs = isOk ? retryFirstMs : Math.min(retryMaxMs, retryMs * 2);
      await this.#rest(isOk && this.#keys !== undefined ? lookEveryMs : retryMs, signal);
    }
  }

  async #look(): Promise<boolean> {
    const { client, namespace, clock, log, onChange } = this.#options;
    this.#isAsked = false;
    this.#lookedMs = clock.monotonicNow();
    try {
      const found = await ensureKeys(client, namespace);
      const before = this.#keys;
      this.#keys = found;
      this.#problem = undefined;
      this.#resolveFirst();
      const isSame =
        before?.internalToken === found.internalToken &&
        before.controlPublicKey === found.controlPublicKey;
      if (before !== undefined && !isSame) {
        log.warn({ namespace }, 'the keys have changed: every pod template is made anew');
        onChange();
      }
      return true;
    } catch (error) {
      const { message } = error as Error;
      if (this.#problem !== message) log.error({ error }, 'the keys could not be read or made');
      this.#problem = message;
      return false;
    }
  }

  /** Ends early when somebody asks for a look. */
  async #rest(delayMs: number, signal: AbortSignal): Promise<void> {
    const early = new AbortController();
    this.#wake = () => early.abort();
    if (this.#isAsked) early.abort();
    await pause(this.#options.clock, delayMs, AbortSignal.any([signal, early.signal]));
  }
}
