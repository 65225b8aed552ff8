// What a Kubernetes client needs from whoever carries its requests: HTTP to a real server, or a call in-process.

/** One request to the API server. `body` is an object; the transport serializes it if it must. */
export interface KubeRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** For example /apis/apps/v1/namespaces/default/deployments/hello/scale */
  path: string;
  query?: Record<string, string>;
  body?: unknown;
  contentType?: string;
  signal?: AbortSignal;
}

export interface KubeResponse {
  status: number;
  /** Parsed JSON: the object, the list or a Status. Treat it as frozen: an in-process server shares it. */
  body: unknown;
}

/** A raw watch event. `object` is a Status for ERROR. */
export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: unknown;
}

export interface Transport {
  /** Rejects only when no answer came (connection refused, reset, aborted). */
  request(request: KubeRequest): Promise<KubeResponse>;
  /**
   * Follows a collection. Calls `onEvent` in order; resolves when the server ends the watch, rejects when it could
   * not be started or broke. `query` already has watch=true and resourceVersion. `onOpen`, where the transport can
   * tell: the server has accepted it.
   */
  watch(
    request: KubeRequest,
    onEvent: (event: WatchEvent) => void,
    onOpen?: () => void,
  ): Promise<void>;
}
