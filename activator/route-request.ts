// First step: finds the Function a request is for, and the Revision that takes it.

import { capacityReasons } from '../api/derive-pod-obstacle.ts';
import { RouseError } from '../api/errors.ts';
import type { Cluster, FunctionView } from './cluster.ts';
import type { Exchange, Step } from './exchange.ts';
import type { FunctionHolds } from './function-holds.ts';
import { heldBytes } from './held-bytes.ts';
import { parseFunctionPath } from './parse-function-path.ts';
import { parseHost, type FunctionName } from './parse-host.ts';
import { pickTraffic } from './pick-traffic.ts';
import type { Waiter } from './request-queue.ts';
import type { RevisionTable } from './revision-table.ts';

/** How soon the controller tries again what had no room. */
const unprovedRetryAfterSeconds = 5;

export interface RoutePorts {
  readonly cluster: Pick<Cluster, 'findFunction' | 'findLimits'>;
  readonly revisions: RevisionTable;
  readonly holds: FunctionHolds;
  readonly domain: string;
  /** At least 0 and below 1. */
  readonly random: () => number;
  readonly wakeTimeoutMs: number;
}

interface Found extends FunctionName {
  readonly view: FunctionView;
  readonly prefix: string | undefined;
  readonly path: string;
}

export function routeRequest(ports: RoutePorts): Step {
  return {
    name: 'route',
    run(exchange) {
      const found = findFunction(exchange, ports);
      if (found instanceof RouseError) return exchange.fail(found);
      exchange.namespace = found.namespace;
      exchange.functionName = found.name;
      const { view } = found;
      const revision = pickTraffic(view.traffic, ports.random());
      if (revision === undefined && hasFailed(view)) {
        return exchange.fail(buildFailure(view));
      }
      const limits =
        revision === undefined ? undefined : ports.cluster.findLimits(found.namespace, revision);
      if (revision === undefined || limits === undefined) return hold(exchange, found, ports);
      exchange.prefix = found.prefix;
      exchange.path = found.path;
      exchange.revision = ports.revisions.getOrMake(found.namespace, revision, limits);
      exchange.proceed();
    },
  };
}

/** A Host that names a Function wins; then a path may, on any host. */
function findFunction(exchange: Exchange, ports: RoutePorts): Found | RouseError {
  const { cluster } = ports;
  const byHost = parseHost(exchange.host, ports.domain);
  if (byHost !== undefined) {
    const view = cluster.findFunction(byHost.namespace, byHost.name);
    if (view !== undefined) return { ...byHost, view, prefix: undefined, path: exchange.path };
  }
  const byPath = parseFunctionPath(exchange.path);
  if (byPath !== undefined) {
    const { namespace, name, prefix, rest } = byPath;
    const view = cluster.findFunction(namespace, name);
    if (view !== undefined) return { namespace, name, view, prefix, path: rest };
  }
  return notFound(exchange.host, byPath ?? byHost);
}

function notFound(host: string, sought: FunctionName | undefined): RouseError {
  if (sought === undefined) {
    return new RouseError(
      'function_not_found',
      `host ${JSON.stringify(host.slice(0, 200))} names no Function: call NAME.NAMESPACE.DOMAIN or ` +
        '/function/NAMESPACE/NAME; "kubectl get functions --all-namespaces" lists them',
    );
  }
  const { namespace, name } = sought;
  return new RouseError(
    'function_not_found',
    `there is no Function "${name}" in namespace "${namespace}"; ` +
      `"kubectl get functions --namespace ${namespace}" lists those there are`,
  );
}

/** What lies outside of the Function may pass without a change of it, so its callers may come again. */
function buildFailure(view: FunctionView): RouseError {
  const { reason = '', message = 'its code could not be loaded' } = view.revisionReady ?? {};
  if (!capacityReasons.has(reason)) return new RouseError('function_failed_to_load', message);
  return new RouseError('no_capacity', `${reason}: ${message}`, {
    retryAfterSeconds: unprovedRetryAfterSeconds,
  });
}

/**
 * The newest spec was looked at and its code doesn't load; an older verdict may be about code that
 * is mended by now.
 */
function hasFailed(view: FunctionView): boolean {
  return view.isObserved && view.revisionReady?.status === 'False';
}

/**
 * Not routable yet: its code is still being proved. Any change of the Function has another look.
 */
function hold(exchange: Exchange, found: Found, ports: RoutePorts): void {
  const key = `${found.namespace}/${found.name}`;
  const waiter: Waiter<undefined> = {
    bytes: heldBytes(exchange.request),
    enteredAtMs: exchange.arrivedAtMs,
    deadlineAtMs: exchange.deadlineAtMs,
    onGrant: () => exchange.goTo('route'),
    onExpire: () => {
      ports.holds.leave(key, waiter);
      const now = ports.cluster.findFunction(found.namespace, found.name);
      const why = now?.revisionReady?.message ?? 'its code is still being proved';
      exchange.fail(
        new RouseError(
          'wake_timeout',
          `Function "${key}" was not ready within ${ports.wakeTimeoutMs} ms: ${why}`,
          { retryAfterSeconds: 1 },
        ),
      );
    },
    onRefuse: (error) => exchange.fail(error as RouseError),
  };
  if (!ports.holds.hold(key, waiter)) {
    const message = `too many requests wait for Function "${key}" to become ready`;
    return exchange.fail(new RouseError('queue_full', message, { retryAfterSeconds: 1 }));
  }
  exchange.onClientGone = () => {
    ports.holds.leave(key, waiter);
    exchange.finish(499);
  };
}
