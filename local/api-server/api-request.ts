// A request as the server handles it, whether it came over HTTP or from the same process.

export interface ApiRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Parsed; undefined when there is none. It is never changed. */
  readonly body: unknown;
  /** Fields that the body says twice; looked for where it is JSON that came over HTTP. */
  readonly duplicates?: readonly string[];
  readonly contentType: string | undefined;
  /** What the caller wants back; some documents exist in two forms. */
  readonly accept: string;
  readonly user: string;
  /** Of HTTP; its first word is the owner of what is written where the caller doesn't name one. */
  readonly userAgent?: string | undefined;
  readonly signal: AbortSignal | undefined;
}
