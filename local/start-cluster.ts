// Starts the local cluster in this process: API server, workload controllers, kubelet.

import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { functionCrd } from '../api/function-crd.ts';
import { revisionCrd } from '../api/revision-crd.ts';
import type { KubeObject } from '../api/kubernetes.ts';
import { system } from '../api/names.ts';
import { customResourceDefinitions, endpointSlices } from '../api/resources.ts';
import { KubeClient } from '../platform/kube/client.ts';
import { systemClock } from '../platform/process/clock.ts';
import { ConfigError } from '../platform/process/config.ts';
import type { Log } from '../platform/process/log.ts';
import { startApiServer, type ApiServer } from './api-server/api-server.ts';
import { ensureCertificates, writePrivate } from './api-server/certificates.ts';
import { createInProcessTransport } from './api-server/in-process-transport.ts';
import { writeKubeconfig } from './api-server/write-kubeconfig.ts';
import { buildHelmOwned } from './build-helm-owned.ts';
import { buildPartSlice, partSliceNames, type Part } from './build-part-slices.ts';
import { ensureObject } from './ensure-object.ts';
import { Kubelet } from './kubelet/kubelet.ts';
import type { Runtimes } from './kubelet/pick-program.ts';
import type { Settings } from './settings.ts';
import { startWorkloads } from './workloads/start-workloads.ts';

export interface ClusterOptions {
  readonly settings: Pick<Settings, 'home' | 'apiPort' | 'parts'>;
  readonly runtimes: Runtimes;
  /** Outside the repository; pods have their private folders in it. */
  readonly cacheFolder: string;
  readonly log: Log;
}

export interface Cluster {
  readonly url: string;
  readonly kubeconfigPath: string;
  /** Lets these parts, and no others of an earlier start, be found where Kubernetes' Services would lead. */
  announce(parts: readonly Part[]): Promise<void>;
  /** Ends every pod's process and closes the database; no object is lost. */
  stop(): Promise<void>;
}

/** Throws ConfigError when the home is in use by another copy. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { settings, log } = options;
  const { home } = settings;
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const tls = await ensureCertificates({ folder: join(home, 'pki'), nowMs: systemClock.now() });
  const token = await ensureToken(join(home, 'pki', 'token'));
  const kubelet = new Kubelet({
    home,
    podsFolder: join(options.cacheFolder, 'pods', digestOf(home)),
    runtimes: options.runtimes,
    log,
  });
  const server = await openServer(
    {
      storagePath: join(home, 'cluster.db'),
      port: settings.apiPort,
      token,
      tls,
      admit: [kubelet.admit],
      podLogs: kubelet.podLogs,
      log,
    },
    home,
  );
  const transport = createInProcessTransport(server);
  const client = new KubeClient(transport, { fieldManager: 'rouse-local' });
  if (settings.parts === 'all') {
    for (const crd of [functionCrd, revisionCrd]) {
      await ensureObject(client, customResourceDefinitions, buildHelmOwned(crd as KubeObject));
    }
  }
  // First the kubelet: it must know the ports in use before anybody creates a pod.
  const api = { url: server.url, ca: tls.ca };
  await kubelet.start(new KubeClient(transport, { fieldManager: 'kubelet' }), api);
  const workloads = startWorkloads({ transport, log });
  await workloads.synced;
  const kubeconfigPath = join(home, 'kubeconfig');
  await writeKubeconfig({ path: kubeconfigPath, url: server.url, ca: tls.ca, token });
  return {
    url: server.url,
    kubeconfigPath,
    announce: async (parts) => {
      await announceParts(client, parts);
      log.info({ parts, namespace: system.namespaceDefault }, 'parts announced');
    },
    stop: async () => {
      await workloads.stop();
      await kubelet.stop();
      await server.close();
    },
  };
}

async function announceParts(client: KubeClient, parts: readonly Part[]): Promise<void> {
  const namespace = system.namespaceDefault;
  const slices = parts.map(buildPartSlice);
  for (const slice of slices) await ensureObject(client, endpointSlices, slice);
  const kept = slices.map((slice) => slice.metadata.name);
  for (const name of partSliceNames) {
    if (!kept.includes(name)) await client.delete(endpointSlices, { namespace, name });
  }
}

/** Short and the same for one home, so that two copies don't share folders. */
function digestOf(home: string): string {
  return createHash('sha256').update(home).digest('hex').slice(0, 12);
}

async function openServer(
  options: Parameters<typeof startApiServer>[0],
  home: string,
): Promise<ApiServer> {
  try {
    return await startApiServer(options);
  } catch (error) {
    // SQLite's word for a database that another process holds.
    if ((error as { errcode?: number }).errcode !== 5) throw error;
    throw new ConfigError(
      `${home} is in use by another copy; stop it or set ROUSE_HOME to another folder`,
    );
  }
}

/** The token outlives a restart, so that a kubeconfig copied elsewhere goes on working. */
async function ensureToken(path: string): Promise<string> {
  if (existsSync(path)) return readFileSync(path, 'utf8').trim();
  const token = randomBytes(24).toString('base64url');
  await writePrivate(path, token);
  return token;
}
