// One port of a Service on the loopback: takes connections and hands each on to one of the Service's endpoints.

import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Clock, Timer } from '../../platform/process/clock.ts';
import type { Endpoint } from './pick-endpoints.ts';

const address = '127.0.0.1';
/** More at once are closed as they come. */
const connectionsMax = 5_000;
/** As many endpoints are tried for one connection. */
const triesMax = 5;
const connectMsMax = 3_000;
/** How long until a port that another program has is tried again. */
const retryMs = 1_000;

export interface ServiceListenerOptions {
  /** 0: any that is free. */
  readonly port: number;
  readonly clock: Clock;
  readonly findEndpoints: () => readonly Endpoint[];
  /** It listens now, at `port`. */
  readonly onListening: () => void;
  /** Somebody else has the port; said once, tried again until `close`. */
  readonly onTaken: (port: number) => void;
}

export class ServiceListener {
  /** Resolves after the first try, whether it listens then or not. */
  readonly tried: Promise<void>;
  /** `undefined` while it doesn't listen. */
  port: number | undefined;

  readonly #options: ServiceListenerOptions;
  readonly #clients = new Set<Socket>();
  #server: Server | undefined;
  #retry: Timer | undefined;
  #turn = 0;
  #isClosed = false;

  constructor(options: ServiceListenerOptions) {
    this.#options = options;
    this.tried = this.#open(true);
  }

  /** Ends its connections too: what they lead to is no longer this Service's. */
  close(): void {
    this.#isClosed = true;
    this.#retry?.cancel();
    this.#server?.close();
    for (const client of this.#clients) client.destroy();
  }

  async #open(isFirst: boolean): Promise<void> {
    if (this.#isClosed) return;
    const { clock, port: wanted, onListening, onTaken } = this.#options;
    const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true });
    server.maxConnections = connectionsMax;
    server.on('connection', (client) => this.#take(client));
    this.#server = server;
    const isOpen = await listen(server, wanted);
    if (this.#isClosed) {
      server.close();
    } else if (isOpen) {
      this.port = (server.address() as AddressInfo).port;
      onListening();
    } else {
      if (isFirst) onTaken(wanted);
      this.#retry = clock.setTimeout(() => void this.#open(false), retryMs);
    }
  }

  #take(client: Socket): void {
    this.#clients.add(client);
    client.once('close', () => this.#clients.delete(client));
    client.on('error', () => client.destroy());
    const all = this.#options.findEndpoints();
    const first = this.#turn++ % Math.max(1, all.length);
    void handOn(client, [...all.slice(first), ...all.slice(0, first)]);
  }
}

function listen(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ port, host: address, exclusive: true }, () => resolve(true));
  });
}

async function handOn(client: Socket, endpoints: readonly Endpoint[]): Promise<void> {
  for (const endpoint of endpoints.slice(0, triesMax)) {
    const upstream = await dial(endpoint);
    if (client.destroyed) {
      upstream?.destroy();
      return;
    }
    if (upstream === undefined) continue;
    join(client, upstream);
    join(upstream, client);
    return;
  }
  // What a caller of a Service without endpoints gets on a real cluster too.
  client.resetAndDestroy();
}

/** `undefined` when nobody answers there. */
function dial(endpoint: Endpoint): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ ...endpoint, allowHalfOpen: true, noDelay: true });
    const timer = setTimeout(() => socket.destroy(new Error('too slow')), connectMsMax);
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(socket);
    });
    socket.on('error', () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(undefined);
    });
  });
}

/** An end is handed on after what was said before it; a break at once. */
function join(from: Socket, to: Socket): void {
  from.pipe(to);
  from.once('close', () => {
    if (!from.readableEnded) to.destroy();
  });
  from.on('error', () => to.destroy());
}
