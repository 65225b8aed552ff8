// A real API server on a free port with a real kubectl beside it, for the integration tests.

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApiServer } from '../../../local/api-server/api-server.ts';
import type { ApiServer, ApiServerOptions } from '../../../local/api-server/api-server.ts';
import { ensureCertificates } from '../../../local/api-server/certificates.ts';
import type { Certificates } from '../../../local/api-server/certificates.ts';
import { writeKubeconfig } from '../../../local/api-server/write-kubeconfig.ts';
import { findKubectl, kubectlMissing } from '../../support/kubectl.ts';

const token = 'integration-test-token';
const kubectlTimeoutMs = 20_000;

export interface KubectlResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface TestCluster {
  server: ApiServer;
  readonly kubeconfig: string;
  /** For a kubectl of one's own: a home without another cluster's discovery cache. */
  readonly env: NodeJS.ProcessEnv;
  readonly token: string;
  readonly ca: string;
  readonly tls: Certificates;
  /** Runs kubectl; `input` becomes its standard input. */
  kubectl(args: readonly string[], input?: string): Promise<KubectlResult>;
  /** The same, and its standard output; rejects when kubectl fails. */
  output(args: readonly string[], input?: string): Promise<string>;
  /** Stops the server and starts it again on the same port and storage. */
  restart(options?: Partial<ApiServerOptions>): Promise<void>;
  close(): Promise<void>;
}

/** The path of kubectl; undefined, with the reason printed, where there is none. */
export function kubectlOrSkip(): string | undefined {
  const path = findKubectl();
  if (path === undefined) process.stderr.write(`${kubectlMissing}; these tests are skipped\n`);
  return path;
}

export async function startTestCluster(
  options: Partial<ApiServerOptions> = {},
): Promise<TestCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'rouse-api-'));
  const tls = await ensureCertificates({ folder: join(folder, 'pki'), nowMs: Date.now() });
  const storagePath = join(folder, 'cluster.db');
  const start = (port: number, more: Partial<ApiServerOptions> = {}): Promise<ApiServer> =>
    startApiServer({ storagePath, port, token, tls, ...options, ...more });
  const kubeconfig = join(folder, 'kubeconfig');
  const env = { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: kubeconfig };
  const server = await start(0);
  await writeKubeconfig({ path: kubeconfig, url: server.url, ca: tls.ca, token });
  const cluster: TestCluster = {
    server,
    kubeconfig,
    env,
    token,
    ca: tls.ca,
    tls,
    kubectl: (args, input) => runKubectl(env, args, input),
    output: async (args, input) => {
      const result = await runKubectl(env, args, input);
      if (result.code === 0) return result.stdout;
      throw new Error(`kubectl ${args.join(' ')} failed: ${result.stderr}${result.stdout}`);
    },
    restart: async (more) => {
      const { port } = cluster.server.address;
      await cluster.server.close();
      cluster.server = await start(port, more);
    },
    close: async () => {
      await cluster.server.close();
      await rm(folder, { recursive: true });
    },
  };
  return cluster;
}

function runKubectl(
  env: NodeJS.ProcessEnv,
  args: readonly string[],
  input?: string,
): Promise<KubectlResult> {
  return new Promise((resolve) => {
    const options = { env, timeout: kubectlTimeoutMs, maxBuffer: 16 * 1024 * 1024 };
    const child = execFile(findKubectl() ?? 'kubectl', args, options, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : error === null ? 0 : 1;
      resolve({ code, stdout, stderr });
    });
    child.stdin?.end(input ?? '');
  });
}
