// Where everything of the cluster lies: what can be made again, and what belongs to this checkout.

import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

const checkout = realpathSync(resolve(import.meta.dirname, '..'));
const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'rouse', 'kind');

export const folders = {
  /** Sources of what runs in and around the nodes. */
  modules: join(import.meta.dirname, 'modules'),
  nodeImage: join(import.meta.dirname, 'node-image'),
  /** Shared by every checkout: binaries, the base of the node image, and the own Docker. */
  cache,
  binaries: join(cache, 'bin'),
  docker: join(cache, 'docker'),
  /** Scratch of one build: a killed one's may still be written to. */
  work: join(cache, `work-${process.pid}`),
  lock: join(cache, 'lock'),
  /** This checkout's: the kubeconfig and what `up` noted. */
  state: join(checkout, '.cluster'),
  kubeconfig: join(checkout, '.cluster', 'kubeconfig'),
} as const;

/** Two checkouts on one machine have a cluster each. */
export const clusterName = `rouse-${createHash('sha256').update(checkout).digest('hex').slice(0, 6)}`;
