// The local cluster as the cases meet it: API server, workload controllers and a kubelet whose images are known.

import { join } from 'node:path';
import { startApiServer } from '../../../local/api-server/api-server.ts';
import { ensureCertificates } from '../../../local/api-server/certificates.ts';
import { createInProcessTransport } from '../../../local/api-server/in-process-transport.ts';
import { writeKubeconfig } from '../../../local/api-server/write-kubeconfig.ts';
import { Kubelet } from '../../../local/kubelet/kubelet.ts';
import { startWorkloads } from '../../../local/workloads/start-workloads.ts';
import { KubeClient } from '../../../platform/kube/client.ts';
import { silentLog } from '../../../platform/process/log.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { connectServer } from './server-under-test.ts';
import type { ServerUnderTest } from './server-under-test.ts';

const token = 'a-token-for-conformance';
const stopMs = 1_000;
/** What a real node has without a registry, and what stands for it here. */
const runtimes = {
  'registry.k8s.io/pause': { command: ['/bin/sh', '-c', 'exec sleep 1000'] },
  'registry.k8s.io/coredns/coredns': { command: ['/bin/echo', 'CoreDNS-1'] },
};

export interface LocalServer {
  readonly server: ServerUnderTest;
  stop(): Promise<void>;
}

export async function startLocalServer(): Promise<LocalServer> {
  const home = mkdtempSync(join(tmpdir(), 'rouse-conformance-'));
  const log = silentLog;
  const tls = await ensureCertificates({ folder: join(home, 'pki'), nowMs: Date.now() });
  const kubelet = new Kubelet({ home, runtimes, log });
  const api = await startApiServer({
    storagePath: ':memory:',
    port: 0,
    token,
    tls,
    admit: [kubelet.admit],
    podLogs: kubelet.podLogs,
    log,
    freeze: true,
  });
  const transport = createInProcessTransport(api);
  await kubelet.start(new KubeClient(transport, { fieldManager: 'kubelet' }));
  const workloads = startWorkloads({ transport, log });
  await workloads.synced;
  const kubeconfig = join(home, 'kubeconfig');
  await writeKubeconfig({ path: kubeconfig, url: api.url, ca: tls.ca, token });
  const server = await connectServer(kubeconfig);
  return {
    server,
    stop: async () => {
      server.close();
      await workloads.stop();
      await kubelet.stop(stopMs);
      await api.close();
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
