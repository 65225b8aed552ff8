// Ports of 127.0.0.1 for pods: held open until they are given away, so that each is known to be free.

import { connect, createServer, type Server } from 'node:net';
import type { Pod } from '../../api/kubernetes.ts';
import type { Clock } from '../../platform/process/clock.ts';
import type { Log } from '../../platform/process/log.ts';
import { derivePortNext, derivePortStart, portFirst, portLast } from './derive-port-order.ts';

const address = '127.0.0.1';
/** Ports held open in advance: what a burst of pods can take without a pause for new ones. */
const reservedCount = 64;
/** A port given to a pod that never appears (its creation was refused) is free again after this. */
const unseenMsMax = 10_000;

export class HostPorts {
  readonly #clock: Clock;
  readonly #log: Log;
  /** Listening, and given away by closing. */
  readonly #reserved = new Map<number, Server>();
  readonly #taken = new Map<number, { uid: string; takenAtMs: number; isSeen: boolean }>();
  #next: number;
  #isFilling = false;
  #isStopped = false;

  constructor(options: { readonly home: string; readonly clock: Clock; readonly log: Log }) {
    this.#clock = options.clock;
    this.#log = options.log;
    this.#next = derivePortStart(options.home);
  }

  /** Resolves when ports are in reserve. */
  async start(): Promise<void> {
    await this.#fill();
  }

  stop(): void {
    this.#isStopped = true;
    for (const server of this.#reserved.values()) server.close();
    this.#reserved.clear();
  }

  /** A free port, the pod's from now on. Throws when every port of the range is a pod's. */
  take(uid: string): number {
    const port = this.#pick();
    this.#reserved.get(port)?.close();
    this.#reserved.delete(port);
    this.#taken.set(port, { uid, takenAtMs: this.#clock.now(), isSeen: false });
    void this.#fill();
    return port;
  }

  /** The pod exists: its ports are its own until it goes. */
  hold(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    for (const port of portsOf(pod)) {
      this.#reserved.get(port)?.close();
      this.#reserved.delete(port);
      this.#taken.set(port, { uid, takenAtMs: this.#clock.now(), isSeen: true });
    }
  }

  release(pod: Pod): void {
    for (const port of portsOf(pod)) {
      if (this.#taken.get(port)?.uid === pod.metadata.uid) this.#taken.delete(port);
    }
  }

  #pick(): number {
    for (const port of this.#reserved.keys()) if (!this.#taken.has(port)) return port;
    // A burst has used up the reserve: take one unchecked, the next in order.
    for (let tries = portFirst; tries <= portLast; tries += 1) {
      const port = this.#advance();
      if (!this.#taken.has(port)) return port;
    }
    const count = portLast - portFirst + 1;
    throw new Error(`all ${count} ports ${portFirst}-${portLast} of ${address} belong to pods`);
  }

  #advance(): number {
    const port = this.#next;
    this.#next = derivePortNext(port);
    return port;
  }

  async #fill(): Promise<void> {
    if (this.#isFilling) return;
    this.#isFilling = true;
    this.#forgetUnseen();
    for (let tries = portFirst; tries <= portLast; tries += 1) {
      if (this.#isStopped || this.#reserved.size >= reservedCount) break;
      const port = this.#advance();
      if (this.#taken.has(port) || this.#reserved.has(port)) continue;
      const server = await reserve(port);
      // Meanwhile the pod that has it may have been listed.
      if (server === undefined || this.#taken.has(port) || this.#isStopped) server?.close();
      else this.#reserved.set(port, server);
    }
    this.#isFilling = false;
    if (this.#reserved.size === 0) this.#log.warn({}, 'no free port is left for pods');
  }

  #forgetUnseen(): void {
    const before = this.#clock.now() - unseenMsMax;
    for (const [port, { isSeen, takenAtMs }] of this.#taken) {
      if (!isSeen && takenAtMs < before) this.#taken.delete(port);
    }
  }
}

function portsOf(pod: Pod): number[] {
  const ports = pod.spec.containers.flatMap((one) => one.ports ?? []);
  return ports.map((one) => one.hostPort ?? 0).filter((one) => one >= portFirst && one <= portLast);
}

/** A server listening on the port, or `undefined` when another program has it. */
async function reserve(port: number): Promise<Server | undefined> {
  // macOS lets two programs listen on 127.0.0.1 and on every address: only a call tells.
  if (await answers(port)) return undefined;
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: address, exclusive: true, backlog: 1 }, () => {
      server.unref();
      resolve(server);
    });
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: address });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
