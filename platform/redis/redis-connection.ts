// One connection to Redis, over ioredis: made on first use, again for as long as it takes, and silent about secrets.

import type { Redis } from 'ioredis';
import {
  connectionClosed,
  deriveRedisProblem,
  type RedisErrorLike,
  type RedisProblem,
} from './derive-redis-problem.ts';
import type { RedisAddress } from './parse-redis-url.ts';
import { pickRetryDelay } from './pick-retry-delay.ts';

export interface RedisConnectionPorts {
  /** Commands are taken from now on. */
  readonly onReady: () => void;
  /** They aren't any more, or another attempt failed. */
  readonly onUnready: (problem: RedisProblem) => void;
  /** From 0 to 1, for the jitter; default Math.random. */
  readonly random?: () => number;
}

/** Has no `cause`: the client's own errors hold the arguments of the command. */
export class RedisError extends Error {
  override readonly name = 'RedisError';
  readonly problem: RedisProblem;
  constructor(problem: RedisProblem) {
    super(problem.text);
    this.problem = problem;
  }
}

/** In milliseconds, for the connection; a name that nobody answers for takes as long. */
const connectMsMax = 5_000;
/** A command without an answer after this long fails, in milliseconds. It may have been carried out. */
const commandMsMax = 2_000;

export class RedisConnection {
  readonly #address: RedisAddress;
  readonly #ports: RedisConnectionPorts;
  #client: Promise<Redis> | undefined;
  #isReady = false;
  #isClosed = false;
  /** Of the last attempt; `undefined` while all is well. */
  #problem: RedisProblem | undefined;
  /** Resolves when the first attempt went well or not. */
  readonly #tried: Promise<void>;
  #haveTried!: () => void;

  constructor(address: RedisAddress, ports: RedisConnectionPorts) {
    this.#address = address;
    this.#ports = ports;
    this.#tried = new Promise((resolve) => (this.#haveTried = resolve));
  }

  /**
   * Sends one command. The first one connects; later ones fail at once while there is no connection. None is ever
   * sent twice, since nobody knows whether one without an answer was carried out. Rejects with a RedisError.
   */
  async run(name: string, ...args: readonly string[]): Promise<unknown> {
    this.#client ??= this.#open();
    const client = await this.#client;
    await this.#tried;
    if (!this.#isReady) throw new RedisError(this.#problem ?? connectionClosed);
    try {
      return await client.call(name, ...args);
    } catch (error) {
      const problem = deriveRedisProblem(error as RedisErrorLike);
      // A peer that vanished without a word would keep this connection for many minutes.
      if (problem.kind === 'unreachable' && this.#isReady) client.disconnect(true);
      throw new RedisError(problem);
    }
  }

  /** Commands on their way fail; nothing is heard of the connection any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#isReady = false;
    this.#haveTried();
    (await this.#client)?.disconnect();
  }

  async #open(): Promise<Redis> {
    // Only programs that are told of a Redis load the client: it costs some megabytes.
    const { Redis: Client } = await import('ioredis');
    const { host, port, database, username, password, isTls } = this.#address;
    const { random = Math.random } = this.#ports;
    const client = new Client({
      ...{ host, port, db: database, username, password },
      ...(isTls && { tls: {} }),
      lazyConnect: true,
      connectTimeout: connectMsMax,
      commandTimeout: commandMsMax,
      retryStrategy: (attempt) => pickRetryDelay(attempt, random()),
      // Its queues have no bound, and its way of sending again forgets what may have been carried out.
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      connectionName: 'rouse',
      disableClientInfo: true,
    });
    client.on('ready', () => this.#becameReady());
    client.on('error', (error: RedisErrorLike) => (this.#problem = deriveRedisProblem(error)));
    client.on('close', () => this.#becameUnready());
    if (!this.#isClosed) client.connect().catch(() => undefined);
    return client;
  }

  #becameReady(): void {
    if (this.#isClosed) return;
    this.#problem = undefined;
    this.#isReady = true;
    this.#haveTried();
    this.#ports.onReady();
  }

  #becameUnready(): void {
    this.#isReady = false;
    if (this.#isClosed) return;
    this.#problem ??= connectionClosed;
    this.#haveTried();
    this.#ports.onUnready(this.#problem);
  }
}
