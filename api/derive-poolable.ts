// Whether a parked pod of the warm pool may become a pod of a Function, and why not.

import type { FunctionSpec } from './function.ts';
import type { Resources } from './kubernetes.ts';

/** What a Function and its Revision have in common. */
export type PoolableSpec = Pick<
  FunctionSpec,
  'runtime' | 'image' | 'pool' | 'env' | 'resources' | 'timeoutSeconds' | 'podTemplate'
>;

export type Poolable =
  | { readonly isPoolable: true }
  /** One clause for people: "it ..." or "spec. ...". */
  | { readonly isPoolable: false; readonly reason: string };

/** A parked pod's time to end is fixed when it is made; a Function that may take longer needs a pod of its own. */
export const poolTimeoutSecondsMax = 60;

/** What a resize in place can change. */
const resizable: ReadonlySet<string> = new Set(['cpu', 'memory']);

/**
 * Read by the process (Node, its libraries, the loader) before any code of ours runs: set later they would be ignored
 * without a word. NODE_ENV is only a habit of programs, and is read when they ask.
 */
const readAtStart = /^(NODE_(?!ENV$)|LD_|UV_|SSL_CERT_|OPENSSL_|MALLOC_|LC_|LANG$|LANGUAGE$|TZ$)/;

export function derivePoolable(spec: PoolableSpec): Poolable {
  const reason =
    findSpecReason(spec) ?? findEnvReason(spec.env ?? []) ?? findResourcesReason(spec.resources);
  return reason === undefined ? { isPoolable: true } : { isPoolable: false, reason };
}

function findSpecReason(spec: PoolableSpec): string | undefined {
  if (spec.pool === false) return 'spec.pool is false';
  if (spec.runtime === undefined || spec.image !== undefined) {
    return 'it brings an image of its own';
  }
  const { labels: _labels, annotations: _annotations, ...others } = spec.podTemplate ?? {};
  const field = Object.entries(others).find(([, value]) => value !== undefined)?.[0];
  // Labels and annotations are put on the pod when it is adopted; nothing else of a running pod can change.
  if (field !== undefined) return `spec.podTemplate.${field} can't be given to a running pod`;
  if (spec.timeoutSeconds > poolTimeoutSecondsMax) {
    return `spec.timeoutSeconds is above ${poolTimeoutSecondsMax}`;
  }
  return undefined;
}

function findEnvReason(env: NonNullable<PoolableSpec['env']>): string | undefined {
  for (const { name, value, valueFrom } of env) {
    // The platform would have to read Secrets of everybody in order to hand them on.
    if (valueFrom !== undefined) return `spec.env ${name} takes its value from elsewhere`;
    if (value?.includes('$(') === true) return `spec.env ${name} refers to other variables`;
    if (readAtStart.test(name)) return `spec.env ${name} is read when the process starts`;
  }
  return undefined;
}

function findResourcesReason(resources: Resources | undefined): string | undefined {
  const { limits = {}, requests = {} } = resources ?? {};
  const other = Object.keys({ ...limits, ...requests }).find((name) => !resizable.has(name));
  if (other !== undefined) return `spec.resources names ${other}, which no resize can give`;
  // Kubernetes takes a limit for a request that is left out. A resize can't change the class of a pod.
  const isGuaranteed = [...resizable].every((name) => {
    const limit = limits[name];
    return limit !== undefined && (requests[name] ?? limit) === limit;
  });
  if (isGuaranteed) return 'spec.resources make its pods Guaranteed, which parked pods are not';
  return undefined;
}
