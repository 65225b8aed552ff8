// What a caller of the Kubernetes API gets when the answer was not a success.

import type { KubeStatus } from '../../api/kubernetes.ts';

/** Branch on `status` (HTTP) or `reason` (Kubernetes' word, for example Conflict, NotFound, AlreadyExists). */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly status: number;
  readonly reason: string;
  readonly body: KubeStatus | undefined;

  constructor(status: number, body: unknown, context: string) {
    const answer = parseStatus(body);
    super(`${context}: ${answer?.message ?? `HTTP ${status}`}`);
    this.status = status;
    this.reason = answer?.reason ?? '';
    this.body = answer;
  }
}

export function isKubeError(error: unknown, status?: number): error is KubeError {
  return error instanceof KubeError && (status === undefined || error.status === status);
}

function parseStatus(body: unknown): KubeStatus | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  return (body as KubeStatus).kind === 'Status' ? (body as KubeStatus) : undefined;
}
