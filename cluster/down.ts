// `down`: the cluster goes, then our Docker if nobody else uses it, then its traces in the host's network.

import { forgetCluster, readNote } from './cluster-note.ts';
import type { Docker } from './docker.ts';
import { clusterName } from './folders.ts';
import { hasOwnDockerCrashed, isOwnDockerAlive, ownDockerEnv } from './own-docker.ts';
import { restartOwnDocker, stopOwnDocker } from './own-docker.ts';
import { findDockers } from './prepare-host.ts';
import { say, step } from './print-step.ts';

export async function down(): Promise<void> {
  if (hasOwnDockerCrashed()) {
    await step('starting dockerd again, which died, to end what it ran', restartOwnDocker);
  }
  const note = readNote();
  let isFound = false;
  for (const docker of await findDockers()) {
    if (!(await deleteCluster(docker))) continue;
    isFound = true;
    // Left where another cluster is in it.
    if (note?.madeNetwork === true) await docker.try(['network', 'rm', 'kind']);
  }
  forgetCluster();
  if (!isFound) say(`cluster ${clusterName} is not there`);
  if (isOwnDockerAlive()) await stopUnusedDocker(ownDockerEnv.DOCKER_HOST);
}

/** Says whether there was one; what belongs to it is told by kind's label, so that half a cluster goes too. */
export async function deleteCluster(docker: Docker): Promise<boolean> {
  const filter = `label=io.x-k8s.kind.cluster=${clusterName}`;
  const nodes = (await docker.run(['ps', '-aq', '--filter', filter])).trim().split('\n');
  const found = nodes.filter((node) => node !== '');
  if (found.length === 0) return false;
  await step(`deleting cluster ${clusterName}`, () => docker.run(['rm', '-fv', ...found]));
  return true;
}

async function stopUnusedDocker(host: string): Promise<void> {
  const [own] = (await findDockers()).filter(({ env }) => env['DOCKER_HOST'] === host);
  const used = own === undefined ? '' : (await own.run(['ps', '--format', '{{.Names}}'])).trim();
  if (used === '') await step('stopping dockerd', stopOwnDocker);
  else say(`dockerd stays, since these containers run: ${used.split('\n').join(', ')}`);
}
