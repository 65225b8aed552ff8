// What is asked of pods all over the warm pool.

import type { Pod } from '../../api/kubernetes.ts';
import { labels } from '../../api/names.ts';

export function isAlive({ metadata, status }: Pod): boolean {
  const hasEnded = status?.phase === 'Failed' || status?.phase === 'Succeeded';
  return metadata.deletionTimestamp === undefined && !hasEnded;
}

/** It lives and no Revision has adopted it: what would be deleted of a pool. */
export function isParked(pod: Pod): boolean {
  return isAlive(pod) && pod.metadata.labels?.[labels.revision] === undefined;
}

export function isReady({ status }: Pod): boolean {
  return status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') === true;
}
