// Runs the benchmark where pods can be reached: in the network of the kind node, by this very command once more.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { clusterName, folders } from '../../../cluster/folders.ts';
import { findCluster } from '../../../cluster/status.ts';
import { provideKind } from '../../../cluster/up.ts';

/** Of the benchmarks' plain image; the number is raised with each change of test/bench/bare/pod.cjs. */
export const plainImage = 'rouse-bench/plain:1';

/** Where kubeadm lets the API server listen, as seen from inside the node. */
const serverInside = 'https://127.0.0.1:6443';
const bare = resolve(import.meta.dirname, '../bare');

export interface NodeEntered {
  /** Of a kubeconfig that is good inside the node's network. */
  readonly kubeconfig: string;
  /** Puts the plain image into the nodes. */
  readonly loadPlainImage: () => Promise<void>;
}

/** Does not return in the process that was started outside: it ends with the code of the one inside. */
export async function enterNode(): Promise<NodeEntered> {
  const found = await findCluster(await provideKind());
  if (found === undefined) {
    throw new Error('there is no cluster: npm run cluster -- up, then npm run cluster -- install');
  }
  const { cluster, docker } = found;
  const node = `${clusterName}-control-plane`;
  const pid = (await docker.run(['inspect', '--format', '{{.State.Pid}}', node])).trim();
  if (readNetworkOf('self') !== readNetworkOf(pid)) {
    const again = [process.execPath, ...process.argv.slice(1)];
    const args = ['--target', pid, '--net', '--', ...again];
    const { status, error } = spawnSync('nsenter', args, { stdio: 'inherit' });
    if (error !== undefined) throw error;
    process.exit(status ?? 1);
  }
  const folder = mkdtempSync(join(tmpdir(), 'rouse-bench-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const text = readFileSync(folders.kubeconfig, 'utf8');
  writeFileSync(kubeconfig, text.replace(/server: \S+/, `server: ${serverInside}`), {
    mode: 0o600,
  });
  return {
    kubeconfig,
    loadPlainImage: async () => {
      await docker.build({ context: bare, tag: plainImage, buildArguments: {} });
      await cluster.load(plainImage);
    },
  };
}

function readNetworkOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch (error) {
    throw new Error(
      'the benchmark of the cluster needs root on the machine of its nodes (Linux): ' +
        'it knocks on pods from inside the node',
      { cause: error },
    );
  }
}
