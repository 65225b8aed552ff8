// What becomes of a request that no user code has seen: another pod, or the same one a little later.

import { RouseError } from '../api/errors.ts';
import type { Clock } from '../platform/process/clock.ts';
import type { Endpoint } from './endpoint.ts';
import type { Exchange } from './exchange.ts';
import type { RevisionState } from './revision-state.ts';

export interface ForwardPorts {
  readonly clock: Clock;
  readonly bodyBytesMax: number;
  /** Nobody answered at this endpoint. */
  readonly suspect: (state: RevisionState, endpoint: Endpoint) => void;
  /** The process is shutting down: connections are not kept. */
  readonly isDraining: () => boolean;
}

/** Pods a request is tried on as long as none could be reached. */
export const attemptsMax = 10;
/**
 * A pod that another activator keeps full is asked again after this, then twice this, and so on up
 * to the maximum.
 */
const fullAgainFirstMs = 5;
const fullAgainMaxMs = 250;

/** Gives the slot back and, if nobody has seen the request, tries another pod. */
export function retryElsewhere(exchange: Exchange, ports: ForwardPorts): void {
  const { endpoint } = exchange;
  const state = exchange.revision as RevisionState;
  exchange.trace?.endAttempt('pod_unavailable');
  exchange.endpoint = undefined;
  if (endpoint !== undefined) {
    if (!endpoint.isClosed) ports.suspect(state, endpoint);
    state.releaseSlot(endpoint);
  }
  if (exchange.attempts < attemptsMax && ports.clock.now() < exchange.deadlineAtMs) {
    return exchange.goTo('admit');
  }
  const message = `no pod of revision "${state.namespace}/${state.name}" could be reached`;
  exchange.fail(new RouseError('no_capacity', message, { retryAfterSeconds: 1 }));
}

/**
 * The pod refused it before user code saw it, for being full: another one, or the same a little
 * later.
 */
export function retryLater(exchange: Exchange, ports: ForwardPorts): void {
  const delayMs = Math.min(fullAgainMaxMs, fullAgainFirstMs * 2 ** (exchange.attempts - 1));
  exchange.trace?.endAttempt('pod_full');
  exchange.endpoint = undefined;
  const timer = ports.clock.setTimeout(() => exchange.goTo('admit'), delayMs);
  exchange.onClientGone = () => {
    timer.cancel();
    exchange.finish(499);
  };
}
