// What `up` notes about a cluster that it finished; without a note, a cluster is half-made.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folders } from './folders.ts';

export interface ClusterNote {
  readonly nodes: number;
  readonly gatewayPort: number;
  readonly nodeImage: string;
  /** The container that is the control plane's node, and the Docker it is in, where that isn't the default one. */
  readonly firstNode: string;
  readonly dockerHost?: string;
  /** Docker's network "kind" came with this cluster, and goes with it. */
  readonly madeNetwork: boolean;
}

const file = join(folders.state, 'cluster.json');

export function readNote(): ClusterNote | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ClusterNote;
  } catch {
    return undefined;
  }
}

export function writeNote(note: ClusterNote): void {
  mkdirSync(folders.state, { recursive: true });
  writeFileSync(file, `${JSON.stringify(note, null, 2)}\n`);
}

/** The logs that someone exported stay. */
export function forgetCluster(): void {
  for (const name of ['cluster.json', 'kind.json', 'kubeconfig', 'kubeconfig.lock']) {
    rmSync(join(folders.state, name), { force: true });
  }
}
