// The failure contract: every answer the platform makes itself has a code from this table.

export const errorCodes = {
  bad_request: { status: 400, retryable: false },
  function_not_found: { status: 404, retryable: false },
  body_too_large: { status: 413, retryable: false },
  queue_full: { status: 429, retryable: true },
  rate_limited: { status: 429, retryable: true },
  concurrency_limited: { status: 429, retryable: true },
  function_failed_to_load: { status: 502, retryable: false },
  function_crashed: { status: 502, retryable: false },
  no_capacity: { status: 503, retryable: true },
  store_unavailable: { status: 503, retryable: true },
  function_timeout: { status: 504, retryable: false },
  wake_timeout: { status: 504, retryable: true },
} as const satisfies Record<string, { status: number; retryable: boolean }>;

export type ErrorCode = keyof typeof errorCodes;

/** The body of every failure answer. `component` is the part that refused, `message` one sentence. */
export interface ErrorBody {
  readonly error: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly component: 'activator' | 'controller' | 'runtime' | 'events';
    readonly requestId: string;
  };
}

/** An error that carries its code; callers branch on `code`, never on class or text. */
export class RouseError extends Error {
  override readonly name = 'RouseError';
  readonly code: ErrorCode;
  /** Seconds after which a retry makes sense, where that is known. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options?: ErrorOptions & { retryAfterSeconds?: number },
  ) {
    super(message, options);
    this.code = code;
    this.retryAfterSeconds = options?.retryAfterSeconds;
  }
}
