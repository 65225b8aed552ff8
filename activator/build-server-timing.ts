// Writes the phases of a request as a Server-Timing header, which browsers draw in their network panel.

import { wakePhases, type Phases } from './derive-phases.ts';

/**
 * `queue` and `handler` always, the phases of a cold start only where there was one. Tenths of a
 * millisecond.
 */
export function buildServerTiming(phases: Phases): string {
  let text = `queue;dur=${phases.queue.toFixed(1)}`;
  for (const phase of wakePhases) {
    if (phases[phase] > 0) text += `, ${phase};dur=${phases[phase].toFixed(1)}`;
  }
  return `${text}, handler;dur=${phases.handler.toFixed(1)}`;
}
