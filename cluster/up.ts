// `up`: from a bare machine to a cluster that answers; harmless where one already does.

import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { buildKindConfig } from './build-kind-config.ts';
import { forgetCluster, readNote, writeNote, type ClusterNote } from './cluster-note.ts';
import { deleteCluster } from './down.ts';
import type { Docker } from './docker.ts';
import { clusterName, folders } from './folders.ts';
import { goModules } from './go-modules.ts';
import { KindCluster } from './kind-cluster.ts';
import { isOnPath } from './observe-host.ts';
import type { UpOptions } from './parse-command.ts';
import { prepareHost, type PreparedHost } from './prepare-host.ts';
import { say, step } from './print-step.ts';
import { provideBinaries } from './provide-binaries.ts';
import { provideNodeImage } from './provide-node-image.ts';
import { sayAddresses } from './status.ts';
import { StopError } from './stop-error.ts';

const gatewayPortDefault = 8088;
/** A node that is started again took 6 to 26 s. */
const againReadyMsMax = 90_000;

export async function up(asked: UpOptions): Promise<void> {
  mkdirSync(folders.state, { recursive: true });
  const host = await prepareHost();
  const cluster = new KindCluster(host.docker, await provideKind());
  const note = await keepWhatRuns(cluster, host.docker, asked);
  if (note !== undefined) {
    say(`cluster ${clusterName} is already up`);
    sayAddresses(note, host.docker);
    return;
  }
  sayAddresses(await create(cluster, host, asked), host.docker);
}

/** The one on the PATH where there is no Go to build ours. */
export async function provideKind(): Promise<string> {
  if (!isOnPath('go')) return 'kind';
  const { folder } = await provideBinaries(goModules.kind);
  return join(folder, 'kind');
}

async function keepWhatRuns(
  cluster: KindCluster,
  docker: Docker,
  asked: UpOptions,
): Promise<ClusterNote | undefined> {
  const found = await cluster.listNodes();
  if (found.length === 0) return undefined;
  const note = readNote();
  if (note !== undefined && found.length === note.nodes) {
    const stopped = found.filter(({ isRunning }) => !isRunning).map(({ name }) => name);
    if (stopped.length > 0) await docker.run(['start', ...stopped]);
    if (await cluster.becomesReady(againReadyMsMax)) return sameAs(asked, note);
  }
  say(`cluster ${clusterName} is not whole, as after a crash: making it anew`);
  await deleteCluster(docker);
  forgetCluster();
  return undefined;
}

function sameAs(asked: UpOptions, note: ClusterNote): ClusterNote {
  const { nodes = note.nodes, gatewayPort = note.gatewayPort } = asked;
  if (nodes === note.nodes && gatewayPort === note.gatewayPort) return note;
  throw new StopError(
    `the cluster is up with ${note.nodes} node(s) and gateway port ${note.gatewayPort}; ` +
      'for another shape run "npm run cluster -- down" first',
  );
}

async function create(
  cluster: KindCluster,
  { plan, docker }: PreparedHost,
  asked: UpOptions,
): Promise<ClusterNote> {
  const { nodes = 1, gatewayPort = gatewayPortDefault } = asked;
  await checkPort(gatewayPort);
  const builtImage = plan.nodeImage === 'built' ? await provideNodeImage(docker) : undefined;
  const madeNetwork = (await docker.try(['network', 'inspect', 'kind'])).code !== 0;
  const { restrictOomScore, allowCgroupV1 } = plan;
  const shape = { nodes, gatewayPort, builtImage, restrictOomScore, allowCgroupV1 };
  await step(`creating cluster ${clusterName} with ${nodes} node(s)`, () =>
    cluster.create(buildKindConfig(shape)),
  );
  await step('waiting for Services and DNS', () => cluster.waitForNetwork());
  const nodeImage = builtImage?.tag ?? 'the one kind publishes';
  const dockerHost = docker.env['DOCKER_HOST'];
  const note: ClusterNote = {
    nodes,
    gatewayPort,
    nodeImage,
    madeNetwork,
    firstNode: `${clusterName}-control-plane`,
    ...(dockerHost === undefined ? {} : { dockerHost }),
  };
  writeNote(note);
  return note;
}

async function checkPort(port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const server = createServer();
    server.once('error', () =>
      reject(new StopError(`port ${port} on 127.0.0.1 is taken: choose one by --gateway-port`)),
    );
    server.listen(port, '127.0.0.1', () => server.close(() => resolve()));
  });
}
