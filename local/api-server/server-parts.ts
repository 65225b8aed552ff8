// What every verb works with: the storage, the known collections, the rules for objects, and one request.

import type { Clock } from '../../platform/process/clock.ts';
import type { Log } from '../../platform/process/log.ts';
import type { AnyObject } from './any-object.ts';
import type { ClusterIps } from './cluster-ips.ts';
import type { ObjectRules } from './object-rules.ts';
import type { ResourcePath } from './parse-path.ts';
import type { ResourceInfo } from './resource-info.ts';
import type { ResourceRegistry } from './resource-registry.ts';
import type { Nulls } from './schema/apply-defaults.ts';
import type { Storage, StoredObject } from './storage.ts';

export type Operation = 'CREATE' | 'UPDATE';

/**
 * Looks at an object after defaults and before validation, and may change it in place. Throw a StatusError to refuse.
 * Called synchronously, in the order given, for creates and updates of the main resource.
 */
export type Admit = (object: AnyObject, operation: Operation, info: ResourceInfo) => void;

export interface PodLogOptions {
  container?: string;
  follow?: boolean;
  tailLines?: number;
  sinceSeconds?: number;
  /** RFC 3339. */
  sinceTime?: string;
  timestamps?: boolean;
  previous?: boolean;
  limitBytes?: number;
  /** Aborted when the caller goes away; a followed log ends then. */
  signal?: AbortSignal;
}

/** Supplied by the kubelet; `undefined` when it has no log of that container. */
export type PodLogs = (
  namespace: string,
  pod: string,
  options: PodLogOptions,
) => AsyncIterable<Buffer> | undefined;

export interface ServerParts {
  readonly storage: Storage;
  readonly registry: ResourceRegistry;
  readonly rules: ObjectRules;
  readonly admit: readonly Admit[];
  readonly podLogs: PodLogs | undefined;
  readonly clusterIps: ClusterIps;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends of the watches that are open; called when the server closes. */
  readonly watchEnds: Set<() => void>;
  /** Makes tokens for service accounts; see service-account-token.ts. */
  readonly tokenKey: string;
}

/** One request for a collection that exists. */
export interface Call {
  readonly info: ResourceInfo;
  readonly path: ResourcePath;
  readonly query: URLSearchParams;
  /** Parsed, and owned by the sender: clone before changing. */
  readonly body: unknown;
  readonly contentType: string | undefined;
  readonly user: string;
  readonly userAgent?: string | undefined;
  /** The managedFields of what is written are final: an apply has worked them out already. */
  readonly areOwnersGiven?: boolean;
  /** What becomes of a custom resource's nulls that its schema doesn't allow; default drop. */
  readonly nulls?: Nulls;
  /** What a patch has made, for the refusals that quote it; absent where a whole object was sent. */
  readonly patched?: { readonly isStrategic: boolean; readonly show: () => string };
  /** Fields that the body says twice. */
  readonly duplicates?: readonly string[];
  readonly signal: AbortSignal | undefined;
}

/** The key of a collection in the storage, the same for all of its versions. */
export function storageKey(info: Pick<ResourceInfo, 'group' | 'plural'>): string {
  return `${info.group}/${info.plural}`;
}

/** What a watcher gets; `json` is shared by all watchers of the same change. */
export interface WatchSink {
  event(type: 'ADDED' | 'MODIFIED' | 'DELETED', stored: StoredObject): void;
  /** A version up to which everything was sent; `isInitialEnd` after the events of sendInitialEvents. */
  bookmark(resourceVersion: number, isInitialEnd: boolean): void;
  /** The watch ends with a Status. */
  error(status: unknown): void;
  end(): void;
}

export interface ListAnswer {
  readonly kind: 'list';
  readonly info: ResourceInfo;
  readonly items: readonly StoredObject[];
  readonly metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
}

export interface ObjectAnswer {
  readonly kind: 'object';
  readonly status: number;
  readonly object: unknown;
  /** The object's JSON, if it is known already. */
  readonly json?: string | undefined;
  /** Present for objects of a collection, which may be asked for as a Table. */
  readonly info?: ResourceInfo;
  readonly warnings?: readonly string[];
  /** Default application/json. */
  readonly contentType?: string;
}

export interface WatchAnswer {
  readonly kind: 'watch';
  readonly info: ResourceInfo;
  /** Starts to send; the returned function stops. */
  start(sink: WatchSink): () => void;
}

export interface StreamAnswer {
  readonly kind: 'stream';
  readonly chunks: AsyncIterable<Buffer>;
}

export interface TextAnswer {
  readonly kind: 'text';
  readonly status: number;
  readonly text: string | Uint8Array;
  readonly contentType?: string;
}

export type Answer = ListAnswer | ObjectAnswer | WatchAnswer | StreamAnswer | TextAnswer;

/** An object as an answer, in the version the caller asked for. */
export function answerStored(
  call: Call,
  stored: StoredObject,
  extras: { status?: number; warnings?: readonly string[] } = {},
): ObjectAnswer {
  const { info } = call;
  return {
    kind: 'object',
    status: extras.status ?? 200,
    object: stored.object,
    json: stored.json,
    info,
    ...(extras.warnings === undefined ? {} : { warnings: extras.warnings }),
  };
}
