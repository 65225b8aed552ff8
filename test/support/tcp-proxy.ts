// A TCP proxy that can be cut: connections refused, or taken and left without an answer, and everything restored.

import { createServer, connect, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** `refuse`: nobody listens. `swallow`: packets get lost, open connections stay open and say nothing. */
export type ProxyMode = 'pass' | 'refuse' | 'swallow';

export class TcpProxy {
  readonly #target: { readonly host: string; readonly port: number };
  readonly #sockets = new Set<Socket>();
  #mode: ProxyMode = 'pass';
  #server: Server | undefined;
  #port = 0;

  constructor(target: { readonly host: string; readonly port: number }) {
    this.#target = target;
  }

  get port(): number {
    return this.#port;
  }

  async start(): Promise<this> {
    await this.#listen();
    return this;
  }

  /** Back to `pass`, what hung before is broken: as after a machine that was away. */
  async set(mode: ProxyMode): Promise<void> {
    const before = this.#mode;
    this.#mode = mode;
    if (mode !== 'swallow') for (const socket of this.#sockets) socket.destroy();
    else for (const socket of this.#sockets) socket.pause();
    if (mode === 'refuse') await this.#close();
    else if (before === 'refuse') await this.#listen();
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await this.#close();
  }

  async #listen(): Promise<void> {
    const server = createServer((socket) => this.#take(socket));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
  }

  async #close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #take(client: Socket): void {
    this.#keep(client);
    if (this.#mode === 'swallow') {
      client.pause();
      return;
    }
    const upstream = connect(this.#target);
    this.#keep(upstream);
    client.on('data', (chunk) => this.#mode === 'pass' && upstream.write(chunk));
    upstream.on('data', (chunk) => this.#mode === 'pass' && client.write(chunk));
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
