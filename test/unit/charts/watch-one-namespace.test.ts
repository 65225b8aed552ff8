// ROUSE_NAMESPACE_WATCHED: with it a Role in one namespace is enough, since nothing is asked of the whole cluster.

import { describe, expect, it } from '@jest/globals';
import { readSettings as readActivatorSettings } from '../../../activator/settings.ts';
import { createKubeCaches } from '../../../activator/kube-caches.ts';
import type { KubeObject } from '../../../api/kubernetes.ts';
import { createCaches, startCaches } from '../../../controller/caches.ts';
import { readSettings } from '../../../controller/settings.ts';
import { KubeClient } from '../../../platform/kube/client.ts';
import type { Informer } from '../../../platform/kube/informer.ts';
import type { Transport } from '../../../platform/kube/transport.ts';
import { silentLog as log } from '../../../platform/process/log.ts';

const systemNamespace = 'rouse-system';

/** A server with nothing in it, and the paths it was asked for. */
function createEmptyServer(): { client: KubeClient; paths: Set<string> } {
  const paths = new Set<string>();
  const transport: Transport = {
    request: ({ path }) => {
      paths.add(path);
      return Promise.resolve({ status: 200, body: { metadata: { resourceVersion: '1' }, items: [] } });
    },
    watch: ({ path, signal }) => {
      paths.add(path);
      return new Promise((resolve) => signal?.addEventListener('abort', () => resolve()));
    },
  };
  return { client: new KubeClient(transport), paths };
}

async function askAsController(namespaceWatched: string | undefined): Promise<string[]> {
  const { client, paths } = createEmptyServer();
  const stopping = new AbortController();
  const caches = createCaches({ client, log, systemNamespace, namespaceWatched });
  await startCaches(caches, stopping.signal);
  stopping.abort();
  return [...paths];
}

async function askAsActivator(namespaceWatched: string | undefined): Promise<string[]> {
  const { client, paths } = createEmptyServer();
  const stopping = new AbortController();
  const namespaces = { systemNamespace, namespaceWatched };
  const caches = createKubeCaches({ client, log, podRequestsMax: 1, ...namespaces });
  const all = Object.values(caches) as Informer<KubeObject>[];
  for (const one of all) one.start(stopping.signal);
  await Promise.all(all.map((one) => one.synced));
  stopping.abort();
  return [...paths];
}

describe.each([
  ['controller', askAsController, readSettings],
  ['activator', askAsActivator, readActivatorSettings],
] as const)('the %s', (_, ask, read) => {
  it('asks of the whole cluster by default', async () => {
    const { namespaceWatched } = read({});
    const paths = await ask(namespaceWatched);
    expect(paths).toContain('/apis/rouse.dev/v1alpha1/functions');
    expect(paths).toContain('/api/v1/pods');
  });

  it('asks only of the namespace it watches and its own, when it is told to', async () => {
    const { namespaceWatched } = read({ ROUSE_NAMESPACE_WATCHED: 'team-a' });
    const paths = await ask(namespaceWatched);
    expect(paths).toContain('/apis/rouse.dev/v1alpha1/namespaces/team-a/functions');
    expect(paths.filter((path) => !/\/namespaces\/(team-a|rouse-system)\//.test(path))).toEqual([]);
  });
});
