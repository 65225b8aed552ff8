// Third step: a request without a slot waits in the queue for one; if no pod serves, one is woken.

import { RouseError } from '../api/errors.ts';
import type { Clock } from '../platform/process/clock.ts';
import { buildRetryAfter } from './build-retry-after.ts';
import type { ColdStart } from './cold-start.ts';
import type { Endpoint } from './endpoint.ts';
import type { Exchange, Step } from './exchange.ts';
import { heldBytes } from './held-bytes.ts';
import type { Waiter } from './request-queue.ts';
import type { RevisionState } from './revision-state.ts';

export interface WakePorts {
  readonly clock: Clock;
  readonly coldStart: ColdStart;
  readonly wakeTimeoutMs: number;
}

export function wakeRevision(ports: WakePorts): Step {
  return {
    name: 'wake',
    run(exchange) {
      if (exchange.endpoint !== undefined) {
        exchange.grantedAtMs = ports.clock.now();
        return exchange.proceed();
      }
      const state = exchange.revision as RevisionState;
      const waiter = buildWaiter(exchange, state, ports);
      exchange.onClientGone = () => {
        state.queue.remove(waiter);
        ports.coldStart.onWaiterGone(state);
        exchange.finish(499);
      };
      if (exchange.attempts > 0) state.queue.pushFirst(waiter);
      else state.queue.push(waiter);
      // A slot may be free that the head of the queue was not given yet.
      if (state.endpoints.length > 0) state.handOut();
      else ports.coldStart.evaluate(state);
    },
  };
}

function buildWaiter(exchange: Exchange, state: RevisionState, ports: WakePorts): Waiter<Endpoint> {
  return {
    bytes: heldBytes(exchange.request),
    enteredAtMs: exchange.arrivedAtMs,
    deadlineAtMs: exchange.deadlineAtMs,
    onGrant: (endpoint) => {
      exchange.endpoint = endpoint;
      exchange.grantedAtMs = ports.clock.now();
      exchange.wake = state.lastWake;
      exchange.proceed();
    },
    onExpire: () => exchange.fail(buildExpiry(state, ports)),
    onRefuse: (error) => exchange.fail(error as RouseError),
  };
}

function buildExpiry(state: RevisionState, ports: WakePorts): RouseError {
  if (state.endpoints.length === 0) {
    return ports.coldStart.buildTimeout(state, ports.wakeTimeoutMs);
  }
  const nowMs = ports.clock.now();
  return new RouseError(
    'no_capacity',
    `all ${state.endpoints.length} pods of revision "${state.namespace}/${state.name}" stayed busy for ` +
      `${ports.wakeTimeoutMs} ms; raise scaling.maxReplicas or concurrency.limit`,
    { retryAfterSeconds: buildRetryAfter(state.queue.length, state.meter.servedPerSecond(nowMs)) },
  );
}
