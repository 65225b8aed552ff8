// Which Events are too old, or too many, to be kept.

import type { KubeEvent } from '../../api/kubernetes.ts';

/** As a real cluster keeps them: one hour. */
export const eventLifeMs = 60 * 60 * 1000;
/** Events kept over the whole cluster; the oldest go first. */
export const eventsMax = 5_000;

export interface ExpiredEvents {
  readonly expired: readonly KubeEvent[];
  /** Milliseconds until the next one is due; `null` when there are none. */
  readonly nextMs: number | null;
}

export function pickExpiredEvents(events: readonly KubeEvent[], nowMs: number): ExpiredEvents {
  const ordered = events
    .map((event) => ({ event, atMs: lastSeenMs(event) }))
    .sort((a, b) => a.atMs - b.atMs);
  const surplus = Math.max(0, ordered.length - eventsMax);
  const due = ordered.filter(({ atMs }, index) => index < surplus || atMs + eventLifeMs <= nowMs);
  const next = ordered[due.length];
  return {
    expired: due.map((one) => one.event),
    nextMs: next === undefined ? null : next.atMs + eventLifeMs - nowMs,
  };
}

function lastSeenMs({ lastTimestamp, eventTime, metadata }: KubeEvent): number {
  const text = lastTimestamp ?? eventTime ?? metadata.creationTimestamp;
  const atMs = text === undefined ? NaN : Date.parse(text);
  return Number.isNaN(atMs) ? 0 : atMs;
}
