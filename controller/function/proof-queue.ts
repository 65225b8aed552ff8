// Which Revision is proved next: a few at a time, a failed one again after a while.

import { WorkQueue } from '../../platform/kube/work-queue.ts';
import type { Log } from '../../platform/process/log.ts';
import type { Revision } from '../../api/revision.ts';
import { decideProof } from './decide-proof.ts';
import { findCondition } from './derive-conditions.ts';
import {
  deletePod,
  proveRevision,
  readRevision,
  recordVerdict,
  type ProofPorts,
} from './prove-revision.ts';
import { labels } from '../../api/names.ts';

/** Pods that prove at once: enough to keep two cores busy, few enough to leave room for callers. */
export const proofsMax = 4;

export class ProofQueue {
  readonly #ports: ProofPorts;
  readonly #queue: WorkQueue;
  readonly #log: Log;
  /** When a Revision that failed may be tried again, by uid. */
  readonly #notBeforeMs = new Map<string, number>();

  constructor(ports: ProofPorts, log: Log) {
    this.#ports = ports;
    this.#log = log;
    this.#queue = new WorkQueue({ name: 'proof', log, concurrency: proofsMax, clock: ports.clock });
    ports.caches.revisions.onChange(({ type, object }) => {
      if (type === 'deleted') this.#notBeforeMs.delete(object.metadata.uid ?? '');
    });
  }

  get size(): number {
    return this.#queue.size;
  }

  /** `key` is `namespace/name` of a Revision. Costs nothing when it is proved already, or not due yet. */
  add(key: string): void {
    this.#queue.add(key);
  }

  /** Proves until the signal aborts. Only the leader may: it starts by deleting all proof pods there are. */
  async run(signal: AbortSignal): Promise<void> {
    await dropAllProofPods(this.#ports, this.#log);
    await this.#queue.run((key, stop) => this.#handle(key, stop), signal);
  }

  async #handle(key: string, signal: AbortSignal): Promise<number | null> {
    const { caches, client, clock, observe, settings } = this.#ports;
    const [namespace, name = ''] = key.split('/');
    const cached = caches.revisions.get(namespace, name);
    if (cached === undefined) return null;
    const wait = this.#decide(cached);
    if (wait !== 0) return wait;
    // With its files, and past whatever the cache has not seen yet: the verdict may have just been written.
    const revision = await readRevision(key, client);
    if (revision === undefined) return null;
    const waitAfterAll = this.#decide(revision);
    if (waitAfterAll !== 0) return waitAfterAll;
    const { image, runtime } = revision.spec;
    if (image === undefined && settings.runtimeImages[runtime ?? 'node'] === undefined) return null;
    const startedMs = clock.now();
    const verdict = await proveRevision(revision, this.#ports, signal);
    observe(verdict, clock.now() - startedMs);
    const againAfterMs = await recordVerdict(revision, verdict, this.#ports);
    const uid = revision.metadata.uid ?? '';
    if (againAfterMs === null) this.#notBeforeMs.delete(uid);
    else this.#notBeforeMs.set(uid, clock.now() + againAfterMs);
    return againAfterMs;
  }

  /** 0: now. `null`: never. Else milliseconds. */
  #decide(revision: Revision): number | null {
    const nowMs = this.#ports.clock.now();
    const decision = decideProof(findCondition(revision.status?.conditions, 'Ready'), nowMs);
    if ('prove' in decision) return decision.prove === 'now' ? 0 : null;
    const uid = revision.metadata.uid ?? '';
    const dueMs = this.#notBeforeMs.get(uid) ?? nowMs + decision.afterMs;
    this.#notBeforeMs.set(uid, dueMs);
    return Math.max(0, dueMs - nowMs);
  }
}

/** Best effort: a proof drops its own Revision's once more, and one pod too many must not stop the leader. */
async function dropAllProofPods(
  { client, caches }: Pick<ProofPorts, 'client' | 'caches'>,
  log: Log,
): Promise<void> {
  const left = caches.pods
    .list()
    .filter((pod) => pod.metadata.labels?.[labels.proof] !== undefined);
  for (const pod of left) {
    await deletePod(pod, client).catch((error: unknown) =>
      log.warn({ error, pod: pod.metadata.name }, 'a proof pod was left behind'),
    );
  }
}
