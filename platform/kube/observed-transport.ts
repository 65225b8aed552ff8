// Watches every call to the API server for what no retry mends: missing rights, missing kinds, nobody there.

import type { KubeStatus } from '../../api/kubernetes.ts';
import type { Log } from '../process/log.ts';
import {
  deriveApiProblem,
  deriveCallName,
  deriveUnreachable,
  type ApiCallName,
  type ApiProblem,
} from './derive-api-problem.ts';
import { isKubeError } from './kube-error.ts';
import type { KubeRequest, KubeResponse, Transport, WatchEvent } from './transport.ts';

/** Problems kept: there are far fewer pairs of verb and resource than this, but namespaces may be many. */
const problemsMax = 200;
const unreachableKey = 'unreachable';

/** Each problem is logged when it begins and when it ends, however often it is met in between. */
export class ObservedTransport implements Transport {
  readonly #inner: Transport;
  readonly #log: Log;
  readonly #problems = new Map<string, ApiProblem>();

  constructor(inner: Transport, log: Log) {
    this.#inner = inner;
    this.#log = log;
  }

  /** Those that stand now, the oldest first. */
  get problems(): readonly ApiProblem[] {
    return [...this.#problems.values()];
  }

  /** The sentence for a caller or a readiness probe; `undefined` while all is well. */
  get problemText(): string | undefined {
    return this.#problems.size === 0
      ? undefined
      : this.problems.map((one) => one.message).join('\n');
  }

  get isUnreachable(): boolean {
    return this.#problems.has(unreachableKey);
  }

  async request(request: KubeRequest): Promise<KubeResponse> {
    const name = deriveCallName({ ...request, isWatch: false });
    try {
      const answer = await this.#inner.request(request);
      const message = (answer.body as KubeStatus | undefined)?.message ?? '';
      this.#judge(name, { status: answer.status, message });
      return answer;
    } catch (error) {
      this.#missed(request, error);
      throw error;
    }
  }

  async watch(
    request: KubeRequest,
    onEvent: (event: WatchEvent) => void,
    onOpen?: () => void,
  ): Promise<void> {
    const name = deriveCallName({ ...request, isWatch: true });
    const open = (): void => {
      this.#judge(name, { status: 200, message: '' });
      onOpen?.();
    };
    try {
      await this.#inner.watch(request, onEvent, open);
    } catch (error) {
      if (isKubeError(error)) {
        const message = error.body?.message ?? error.message;
        this.#judge(name, { status: error.status, message });
      } else this.#missed(request, error);
      throw error;
    }
  }

  #judge(
    name: ApiCallName | undefined,
    answer: { readonly status: number; readonly message: string },
  ): void {
    this.#end(unreachableKey);
    if (name === undefined) return;
    const problem = deriveApiProblem(name, answer);
    if (problem !== undefined) this.#begin(name.key, problem);
    // A server in trouble says nothing of rights.
    else if (answer.status < 500 && answer.status !== 429) this.#end(name.key);
  }

  #missed(request: KubeRequest, error: unknown): void {
    const why: unknown = request.signal?.aborted === true ? request.signal.reason : undefined;
    // Somebody lost interest; a deadline that passed is another matter.
    if (why !== undefined && (why as Error).name !== 'TimeoutError') return;
    this.#begin(unreachableKey, deriveUnreachable(reasonOf(error)));
  }

  #begin(key: string, problem: ApiProblem): void {
    if (this.#problems.has(key) || this.#problems.size >= problemsMax) return;
    this.#problems.set(key, problem);
    const { kind, verb, resource } = problem;
    this.#log.error({ kind, verb, resource }, problem.message);
  }

  #end(key: string): void {
    const problem = this.#problems.get(key);
    if (problem === undefined) return;
    this.#problems.delete(key);
    const { kind, verb, resource } = problem;
    this.#log.info({ kind, verb, resource }, 'the problem with the Kubernetes API is over');
  }
}

/** An AggregateError of several addresses has no text of its own. */
function reasonOf(error: unknown): string {
  const { message, code, errors } = error as Error & { code?: string; errors?: Error[] };
  return message || (errors?.[0]?.message ?? code ?? String(error));
}
