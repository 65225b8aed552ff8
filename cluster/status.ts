// `status`: what is there, where it answers, and how to talk to it.

import { relative } from 'node:path';
import { gatewayNodePort } from './build-kind-config.ts';
import { readNote, type ClusterNote } from './cluster-note.ts';
import type { Docker } from './docker.ts';
import { clusterName, folders } from './folders.ts';
import { KindCluster } from './kind-cluster.ts';
import { findDockers } from './prepare-host.ts';
import { say } from './print-step.ts';
import { StopError } from './stop-error.ts';

export async function status(): Promise<void> {
  const found = await findCluster();
  const note = readNote();
  if (found === undefined) throw new StopError(`cluster ${clusterName} is not up`);
  const { cluster, docker } = found;
  if (note === undefined || !(await cluster.isReady())) {
    throw new StopError(`cluster ${clusterName} is there and does not answer: "up" mends it`);
  }
  say((await cluster.kubectl(['get', 'nodes', '-o', 'wide'])).trim());
  sayAddresses(note, docker);
}

/** The Docker that has our nodes; `kind` is the program, where the caller needs one. */
export async function findCluster(
  kind = 'kind',
): Promise<{ readonly cluster: KindCluster; readonly docker: Docker } | undefined> {
  for (const docker of await findDockers()) {
    const cluster = new KindCluster(docker, kind);
    if ((await cluster.listNodes()).length > 0) return { cluster, docker };
  }
  return undefined;
}

export function sayAddresses(note: ClusterNote, docker: Docker): void {
  const host = docker.env['DOCKER_HOST'];
  say(`node image: ${note.nodeImage}`);
  say(`gateway:    http://127.0.0.1:${note.gatewayPort} leads to NodePort ${gatewayNodePort}`);
  say(`kubectl:    export KUBECONFIG=$PWD/${relative(process.cwd(), folders.kubeconfig)}`);
  if (host !== undefined) say(`docker:     export DOCKER_HOST=${host}`);
}
