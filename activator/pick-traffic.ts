// Picks the Revision a request goes to, by the Function's traffic percentages.

import type { TrafficTarget } from '../api/function.ts';

/**
 * `random` is at least 0 and below 1. `undefined` when no target has a positive share. Shares that
 * don't add up to 100 count in proportion.
 */
export function pickTraffic(targets: readonly TrafficTarget[], random: number): string | undefined {
  if (targets.length === 1)
    return (targets[0]?.percent ?? 0) > 0 ? targets[0]?.revision : undefined;
  let total = 0;
  for (const target of targets) total += target.percent;
  let left = random * total;
  let last: string | undefined;
  for (const target of targets) {
    if (target.percent <= 0) continue;
    last = target.revision;
    left -= target.percent;
    if (left < 0) return last;
  }
  return last;
}
