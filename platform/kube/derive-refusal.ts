// Why the API server refused a write for good reasons of its own, as a condition's reason and message.

export interface Refusal {
  /** CamelCase: Forbidden, QuotaExceeded, NamespaceTerminating, PodSecurityViolation or Invalid. */
  readonly reason: string;
  /** The server's own words, and what to do where that is known. */
  readonly message: string;
}

/** What is read of a KubeError. */
export interface RefusedRequest {
  readonly status: number;
  readonly message: string;
  readonly body?: { readonly message?: string } | undefined;
}

const rightsHint =
  'give the service account this right; "helm upgrade" puts the chart\'s roles back';

const forbiddenReasons: readonly (readonly [RegExp, string])[] = [
  // Used up, not counted yet, or demanding a request that the pod has not.
  [/(exceeded|status unknown for|failed) quota/i, 'QuotaExceeded'],
  [/because it is being terminated/i, 'NamespaceTerminating'],
  [/violates PodSecurity/i, 'PodSecurityViolation'],
];

/**
 * `undefined` for what may be tried again without anybody being told: conflicts, overload, a server that is away.
 */
export function deriveRefusal(error: RefusedRequest): Refusal | undefined {
  const message = error.body?.message ?? error.message;
  if (error.status === 422 || error.status === 400) {
    return { reason: 'Invalid', message: message.replace(/^\S+ "[^"]*" is invalid: /, '') };
  }
  if (error.status !== 403) return undefined;
  const known = forbiddenReasons.find(([pattern]) => pattern.test(message));
  // Without the name of the object, which is another one each time a pod is tried.
  const why = message.replace(/^.*? is forbidden: /, '');
  if (known !== undefined) return { reason: known[1], message: why };
  return { reason: 'Forbidden', message: `${message}; ${rightsHint}` };
}

/** Whether it was RBAC that said no, and not an admission plug-in that dislikes this very object. */
export function isMissingRight(error: RefusedRequest): boolean {
  return deriveRefusal(error)?.reason === 'Forbidden';
}
