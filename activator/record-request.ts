// Last step: writes the answer if it is ours, ends the measurement and counts the request.

import type { Clock } from '../platform/process/clock.ts';
import type { Exchange, Step } from './exchange.ts';
import { respondError } from './respond-error.ts';

export interface RecordPorts {
  readonly clock: Clock;
  readonly countRequest: (exchange: Exchange, durationMs: number) => void;
}

export function recordRequest(ports: RecordPorts): Step {
  return {
    name: 'record',
    run(exchange) {
      const nowMs = ports.clock.now();
      const { failure } = exchange;
      if (exchange.isCounted) {
        exchange.revision?.meter.leave(nowMs, failure === undefined && !exchange.isClientGone);
      }
      if (failure !== undefined) exchange.status = respondError(exchange, failure);
      ports.countRequest(exchange, nowMs - exchange.arrivedAtMs);
    },
  };
}
