// Which Revision is proved next: a few at a time, a failed one again after a while.

import { WorkQueue } from '../../platform/kube/work-queue.ts';
import type { Log } from '../../platform/process/log.ts';
import type { Pod } from '../../api/kubernetes.ts';
import type { Revision } from '../../api/revision.ts';
import { isKubeError } from '../../platform/kube/kube-error.ts';
import { deriveRefusal } from '../../platform/kube/derive-refusal.ts';
import { buildProofIdentity, holdsLittle } from './build-proof-pod.ts';
import { decideProof } from './decide-proof.ts';
import { findCondition } from './derive-conditions.ts';
import { deriveRefused, type Verdict } from './derive-verdict.ts';
import { digestOf } from './digest-template.ts';
import { EqualProofs, type EndProof } from './equal-proofs.ts';
import { ProofSlots, type Release } from './proof-slots.ts';
import { deletePod } from './delete-pod.ts';
import { proveRevision, readRevision, recordVerdict, type ProofPorts } from './prove-revision.ts';
import { SpentPods } from './spent-pods.ts';
import { labels } from '../../api/names.ts';

/** Pods that start or load at once: enough to keep two cores busy, few enough to leave room for callers. */
const proofsStartingMax = 8;
/** Together with those that wait for a node or an image, which cost nothing. */
const proofsMax = 64;

interface Turn {
  readonly release: Release;
  readonly end: EndProof;
}

export class ProofQueue {
  readonly #ports: ProofPorts;
  readonly #queue: WorkQueue;
  readonly #log: Log;
  readonly #slots = new ProofSlots(proofsStartingMax);
  readonly #spent: SpentPods;
  readonly #equals: EqualProofs;
  /** Proofs that hold a slot, or wait for one. */
  #slotsAsked = 0;
  /** When a Revision that failed may be tried again, by uid. */
  readonly #notBeforeMs = new Map<string, number>();

  constructor(ports: ProofPorts, log: Log) {
    this.#ports = ports;
    this.#log = log;
    this.#spent = new SpentPods({ client: ports.client, clock: ports.clock, log });
    this.#equals = new EqualProofs(ports.clock);
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
    await this.#spent.deleteAll();
  }

  async #handle(key: string, signal: AbortSignal): Promise<number | null> {
    const { caches } = this.#ports;
    const [namespace, name = ''] = key.split('/');
    const cached = caches.revisions.get(namespace, name);
    if (cached === undefined) return null;
    const wait = this.#decide(cached);
    if (wait !== 0) return wait;
    const identity = buildProofIdentity(cached, this.#ports.settings);
    const turn = identity === undefined ? undefined : this.#equals.turnOf(digestOf(identity));
    if (turn !== undefined && 'others' in turn && (await turn.others)) {
      return await recordVerdict(cached, { status: 'True' }, this.#ports);
    }
    const end = turn !== undefined && 'end' in turn ? turn.end : () => undefined;
    this.#slotsAsked += 1;
    const release = await this.#slots.take();
    try {
      return signal.aborted ? null : await this.#prove(key, { release, end }, signal);
    } finally {
      end(false);
      release();
      this.#slotsAsked -= 1;
      if (this.#slotsAsked === 0) await this.#spent.deleteAll();
    }
  }

  async #prove(key: string, turn: Turn, signal: AbortSignal): Promise<number | null> {
    const { client, clock, observe, settings } = this.#ports;
    // With its files, and past whatever the cache has not seen yet: the verdict may have just been written.
    const revision = await readRevision(key, client);
    if (revision === undefined) return null;
    const waitAfterAll = this.#decide(revision);
    if (waitAfterAll !== 0) return waitAfterAll;
    const { image, runtime } = revision.spec;
    if (image === undefined && settings.runtimeImages[runtime ?? 'node'] === undefined) return null;
    const startedMs = clock.monotonicNow();
    const verdict = await this.#try(revision, turn, signal);
    // The next pod starts while this verdict is written.
    turn.end(verdict.status === 'True');
    turn.release();
    observe(verdict, clock.monotonicNow() - startedMs);
    const againAfterMs = await recordVerdict(revision, verdict, this.#ports);
    const uid = revision.metadata.uid ?? '';
    if (againAfterMs === null) this.#notBeforeMs.delete(uid);
    else this.#notBeforeMs.set(uid, clock.monotonicNow() + againAfterMs);
    return againAfterMs;
  }

  /** A refusal of the API server is a verdict too: a quota that is used up, a right that is missing. */
  async #try(revision: Revision, turn: Turn, signal: AbortSignal): Promise<Verdict> {
    // One write after the other, so that what was said on the way never overwrites the verdict.
    let told: Promise<unknown> = Promise.resolve();
    const onDelay = (verdict: Verdict): void => {
      turn.end(false);
      told = recordVerdict(revision, verdict, this.#ports).catch((error: unknown) =>
        this.#log.warn({ error, revision: revision.metadata.name }, 'its state was not recorded'),
      );
    };
    const onWait = (): void => {
      // What it waits for may be what the others have taken.
      void this.#spent.deleteAll();
      turn.release();
    };
    const onSpent = (pod: Pod): Promise<void> =>
      holdsLittle(revision) ? this.#spent.add(pod) : this.#spent.delete(pod);
    const attempt = (): Promise<Verdict> =>
      proveRevision(revision, this.#ports, { onWait, onDelay, onSpent }, signal);
    try {
      return await attempt().catch(async (error: unknown) => {
        // The pods that are done count in the quota that may have refused this one.
        if (!isKubeError(error, 403) || this.#spent.size === 0) throw error;
        await this.#spent.deleteAll();
        return await attempt();
      });
    } catch (error) {
      const refusal = isKubeError(error) ? deriveRefusal(error) : undefined;
      if (refusal === undefined) throw error;
      return deriveRefused(revision.metadata.name, refusal);
    } finally {
      await told;
    }
  }

  /** 0: now. `null`: never. Else milliseconds. */
  #decide(revision: Revision): number | null {
    const { clock } = this.#ports;
    // Conditions hold dates; what this process itself has waited for is measured.
    const ready = findCondition(revision.status?.conditions, 'Ready');
    const decision = decideProof(ready, clock.now());
    const nowMs = clock.monotonicNow();
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
