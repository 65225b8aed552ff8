// The platform's keys, as soon as the controller has made them and whenever they change.

import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { Secret } from '../api/kubernetes.ts';
import type { KeySecretData } from '../api/wire.ts';
import type { Log } from '../platform/process/log.ts';

export class ControlKeys {
  token: string | undefined;
  readonly #log: Log;
  #key: KeyObject | undefined;
  #resolve: (key: KeyObject) => void = () => {};
  readonly #first: Promise<KeyObject>;

  constructor(log: Log) {
    this.#log = log;
    this.#first = new Promise((resolve) => (this.#resolve = resolve));
  }

  get isThere(): boolean {
    return this.#key !== undefined;
  }

  get current(): KeyObject | undefined {
    return this.#key;
  }

  /** Resolves once there is a key; never rejects. */
  read(): Promise<KeyObject> {
    return this.#key === undefined ? this.#first : Promise.resolve(this.#key);
  }

  set(secret: Secret): void {
    const decode = (name: keyof KeySecretData): string =>
      Buffer.from(secret.data?.[name] ?? '', 'base64').toString('utf8');
    try {
      this.#key = createPrivateKey(decode('controlPrivateKey'));
      this.token = decode('internalToken');
      this.#resolve(this.#key);
    } catch (error) {
      this.#log.error({ error, secret: secret.metadata.name }, 'the Secret holds no usable key');
    }
  }
}
