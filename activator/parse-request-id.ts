// Decides whether a caller's own X-Request-Id may be used in logs, headers and messages.

const valid = /^[\w.:/+=@-]{1,128}$/;

/** The caller's id, or `undefined` when there is none that is safe to repeat. */
export function parseRequestId(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && valid.test(header) ? header : undefined;
}
