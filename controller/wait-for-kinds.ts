// Waits until the cluster knows Functions and Revisions: whoever installs Rouse applies the two CRDs.

import { setTimeout as pause } from 'node:timers/promises';
import type { Resource } from '../api/kubernetes.ts';
import { functions, revisions } from '../api/resources.ts';
import type { KubeClient } from '../platform/kube/client.ts';
import { isKubeError } from '../platform/kube/kube-error.ts';
import type { Log } from '../platform/process/log.ts';

const askAgainMs = 100;
/** One line of log per so many questions. */
const logEvery = 100;

/** Resolves when both kinds are served, or when the signal aborts. An API server that is not up is waited for too. */
export async function waitForKinds(
  {
    client,
    log,
    namespace,
  }: {
    readonly client: KubeClient;
    readonly log: Log;
    /** Where listing is allowed; all namespaces when left out. */
    readonly namespace?: string | undefined;
  },
  signal: AbortSignal,
): Promise<void> {
  for (let asked = 0; !signal.aborted; asked += 1) {
    const missing = await findMissing(client, namespace);
    if (missing === undefined) return;
    if (asked % logEvery === 0) {
      log.info({ missing }, 'waiting for the API server to serve Functions and Revisions');
    }
    // Keeps the process alive, unlike a timer of the clock: there is nothing else that does yet.
    await pause(askAgainMs, undefined, { signal }).catch(() => {});
  }
}

async function findMissing(
  client: KubeClient,
  namespace: string | undefined,
): Promise<string | undefined> {
  for (const kind of [functions, revisions] as readonly Resource[]) {
    try {
      // A name that no object can have: asks for the collection, not for its objects.
      await client.list(kind, { namespace, fieldSelector: 'metadata.name=-' });
    } catch (error) {
      if (isKubeError(error, 404)) return `${kind.plural}.${kind.group}`;
      if (isKubeError(error)) throw error;
      return (error as Error).message;
    }
  }
  return undefined;
}
