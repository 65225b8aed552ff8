// Asks every parked pod whose it is: whoever claimed one may have died before it told anybody.

import { buildPodAddress } from '../../api/build-pod-address.ts';
import type { Pod } from '../../api/kubernetes.ts';
import { portNames } from '../../api/names.ts';
import { pods } from '../../api/resources.ts';
import { isKubeError } from '../../platform/kube/kube-error.ts';
import { askReady } from '../../platform/pod/ask-ready.ts';
import { indexes } from '../caches.ts';
import { askTimeoutMs, buildPreconditions, silencesMax } from './adopt-pod.ts';
import { deriveAnsweredClaim } from './derive-answered-claim.ts';
import type { Claim } from './plan-adoption.ts';
import { isAlive, isParked } from './derive-pod-state.ts';
import type { PoolPorts } from './pool-ports.ts';

const asksMax = 16;

export class PodSweeper {
  readonly #ports: PoolPorts;
  readonly #onClaim: (claim: Claim) => void;
  /** By uid, how often in a row a pod that runs did not answer. */
  #silences = new Map<string, number>();

  constructor(ports: PoolPorts, onClaim: (claim: Claim) => void) {
    this.#ports = ports;
    this.#onClaim = onClaim;
  }

  /** Resolves when all have answered, or had the time to. */
  async sweep(signal: AbortSignal): Promise<void> {
    const { caches, book } = this.#ports;
    const parked = caches.pods.byIndex(indexes.parked, indexes.parked);
    const due = parked.filter(
      (pod) =>
        isAlive(pod) &&
        pod.status?.phase === 'Running' &&
        book.find(pod.metadata.uid ?? '') === undefined,
    );
    // Nobody knows what its process held before it ended, and no pod serves two Revisions.
    const restarted = due.filter(hasRestarted);
    for (const pod of restarted)
      await this.#delete(pod, 'a parked pod that started anew is deleted');
    const silent: Pod[] = [];
    const queue = due.filter((pod) => !hasRestarted(pod));
    const asked = queue.length;
    const asking = Array.from({ length: Math.min(asksMax, queue.length) }, async () => {
      for (let pod = queue.pop(); pod !== undefined; pod = queue.pop()) {
        if (signal.aborted) return;
        if (!(await this.#ask(pod))) silent.push(pod);
      }
    });
    await Promise.all(asking);
    if (!signal.aborted) await this.#judge(silent, asked);
  }

  async #ask(pod: Pod): Promise<boolean> {
    const address = buildPodAddress(pod, portNames.control);
    if (address === undefined) return true;
    const answer = await askReady(address, askTimeoutMs);
    if (answer === undefined) return false;
    const { namespace = '', name, uid = '' } = pod.metadata;
    const claim = deriveAnsweredClaim({ namespace, pod: name, uid }, answer);
    if (claim !== undefined) this.#onClaim(claim);
    return true;
  }

  /** What never answers can't be claimed. Where nobody answers at all, it is rather us who can't ask. */
  async #judge(silent: readonly Pod[], asked: number): Promise<void> {
    const counts = silent.map((pod) => {
      const uid = pod.metadata.uid ?? '';
      return { pod, uid, count: (this.#silences.get(uid) ?? 0) + 1 };
    });
    this.#silences = new Map(counts.map(({ uid, count }) => [uid, count]));
    if (silent.length === asked) return;
    for (const { pod, count } of counts) {
      if (count >= silencesMax) {
        await this.#delete(pod, 'a parked pod that answers nobody is deleted');
      }
    }
  }

  /** Decided some time ago: whoever has claimed or adopted it since keeps it. */
  async #delete({ metadata: { namespace, name, uid } }: Pod, what: string): Promise<void> {
    const { caches, book, client, log } = this.#ports;
    const pod = caches.pods.get(namespace, name);
    if (pod === undefined || pod.metadata.uid !== uid || !isParked(pod)) return;
    if (book.find(uid ?? '') !== undefined) return;
    log.warn({ namespace, pod: name }, what);
    await client.delete(pods, pod.metadata, buildPreconditions(pod)).catch((error: unknown) => {
      if (isKubeError(error, 409)) return;
      log.warn({ error, namespace, pod: name }, 'a parked pod could not be deleted, trying again');
    });
  }
}

function hasRestarted(pod: Pod): boolean {
  return (pod.status?.containerStatuses ?? []).some((one) => one.ready && one.restartCount > 0);
}
