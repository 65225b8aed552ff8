// What a conformance case is: a small script of requests in a namespace of its own, run alike against two servers.

import type { WatchEvent } from './read-watch.ts';

/** What a server answered to one request, or what one kubectl printed. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** Parsed where it is JSON; text otherwise. */
  readonly body: unknown;
}

/** A reply with the request that it belongs to, as it is compared and recorded. */
export interface Exchange extends Reply {
  readonly request: string;
}

export interface RequestOptions {
  /** Sent as JSON, unless it is a string or bytes: those go as they are. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Stands for the request in reports, where its path changes from run to run. */
  readonly label?: string;
}

export interface WatchOptions {
  /** The watch is read until so many events have come, or until it ends. */
  readonly events: number;
  readonly accept?: string;
  /** Events of these types are left out: bookmarks come when they come. */
  readonly without?: readonly string[];
}

/** What a case's script can do. Everything but `until`, `peek` and `quietly` is recorded and compared. */
export interface CaseApi {
  /** The case's own namespace; deleted after it. */
  readonly ns: string;
  /** `/api/v1/namespaces/NS` and `/apis/apps/v1/namespaces/NS`. */
  readonly core: string;
  readonly apps: string;
  get(path: string, options?: RequestOptions): Promise<Reply>;
  post(path: string, body: unknown, options?: RequestOptions): Promise<Reply>;
  put(path: string, body: unknown, options?: RequestOptions): Promise<Reply>;
  /** `type` is json, merge, strategic, or a whole media type. */
  patch(path: string, type: string, body: unknown): Promise<Reply>;
  delete(path: string, body?: unknown): Promise<Reply>;
  request(method: string, path: string, options?: RequestOptions): Promise<Reply>;
  kubectl(args: string, input?: string): Promise<Reply>;
  /** Starts a watch, runs `during` once it is open, and compares the events. */
  watch(
    path: string,
    options: WatchOptions,
    during?: () => Promise<unknown>,
  ): Promise<WatchEvent[]>;
  /** Asks again and again until the reply is as wanted; not compared. */
  until(path: string, isDone: (reply: Reply) => unknown, deadlineMs?: number): Promise<Reply>;
  /** A request that is not compared: to prepare, or to learn a value. */
  quietly(method: string, path: string, options?: RequestOptions): Promise<Reply>;
}

export interface ConformanceCase {
  readonly name: string;
  readonly run: (api: CaseApi) => Promise<void>;
  /** False where controllers write in between: then versions are compared by their presence only. */
  readonly isOrdered?: boolean;
  /** Top fields of answered objects that are left out: a status may or may not be there yet. */
  readonly without?: readonly string[];
}

/** The cases of one test file. */
export interface ConformanceArea {
  readonly name: string;
  readonly cases: readonly ConformanceCase[];
  /** The minor version of kubectl that its cases run; absent where none does. */
  readonly kubectl?: string;
}

/** `isOrdered: false` for cases in which controllers write too. */
export function conformanceCase(
  name: string,
  run: ConformanceCase['run'],
  options: Pick<ConformanceCase, 'isOrdered' | 'without'> = {},
): ConformanceCase {
  return { name, run, ...options };
}

export interface KubeShape {
  apiVersion?: string;
  kind?: string;
  metadata: { name: string; resourceVersion: string; uid: string; [key: string]: unknown };
  [key: string]: unknown;
}

/** The reply's body as an object of Kubernetes; fails where it is none. */
export function objectIn(reply: Reply): KubeShape {
  const body = reply.body as KubeShape | undefined;
  if (typeof body === 'object' && body !== null && 'metadata' in body) return body;
  throw new Error(`no object in the reply: ${JSON.stringify(reply).slice(0, 400)}`);
}
