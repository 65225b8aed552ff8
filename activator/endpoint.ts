// One pod that serves: its address, its requests in flight and its keep-alive connections.

import { Pool } from 'undici';
import type { PodAddress } from '../api/build-pod-address.ts';

/**
 * Connecting inside a cluster takes a millisecond; a SYN lost on the way is sent again after one
 * second.
 */
const connectTimeoutMs = 2_000;
/**
 * An idle connection is closed by us before the function's server would, so that none dies under a
 * request.
 */
const idleConnectionMs = 4_000;
const answerHeaderBytesMax = 64 * 1024;

export class Endpoint {
  readonly podName: string;
  readonly podUid: string;
  /** A runtime of ours: what it says of itself is true. A plain image may say anything. */
  readonly hasRuntime: boolean;
  readonly address: PodAddress;
  inFlight = 0;

  readonly #connectionsMax: number;
  #pool: Pool | undefined;
  #isClosed = false;

  constructor(
    pod: { readonly name: string; readonly uid: string; readonly hasRuntime: boolean },
    address: PodAddress,
    connectionsMax: number,
  ) {
    this.podName = pod.name;
    this.podUid = pod.uid;
    this.hasRuntime = pod.hasRuntime;
    this.address = address;
    this.#connectionsMax = connectionsMax;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Made at the first request. As many connections as requests in flight, so none ever waits inside
   * the pool.
   */
  get pool(): Pool {
    this.#pool ??= new Pool(originOf(this.address), {
      connections: this.#connectionsMax,
      pipelining: 1,
      connectTimeout: connectTimeoutMs,
      keepAliveTimeout: idleConnectionMs,
      keepAliveMaxTimeout: idleConnectionMs,
      // How long a function may take is decided per request, by its own timeout.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: answerHeaderBytesMax,
    });
    return this.#pool;
  }

  /** No new request; those in flight finish, then the connections close. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    void this.#pool?.close().catch(() => undefined);
  }

  /** Ends what is still in flight with an error: the pod is gone for good. */
  destroy(): void {
    this.close();
    void this.#pool?.destroy(new Error('the pod is gone')).catch(() => undefined);
  }
}

export function originOf(address: PodAddress): string {
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `http://${host}:${address.port}`;
}
