// Gets a host ready for a cluster: installs what may be installed, and starts a Docker where none runs.

import { join } from 'node:path';
import { Docker } from './docker.ts';
import { goModules } from './go-modules.ts';
import { isDockerRunning, observeHost } from './observe-host.ts';
import {
  hasOwnDockerCrashed,
  isOwnDockerAlive,
  ownDockerEnv,
  startOwnDocker,
} from './own-docker.ts';
import { planHost, type HostPlan } from './plan-host.ts';
import { step } from './print-step.ts';
import { provideBinaries } from './provide-binaries.ts';
import { run } from './run-program.ts';
import { StopError } from './stop-error.ts';

const installMsMax = 15 * 60_000;

export interface PreparedHost {
  readonly plan: HostPlan;
  readonly docker: Docker;
}

export async function prepareHost(): Promise<PreparedHost> {
  const wanted = await lookAndPlan();
  if (wanted.packages.length > 0) await install(wanted.packages);
  // A package may have brought a Docker that runs already.
  const plan = wanted.packages.length > 0 ? await lookAndPlan() : wanted;
  if (plan.packages.length > 0) {
    throw new StopError(
      `${plan.packages.join(', ')} installed, and yet their programs are missing`,
    );
  }
  if (plan.docker === 'running') return { plan, docker: new Docker(process.env) };
  const runtime = plan.wrapRunc ? await provideRuntime() : undefined;
  if (!isOwnDockerAlive()) await step('starting dockerd', () => startOwnDocker(runtime));
  return { plan, docker: new Docker(ownDockerEnv) };
}

/** The Dockers that may hold our cluster, without changing anything but reviving one of ours that died. */
export async function findDockers(): Promise<readonly Docker[]> {
  const own = isOwnDockerAlive() ? [new Docker(ownDockerEnv)] : [];
  const isOther = process.env['DOCKER_HOST'] !== ownDockerEnv.DOCKER_HOST;
  const running = isOther && (await isDockerRunning(process.env));
  return [...own, ...(running ? [new Docker(process.env)] : [])];
}

async function lookAndPlan(): Promise<HostPlan> {
  const facts = await observeHost();
  const hasOwn = isOwnDockerAlive() || hasOwnDockerCrashed();
  const decision = planHost({ ...facts, isDockerRunning: facts.isDockerRunning && !hasOwn });
  if ('missing' in decision) throw new StopError(decision.missing);
  return decision.plan;
}

async function install(packages: readonly string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = { env, nice: true, timeoutMs: installMsMax };
  await step(`installing the Debian packages ${packages.join(', ')}`, async () => {
    await run('apt-get', ['update', '-q'], options);
    await run('apt-get', ['install', '-qy', '--no-install-recommends', ...packages], options);
  });
}

async function provideRuntime(): Promise<string> {
  const { folder } = await provideBinaries(goModules['runc-wrapper']);
  return join(folder, 'runc-wrapper');
}
