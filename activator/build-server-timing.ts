// Writes the phases of a request as a Server-Timing header, which browsers draw in their network panel.

import type { Phases } from './derive-phases.ts';

/**
 * `queue` and `handler` always, the phases of a cold start only where there was one. Tenths of a
 * millisecond.
 */
export function buildServerTiming(phases: Phases): string {
  let text = `queue;dur=${phases.queue.toFixed(1)}`;
  if (phases.claim > 0) text += `, claim;dur=${phases.claim.toFixed(1)}`;
  if (phases.start > 0) text += `, start;dur=${phases.start.toFixed(1)}`;
  if (phases.load > 0) text += `, load;dur=${phases.load.toFixed(1)}`;
  return `${text}, handler;dur=${phases.handler.toFixed(1)}`;
}
