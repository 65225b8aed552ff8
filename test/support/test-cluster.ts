// A local cluster for tests: the real API server, the real workload controllers, real processes as pods.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Container, Pod, PodSpec } from '../../api/kubernetes.ts';
import { pods } from '../../api/resources.ts';
import { startApiServer, type ApiServer } from '../../local/api-server/api-server.ts';
import { ensureCertificates } from '../../local/api-server/certificates.ts';
import { createInProcessTransport } from '../../local/api-server/in-process-transport.ts';
import { Kubelet } from '../../local/kubelet/kubelet.ts';
import type { Runtimes } from '../../local/kubelet/pick-program.ts';
import { startWorkloads, type Workloads } from '../../local/workloads/start-workloads.ts';
import { KubeClient } from '../../platform/kube/client.ts';
import type { Transport } from '../../platform/kube/transport.ts';
import { silentLog } from '../../platform/process/log.ts';
import { waitFor } from './wait-for.ts';

export interface TestCluster {
  readonly home: string;
  readonly client: KubeClient;
  readonly transport: Transport;
  readonly kubelet: Kubelet;
  readonly server: ApiServer;
  /** Ends everything but keeps the home, so that another cluster can go on from it. */
  stop(): Promise<void>;
  /** `stop`, and the home goes too. */
  remove(): Promise<void>;
}

export const testToken = 'a-token-for-tests-only';
/** Runs until it is told to end. */
export const sleeper = ['/bin/sh', '-c', 'exec sleep 1000'];

export async function startTestCluster(
  options: {
    readonly home?: string;
    readonly stopMs?: number;
    /** More than `test/sleeper`. */
    readonly runtimes?: Runtimes;
  } = {},
): Promise<TestCluster> {
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'rouse-cluster-'));
  mkdirSync(home, { recursive: true });
  const log = silentLog;
  const tls = await ensureCertificates({ folder: join(home, 'pki'), nowMs: Date.now() });
  const runtimes = { 'test/sleeper': { command: sleeper }, ...options.runtimes };
  const kubelet = new Kubelet({ home, runtimes, log });
  const server = await startApiServer({
    storagePath: join(home, 'cluster.db'),
    port: 0,
    token: testToken,
    tls,
    admit: [kubelet.admit],
    podLogs: kubelet.podLogs,
    log,
    freeze: true,
  });
  const transport = createInProcessTransport(server);
  const api = { url: server.url, ca: tls.ca };
  await kubelet.start(new KubeClient(transport, { fieldManager: 'kubelet' }), api);
  const workloads: Workloads = startWorkloads({ transport, log });
  await workloads.synced;
  const stop = async (): Promise<void> => {
    await workloads.stop();
    await kubelet.stop(options.stopMs ?? 1_000);
    await server.close();
  };
  return {
    home,
    client: new KubeClient(transport, { fieldManager: 'test' }),
    transport,
    kubelet,
    server,
    stop,
    remove: async () => {
      await stop();
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** A bare pod with one container named `main`. */
export function buildTestPod(
  name: string,
  container: Partial<Container>,
  spec: Partial<PodSpec> = {},
): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: {
      terminationGracePeriodSeconds: 1,
      ...spec,
      containers: [{ name: 'main', image: 'test/sleeper', ...container }],
    },
  };
}

/** Waits until the pod is as `isDone` wants it, and returns it. */
export function waitForPod(
  client: KubeClient,
  name: string,
  isDone: (pod: Pod) => unknown,
  deadlineMs?: number,
): Promise<Pod> {
  return waitFor(
    async () => {
      const pod = await client.getOrUndefined(pods, { namespace: 'default', name });
      return pod !== undefined && isDone(pod) ? pod : undefined;
    },
    { what: `pod ${name}`, stepMs: 5, ...(deadlineMs !== undefined && { deadlineMs }) },
  );
}

export function waitUntilGone(client: KubeClient, name: string): Promise<unknown> {
  return waitFor(
    async () => (await client.getOrUndefined(pods, { namespace: 'default', name })) === undefined,
    { what: `pod ${name} to be gone`, stepMs: 5 },
  );
}

/** The pid of the pod's running process, as the kubelet reports it. */
export function pidOf(pod: Pod): number {
  const id = pod.status?.containerStatuses?.[0]?.containerID ?? '';
  return Number(/^process:\/\/(\d+)-/.exec(id)?.[1]);
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The whole log, or what a follower sees until it ends. */
export async function readAllLog(
  cluster: TestCluster,
  name: string,
  options: Parameters<Kubelet['podLogs']>[2] = {},
): Promise<string> {
  const chunks = cluster.kubelet.podLogs('default', name, { container: 'main', ...options });
  if (chunks === undefined) throw new Error(`no log of ${name}`);
  let text = '';
  for await (const chunk of chunks) text += chunk.toString();
  return text;
}
