// Carries requests to a real API server over HTTPS with a bearer token or a client certificate.

import { Pool, type Dispatcher } from 'undici';
import { readWatchLines } from './read-watch-lines.ts';
import { KubeError } from './kube-error.ts';
import type { KubeRequest, KubeResponse, Transport, WatchEvent } from './transport.ts';

export interface HttpTransportOptions {
  /** For example https://127.0.0.1:6444 */
  readonly server: string;
  /** PEM. Left out: the system's roots. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Read before every request, so that a rotated token file is picked up. */
  readonly readToken?: (() => string | undefined) | undefined;
  readonly skipTlsVerify?: boolean | undefined;
  /** A watch that says nothing for this long is broken, in milliseconds. Default 330 000. */
  readonly watchSilenceMsMax?: number | undefined;
}

/** Connections for requests; watches have a pool of their own, since each holds its connection. */
const connectionsMax = 16;
const watchConnectionsMax = 64;
/** A request without an answer for this long has failed. */
const answerTimeoutMs = 30_000;
/** Nobody takes the connection: an API server that comes back must not wait for us. */
const connectTimeoutMs = 5_000;
/** The kernel asks after an idle connection this often (and then each second, ten times), so that a watch of a
 * machine that vanished without a word is noticed in half a minute. */
const keepAliveProbeMs = 15_000;
/**
 * Longer than the 300 s after which the server ends a watch (`watchSeconds` in client.ts). For the connection that is
 * alive and says nothing: a proxy that lost its other end.
 */
const watchSilenceMsDefault = 330_000;

export class HttpTransport implements Transport {
  readonly #requests: Pool;
  readonly #watches: Pool;
  readonly #readToken: () => string | undefined;

  constructor(options: HttpTransportOptions) {
    const connect = {
      keepAliveInitialDelay: keepAliveProbeMs,
      timeout: connectTimeoutMs,
      ...(options.ca !== undefined && { ca: options.ca }),
      ...(options.cert !== undefined && { cert: options.cert }),
      ...(options.key !== undefined && { key: options.key }),
      ...(options.skipTlsVerify === true && { rejectUnauthorized: false }),
    };
    this.#requests = new Pool(options.server, {
      connect,
      connections: connectionsMax,
      keepAliveTimeout: 60_000,
      headersTimeout: answerTimeoutMs,
      bodyTimeout: answerTimeoutMs,
    });
    this.#watches = new Pool(options.server, {
      connect,
      connections: watchConnectionsMax,
      headersTimeout: answerTimeoutMs,
      bodyTimeout: options.watchSilenceMsMax ?? watchSilenceMsDefault,
    });
    this.#readToken = options.readToken ?? (() => undefined);
  }

  async request(request: KubeRequest): Promise<KubeResponse> {
    const answer = await this.#requests.request(this.#build(request));
    const text = await answer.body.text();
    return { status: answer.statusCode, body: parseBody(text) };
  }

  async watch(
    request: KubeRequest,
    onEvent: (event: WatchEvent) => void,
    onOpen?: () => void,
  ): Promise<void> {
    const answer = await this.#watches.request(this.#build(request));
    if (answer.statusCode !== 200) {
      const body = parseBody(await answer.body.text());
      throw new KubeError(answer.statusCode, body, `watch ${request.path}`);
    }
    onOpen?.();
    await readWatchLines(answer.body, onEvent);
  }

  async close(): Promise<void> {
    await Promise.all([this.#requests.destroy(), this.#watches.destroy()]);
  }

  #build(request: KubeRequest): Dispatcher.RequestOptions {
    const query = new URLSearchParams(request.query).toString();
    const token = this.#readToken();
    return {
      method: request.method,
      path: query === '' ? request.path : `${request.path}?${query}`,
      headers: {
        accept: 'application/json',
        'user-agent': 'rouse',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(request.body !== undefined && {
          'content-type': request.contentType ?? 'application/json',
        }),
      },
      body: request.body === undefined ? null : JSON.stringify(request.body),
      signal: request.signal ?? null,
    };
  }
}

function parseBody(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text; // A proxy's page; KubeError then shows only the status.
  }
}
