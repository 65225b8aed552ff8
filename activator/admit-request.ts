// Second step: a free slot on a pod, room in the Revision's queue, or a refusal.

import { RouseError } from '../api/errors.ts';
import type { Clock } from '../platform/process/clock.ts';
import { buildRetryAfter } from './build-retry-after.ts';
import type { Exchange, Step } from './exchange.ts';
import { heldBytes } from './held-bytes.ts';
import type { RevisionState } from './revision-state.ts';

export interface AdmitPorts {
  readonly clock: Clock;
  /** Longest request body in bytes; 0 for no limit. */
  readonly bodyBytesMax: number;
  /** A request came to a Revision that had nothing going on. */
  readonly onFirstRequest: (state: RevisionState) => void;
}

export function admitRequest(ports: AdmitPorts): Step {
  return {
    name: 'admit',
    run(exchange) {
      const state = exchange.revision as RevisionState;
      const refusal = refuse(exchange, state, ports);
      if (refusal !== undefined) return exchange.fail(refusal);
      if (!exchange.isCounted) {
        exchange.isCounted = true;
        state.meter.enter(ports.clock.now());
        if (state.meter.current === 1) ports.onFirstRequest(state);
      }
      exchange.proceed();
    },
  };
}

function refuse(
  exchange: Exchange,
  state: RevisionState,
  ports: AdmitPorts,
): RouseError | undefined {
  // One that comes back because its pod couldn't be reached was admitted before.
  if (exchange.isCounted) return takeSlot(exchange, state);
  const { bodyBytesMax } = ports;
  if (bodyBytesMax > 0 && Number(exchange.request.headers['content-length'] ?? 0) > bodyBytesMax) {
    return bodyTooLarge(bodyBytesMax);
  }
  takeSlot(exchange, state);
  if (exchange.endpoint !== undefined) return undefined;
  if (state.queue.hasRoomFor(heldBytes(exchange.request))) return undefined;
  const waiting = state.queue.length;
  const retryAfterSeconds = buildRetryAfter(
    waiting,
    state.meter.servedPerSecond(ports.clock.now()),
  );
  return new RouseError(
    'queue_full',
    `the queue of revision "${state.namespace}/${state.name}" is full (${waiting} waiting); ` +
      `send more slowly, or raise the Function's concurrency.limit or scaling.maxReplicas`,
    { retryAfterSeconds },
  );
}

function takeSlot(exchange: Exchange, state: RevisionState): undefined {
  exchange.endpoint = state.takeSlot();
}

export function bodyTooLarge(bodyBytesMax: number): RouseError {
  return new RouseError(
    'body_too_large',
    `the request body is longer than the ${bodyBytesMax} bytes this platform accepts`,
  );
}
