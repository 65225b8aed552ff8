// A pod as the activator sees one: two real HTTP ports, and code that comes by POST /specialize.

import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { SpecializeAnswer, SpecializeBundle } from '../../../api/wire.ts';
import type { PoolPodView } from '../../../activator/derive-pool-pod-view.ts';
import type { PodView } from '../../../activator/derive-pod-view.ts';

let podsMade = 0;

export interface FakePodOptions {
  readonly revision?: string;
  readonly handler?: RequestListener;
  /** Has no control port and takes no code. */
  readonly isPlainImage?: boolean;
  /** What the runtime says to the code; default: it loads. */
  readonly load?: (bundle: SpecializeBundle) => LoadResult | Promise<LoadResult>;
}

export interface LoadResult {
  readonly status: number;
  readonly answer: SpecializeAnswer;
}

export class FakePod {
  readonly name: string;
  readonly uid: string;
  readonly revision: string;
  readonly server: Server;
  readonly control: Server;
  bundle: SpecializeBundle | undefined;
  specializeCalls = 0;
  requests = 0;
  inFlight = 0;
  inFlightMax = 0;
  restarts = 0;
  readonly sockets = new Set<Socket>();
  readonly #isPlainImage: boolean;
  #load: NonNullable<FakePodOptions['load']>;
  #ports: { http: number; control: number } | undefined;

  constructor(options: FakePodOptions = {}) {
    podsMade += 1;
    this.revision = options.revision ?? 'hello-00001';
    this.name = `${this.revision}-pod${podsMade}`;
    this.uid = `uid-${podsMade}`;
    this.#isPlainImage = options.isPlainImage === true;
    this.#load = options.load ?? loadsWell;
    const handler = options.handler ?? ((_request, response) => response.end('hello'));
    this.server = createServer((request, response) => {
      this.requests += 1;
      this.inFlight += 1;
      this.inFlightMax = Math.max(this.inFlightMax, this.inFlight);
      response.once('close', () => (this.inFlight -= 1));
      handler(request, response);
    });
    this.server.keepAliveTimeout = 60_000;
    this.control = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const taking = this.#specialize(Buffer.concat(chunks).toString());
        void taking.then(({ status, answer }) => {
          response.writeHead(status, { 'content-type': 'application/json' });
          response.end(JSON.stringify(answer));
        });
      });
    });
    for (const server of [this.server, this.control]) {
      server.on('connection', (socket) => {
        this.sockets.add(socket);
        socket.on('close', () => this.sockets.delete(socket));
      });
    }
  }

  async listen(): Promise<this> {
    const http = await listenOn(this.server);
    this.#ports = { http, control: await listenOn(this.control) };
    return this;
  }

  setLoad(load: NonNullable<FakePodOptions['load']>): void {
    this.#load = load;
  }

  view(change: Partial<PodView> = {}): PodView {
    const ports = this.#ports;
    return {
      namespace: 'default',
      name: this.name,
      uid: this.uid,
      revision: this.revision,
      isLeaving: false,
      isReady: false,
      restarts: this.restarts,
      http: ports && { host: '127.0.0.1', port: ports.http },
      control: this.#isPlainImage ? undefined : ports && { host: '127.0.0.1', port: ports.control },
      obstacle: undefined,
      isScheduled: true,
      gateIndex: undefined,
      isAdopted: false,
      stuck: undefined,
      ...change,
    };
  }

  /** The same as a parked pod of the warm pool. */
  parkedView(change: Partial<PoolPodView> = {}): PoolPodView {
    const { namespace, name, uid, isLeaving, restarts, http, control } = this.view();
    return {
      ...{ namespace, name, uid, runtime: 'node', isLeaving, restarts, http, control },
      isRunning: true,
      isComing: false,
      isReady: true,
      ...change,
    };
  }

  /** As a killed process: every connection is reset, nobody listens. */
  kill(): void {
    this.server.close();
    this.control.close();
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  async #specialize(body: string): Promise<LoadResult> {
    this.specializeCalls += 1;
    const bundle = JSON.parse(body) as SpecializeBundle;
    if (this.bundle !== undefined) {
      const { revision, codeDigest } = this.bundle;
      return { status: 409, answer: { state: 'ready', revision, codeDigest } };
    }
    this.bundle = bundle;
    const result = await this.#load(bundle);
    if (result.status !== 200) this.bundle = undefined;
    return result;
  }
}

export function loadsWell(bundle: SpecializeBundle): LoadResult {
  const { revision, codeDigest } = bundle;
  return { status: 200, answer: { state: 'ready', revision, codeDigest, loadMs: 1 } };
}

function listenOn(server: Server): Promise<number> {
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  );
}
