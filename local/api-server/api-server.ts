// Starts the API server: storage, collections, rules, and the TLS listener in front of them.

import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { systemClock } from '../../platform/process/clock.ts';
import type { Clock } from '../../platform/process/clock.ts';
import { silentLog } from '../../platform/process/log.ts';
import type { Log } from '../../platform/process/log.ts';
import { bootstrapObjects } from './bootstrap-objects.ts';
import { ClusterIps } from './cluster-ips.ts';
import { handleRequest } from './handle-request.ts';
import type { ApiRequest } from './api-request.ts';
import { createHttpFront, equalSecret } from './http-front.ts';
import { buildAnyTable, kindRules } from './kind-rules.ts';
import { ResourceRegistry } from './resource-registry.ts';
import type { Admit, Answer, PodLogs, ServerParts } from './server-parts.ts';
import { readAccountToken } from './service-account-token.ts';
import { SqliteStorage } from './sqlite-storage.ts';

export interface ApiServerOptions {
  /** The SQLite file, or `:memory:`. */
  readonly storagePath: string;
  /** Default 127.0.0.1; nothing but a loopback address is allowed. */
  readonly host?: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** What kubectl sends as its bearer token; at least 16 characters. */
  readonly token: string;
  /** PEM texts; see certificates.ts. */
  readonly tls: { readonly cert: string; readonly key: string };
  readonly admit?: readonly Admit[];
  readonly podLogs?: PodLogs;
  readonly log?: Log;
  readonly clock?: Clock;
  /** Changes kept for watches; default historyRowsMax. */
  readonly historyRows?: number;
  /** Deep-freezes what is handed out; default false, for tests. */
  readonly freeze?: boolean;
}

type PartsOptions = Pick<
  ApiServerOptions,
  'storagePath' | 'token' | 'admit' | 'podLogs' | 'historyRows' | 'freeze'
>;

export interface ApiServer {
  /** https://127.0.0.1:PORT */
  readonly url: string;
  readonly address: { readonly host: string; readonly port: number };
  handle(request: ApiRequest): Answer;
  /** Ends every watch and connection, and closes the storage. */
  close(): Promise<void>;
}

const loopback = new Set(['127.0.0.1', '::1', 'localhost']);
const tokenLengthMin = 16;

/** Rejects with code EADDRINUSE when the port is taken. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { host = '127.0.0.1', clock = systemClock, log = silentLog } = options;
  if (!loopback.has(host)) {
    throw new Error(`the API server listens on loopback only: use 127.0.0.1 instead of ${host}`);
  }
  if (options.token.length < tokenLengthMin) {
    throw new Error(`the API server's token must have at least ${tokenLengthMin} characters`);
  }
  const parts = createParts(options, clock, log);
  const handle = (request: ApiRequest): Answer => handleRequest(parts, request);
  const front = createHttpFront({
    handle,
    buildTable: buildAnyTable,
    readUser: (token) =>
      equalSecret(token, options.token) ? 'rouse-admin' : readAccountToken(token, parts),
    clock,
    log,
  });
  const server = createServer({ ...options.tls, keepAliveTimeout: 60_000 }, front);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  });
  try {
    await listen(server, host, options.port);
  } catch (error) {
    parts.storage.close();
    throw error;
  }
  const { port } = server.address() as AddressInfo;
  bootstrapObjects(parts, port);
  let closing: Promise<void> | undefined;
  const shown = host.includes(':') ? `[${host}]` : host;
  return {
    url: `https://${shown}:${port}`,
    address: { host, port },
    handle,
    close: () => (closing ??= close(server, sockets, parts)),
  };
}

/** Everything behind the listener; a server without one is enough for in-process use. */
export function createParts(options: PartsOptions, clock: Clock, log: Log): ServerParts {
  const storage = new SqliteStorage({
    path: options.storagePath,
    ...(options.historyRows === undefined ? {} : { historyRows: options.historyRows }),
    freeze: options.freeze ?? false,
  });
  return {
    storage,
    registry: new ResourceRegistry(storage),
    rules: kindRules,
    admit: options.admit ?? [],
    podLogs: options.podLogs,
    watchEnds: new Set(),
    clusterIps: new ClusterIps(storage),
    clock,
    log,
    tokenKey: options.token,
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function close(server: Server, sockets: Set<Socket>, parts: ServerParts): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      parts.storage.close();
      resolve();
    });
    for (const end of [...parts.watchEnds]) end();
    for (const socket of sockets) socket.destroy();
  });
}
