// The names of the runtime contract, repeated here because a runtime image imports nothing of the platform's.

/** Lower case, as Node presents them. A conformance test checks that they equal api/names.ts. */
export const headers = {
  requestId: 'x-request-id',
  error: 'x-rouse-error',
  deadlineMs: 'x-rouse-deadline-ms',
  signature: 'x-rouse-signature',
  /** On an answer that this process made before user code saw the request: it may be sent to another pod. */
  retrySafe: 'x-rouse-retry-safe',
} as const;

export const env = {
  port: 'PORT',
  controlPort: 'ROUSE_CONTROL_PORT',
  podUid: 'ROUSE_POD_UID',
  controlPublicKey: 'ROUSE_CONTROL_PUBLIC_KEY',
  function: 'ROUSE_FUNCTION',
  namespace: 'ROUSE_NAMESPACE',
  revision: 'ROUSE_REVISION',
  /** Address both ports listen on. Default: all. */
  listenHost: 'ROUSE_LISTEN_HOST',
  /** Folder in which the code is laid down. Default: the system's temporary folder, then /dev/shm. */
  codeDirectory: 'ROUSE_CODE_DIR',
  /** Folder that outlives the process and not the pod. Default: /dev/shm. */
  markDirectory: 'ROUSE_MARK_DIR',
  lameDuckMs: 'ROUSE_LAME_DUCK_MS',
  loadTimeoutMs: 'ROUSE_LOAD_TIMEOUT_MS',
  bodyBytesMax: 'ROUSE_BODY_BYTES_MAX',
  /** `1`: a parked pod makes Request and Response before they are asked for. */
  parkWithFetch: 'ROUSE_PARK_WITH_FETCH',
} as const;

export const httpPortDefault = 8080;
export const controlPortDefault = 8081;

/** Bytes of a specialize bundle. */
export const bundleBytesMax = 4 * 1024 * 1024;
/** How long a signature is good for, in milliseconds. */
export const signatureLifeMs = 30_000;
/** How long a pod still takes new requests after SIGTERM or a drain, in milliseconds. */
export const lameDuckMsDefault = 1000;
/** How long the code may take to load, top-level await included, in milliseconds. */
export const loadTimeoutMsDefault = 10_000;
/** Bytes of a request body that a signature wants whole. Streamed bodies have no bound here. */
export const bodyBytesMaxDefault = 6 * 1024 * 1024;
/** After the timeout the activator answers; where nobody is in front, the runtime does, this much later. */
export const timeoutGraceMs = 1000;
/** Longer than the activator keeps an idle connection, so that this end never closes one in use. */
export const keepAliveTimeoutMs = 75_000;
/** How long work given to `waitUntil` may go on after its answer, in milliseconds. */
export const waitUntilMsMax = 30_000;

export const exitCodes = {
  /** Drained after SIGTERM. */
  drained: 0,
  /** A port is taken, or the environment makes no sense. */
  cannotStart: 1,
  /** The process can no longer be trusted (an assertion inside Node failed). */
  corrupt: 70,
} as const;

/** What a handler looks like. */
export type Signature = 'auto' | 'lambda' | 'http' | 'cloudevent' | 'fetch';
export const signatures: readonly Signature[] = ['auto', 'lambda', 'http', 'cloudevent', 'fetch'];

/** Body of `POST /specialize`. */
export interface SpecializeBundle {
  version: 1;
  namespace: string;
  function: string;
  revision: string;
  handler?: string;
  signature: Signature;
  files: Record<string, string>;
  codeDigest: string;
  /** Only repeated in answers, and compared: a name may come back with another Revision. */
  revisionUid?: string;
  env: Record<string, string>;
  timeoutMs: number;
  concurrencyLimit: number;
}

export interface LoadError {
  type: string;
  message: string;
}

/** Answer to `POST /specialize`, `GET /ready` and `POST /drain`. */
export interface SpecializeAnswer {
  state: 'ready' | 'loading' | 'failed' | 'waiting' | 'draining';
  revision?: string;
  codeDigest?: string;
  revisionUid?: string;
  signature?: Signature;
  loadMs?: number;
  error?: LoadError;
}

/** The text an Ed25519 key signs for a request to a control port. */
export function signedText(request: {
  podUid: string;
  path: string;
  expiresAtMs: number;
  bodySha256Hex: string;
}): string {
  return [
    'rouse-control-v1',
    request.podUid,
    request.path,
    String(request.expiresAtMs),
    request.bodySha256Hex,
  ].join('\n');
}
